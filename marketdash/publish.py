"""The seam between the apps and the live side: neither imports the other.

Apps read last values with :func:`read` and tell the running processes of a change with :func:`notify`; what
they can publish themselves they offer with :func:`register`. The live app puts itself behind all of it with
:func:`connect` when Django has started.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple, Protocol

logger = logging.getLogger(__name__)


class Row(NamedTuple):
    """A topic's last value. ``age_us``: since it was received. ``body``: the fields of the channel's row."""

    state: str
    reason: str
    age_us: int
    body: dict[str, Any]


class Statistics(NamedTuple):
    """What the live side of this process counts. ``waiting``: slots of clients that cannot be sent anything;
    ``lateness``: counts by :data:`feeds.latency.BOUNDS_US` and more, of messages of the bus."""

    clients: int = 0
    views: int = 0
    topics: int = 0
    waiting: int = 0
    counters: dict[str, int] = {}  # noqa: RUF012 (nobody changes it)
    lateness: tuple[int, ...] = (0,) * 12
    lateness_sum_us: int = 0
    memory_bytes: int = 0
    cpu_s: float = 0.0


class Source(Protocol):
    """What an app publishes on a channel of its own."""

    def authorise(self, user: object, params: dict[str, Any]) -> bool:
        """Whether this user may follow what ``params`` name."""

    def open(self, topic: str, ticks: object) -> Awaitable[None]:
        """Begin: a snapshot, then rows."""

    def close(self) -> None:
        """Nobody follows it any more."""


Reader = Callable[[list[str], float], Awaitable[dict[str, Row]]]
Notifier = Callable[[str, tuple[Any, ...]], None]
Counting = Callable[[], Statistics]

_sources: dict[str, Source] = {}
_reader: Reader | None = None
_notifier: Notifier | None = None
_counting: Counting | None = None


def register(channel: str, source: Source) -> None:
    """In ``AppConfig.ready()``. One source for each channel."""
    if _sources.setdefault(channel, source) is not source:
        raise ValueError(f"channel {channel!r} has a source already")


def sources() -> dict[str, Source]:
    """By channel."""
    return dict(_sources)


def connect(reader: Reader, notifier: Notifier, counting: Counting | None = None) -> None:
    """What stands behind :func:`read`, :func:`notify` and :func:`statistics` in this process."""
    global _reader, _notifier, _counting
    _reader, _notifier, _counting = reader, notifier, counting


def statistics() -> Statistics:
    """Of the hub of the running loop."""
    return _counting() if _counting is not None else Statistics()


async def read(topics: Iterable[str], timeout_s: float) -> dict[str, Row]:
    """Last values of topics such as ``ticker:KRAKEN:BTC/USD``, from the hub of the running loop.

    Waits at most ``timeout_s`` for those that are not at hand; topics without a value are left out.
    """
    names = list(topics)
    return await _reader(names, timeout_s) if _reader is not None and names else {}


def notify(kind: str, *details: Any) -> None:
    """Tell all running processes: ``notify("configure")``, ``notify("revoke", user_id)``.

    To be called on commit. Never raises: what is not heard is noticed within 30 s by those concerned.
    """
    if _notifier is None:
        return
    try:
        _notifier(kind, details)
    except Exception as problem:  # the change is committed: a bus that is away must not make it look failed
        logger.warning("notice %r could not be sent: %s", kind, problem)
