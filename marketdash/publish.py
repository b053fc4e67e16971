"""The seam between the apps and the live side: neither imports the other.

Apps read last values with :func:`read`, or what is remembered with :func:`last_closes`, and tell the running
processes of a change with :func:`notify`; what they can publish themselves they offer with :func:`register`.
When Django has started the live app puts itself behind it with :func:`connect`, the history with
:func:`remember`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

logger = logging.getLogger(__name__)


class Standing(NamedTuple):
    """State and reason as people read them: what its hours halt is ``closed``, and no trouble."""

    state: str
    reason: str


def standing(state: str, reason: str, phase: object) -> Standing:
    """Of what a row says of itself. ``core/age.js`` reads it the same."""
    if state != "halted" or phase != "closed":
        return Standing(state, reason)
    return Standing("closed", reason.removeprefix("closed").removeprefix(", "))


class Row(NamedTuple):
    """A topic's last value. ``age_us``: since it was received. ``body``: the fields of the channel's row."""

    state: str
    reason: str
    age_us: int
    body: dict[str, Any]

    @property
    def standing(self) -> Standing:
        return standing(self.state, self.reason, self.body.get("phase"))


UNHEARD = Row("down", "no word from the feed", 0, {})
"""What never came, of a feed that is silent. Nobody changes it."""


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
    tasks: int = 0


class Ticks(Protocol):
    """What whoever makes topics of others hears of those. Called from the loop only."""

    def moved(self) -> set[str]:
        """Topics that are made use of and came anew, or are not any more, since this was last asked."""

    def value(self, topic: str) -> Row | None:
        """The last one; None while there is none, or when nobody makes use of it any more."""


class Watch(Ticks, Protocol):
    """Last values that somebody in this process hears of as they come, for as long as it is not closed."""

    def use(self, topics: Iterable[str]) -> None:
        """These and no others; what they say now counts as moved."""

    def close(self) -> None: ...


class Made(Protocol):
    """One topic, made of the ``inputs``. Bodies are JSON objects: fields of the channel's row."""

    inputs: frozenset[str]

    def whole(self) -> bytes:
        """As it is now; :meth:`since` goes on from here."""

    def said(self) -> bytes:
        """As it was last said, by either of the others."""

    def since(self) -> bytes | None:
        """What changed, or None. Asked when an input moved, as often as somebody can be told."""


class Desk(Protocol):
    """Makes topics of one channel in one process."""

    async def open(self, key: str, before: Made | None) -> Made:
        """``before``, if it is that still. Raises :class:`LookupError` when there is no such thing."""

    async def unlike(self, made: Mapping[str, Made]) -> set[str]:
        """Keys of those that are something else by now, or nothing: asked for all that are due at once."""


class Source(Protocol):
    """What an app publishes on a channel of its own: topics ``channel:key``, made where they are watched.

    Whether somebody may watch one is for :mod:`marketdash.access` to say.
    """

    def desk(self, ticks: Ticks) -> Desk: ...


class LastClose(NamedTuple):
    """The close of an instrument's newest stored bar, and the wall time at which that bar ended."""

    close: str
    end_us: int


class PastClose(NamedTuple):
    """A stored close near some time: of a bar of ``interval`` minutes that ended at ``end_us``."""

    close: str
    end_us: int
    interval: int


class DayClose(NamedTuple):
    """Of a whole day in UTC; ``complete``: no trade of it was missed."""

    close: str
    complete: bool


Moment = tuple[str, int]
"""An instrument, and a time in microseconds."""


class Memory(Protocol):
    """What is remembered of markets: for pages that find no last value."""

    async def last_closes(self, symbols: Iterable[str], before_us: int | None = None) -> dict[str, LastClose]:
        """Those that are known; ``before_us``: of bars that had ended by then."""

    async def closes(self, symbols: Iterable[str], interval: int, count: int) -> dict[str, list[str]]:
        """Of the last ``count`` times of ``interval`` minutes, oldest first."""

    def closes_at(self, wanted: Iterable[Moment]) -> dict[Moment, PastClose]:
        """The nearest to each; in a thread."""

    def day_closes(
        self, symbols: Iterable[str], from_us: int, until_us: int
    ) -> dict[str, dict[int, DayClose]]:
        """Of days that began from then until then, by their beginning; in a thread."""

    def fetch(self, wanted: Iterable[Moment], intervals: Iterable[int]) -> set[str]:
        """Has bars that reach back so far fetched; those of which some are on their way. In a thread."""


Reader = Callable[[list[str], float], Awaitable[dict[str, Row]]]
Notifier = Callable[[str, tuple[Any, ...]], None]
Counting = Callable[[], Statistics]
Watching = Callable[[Callable[[], None]], Watch]

Found = TypeVar("Found")

_sources: dict[str, Source] = {}
_reader: Reader | None = None
_memory: Memory | None = None
_notifier: Notifier | None = None
_counting: Counting | None = None
_watching: Watching | None = None


def register(channel: str, source: Source) -> None:
    """In ``AppConfig.ready()``. One source for each channel."""
    if _sources.setdefault(channel, source) is not source:
        raise ValueError(f"channel {channel!r} has a source already")


def sources() -> dict[str, Source]:
    """By channel."""
    return dict(_sources)


def remember(memory: Memory) -> None:
    """In ``AppConfig.ready()``: what stands behind :func:`last_closes` and :func:`closes`."""
    global _memory
    _memory = memory


def connect(
    reader: Reader, notifier: Notifier, counting: Counting | None = None, watching: Watching | None = None
) -> None:
    """What stands behind :func:`read`, :func:`notify`, :func:`statistics` and :func:`watch` here."""
    global _reader, _notifier, _counting, _watching
    _reader, _notifier, _counting, _watching = reader, notifier, counting, watching


def statistics() -> Statistics:
    """Of the hub of the running loop."""
    return _counting() if _counting is not None else Statistics()


def watch(stir: Callable[[], None]) -> Watch:
    """Topics to be heard of on the running loop; ``stir`` is called there whenever one of them moved."""
    if _watching is None:
        raise RuntimeError("expected the live side to be connected, found nothing")
    return _watching(stir)


async def read(topics: Iterable[str], timeout_s: float) -> dict[str, Row]:
    """Last values of topics such as ``ticker:KRAKEN:BTC/USD``, from the hub of the running loop.

    Waits at most ``timeout_s`` for those that are not at hand; topics without a value are left out, but for
    those of instruments whose feed is silent: they are down, and their row holds nothing.
    """
    names = list(topics)
    return await _reader(names, timeout_s) if _reader is not None and names else {}


async def last_closes(
    symbols: Iterable[str], timeout_s: float, before_us: int | None = None
) -> dict[str, LastClose]:
    """What a page shows where :func:`read` has nothing, or of a time that is past.

    Empty when the database does not answer in time.
    """
    names = list(symbols)
    found = (
        await _remembered(lambda memory: memory.last_closes(names, before_us), timeout_s) if names else None
    )
    return found or {}


async def closes(symbols: Iterable[str], interval: int, count: int, timeout_s: float) -> dict[str, list[str]]:
    """Stored closes, for a line in a list. Empty when the database does not answer in time."""
    names = list(symbols)
    found = (
        await _remembered(lambda memory: memory.closes(names, interval, count), timeout_s) if names else None
    )
    return found or {}


def closes_at(wanted: Iterable[Moment]) -> dict[Moment, PastClose]:
    """What markets said near many times that are past; those that nothing is stored of are left out.

    To be called from a thread. Raises what the database raises: whoever asks writes to the same one.
    """
    asked = set(wanted)
    return _memory.closes_at(asked) if _memory is not None and asked else {}


def day_closes(symbols: Iterable[str], from_us: int, until_us: int) -> dict[str, dict[int, DayClose]]:
    """Of each the closes of days, by the day's beginning; a day that nothing is stored of is left out.

    As :func:`closes_at`.
    """
    asked = set(symbols)
    return _memory.day_closes(asked, from_us, until_us) if _memory is not None and asked else {}


def fetch_bars(wanted: Iterable[Moment], intervals: Iterable[int]) -> set[str]:
    """Where bars of these lengths are not stored as far back as that, the venue is asked for them.

    Returns the instruments of which some are on their way; ask again when they came. As :func:`closes_at`.
    """
    asked = set(wanted)
    return _memory.fetch(asked, intervals) if _memory is not None and asked else set()


async def _remembered(ask: Callable[[Memory], Awaitable[Found]], timeout_s: float) -> Found | None:
    if _memory is None:
        return None
    try:
        async with asyncio.timeout(timeout_s):
            return await ask(_memory)
    except Exception as problem:  # a page is shown without it
        logger.warning("history could not be read: %s: %.200s", type(problem).__name__, problem)
        return None


def notify(kind: str, *details: Any) -> None:
    """Tell all running processes: ``notify("configure")``, ``notify("revoke", user_id)``,
    ``notify("unshare", portfolio_id)``, ``notify("remake", channel, key)``.

    To be called on commit. Never raises: what is not heard is noticed within 30 s by those concerned.
    """
    if _notifier is None:
        return
    try:
        _notifier(kind, details)
    except Exception as problem:  # the change is committed: a bus that is away must not make it look failed
        logger.warning("notice %r could not be sent: %s", kind, problem)
