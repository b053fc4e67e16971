"""What takes the events of all venues: each sink has slots and a task of its own; the pump awaits none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from feeds.backoff import limited
from feeds.state import MarketState

Put = Callable[[MarketState, object], None]


class Sink(Protocol):
    """``event`` is one of :mod:`feeds.events`, a ``StateChange``, or a :class:`VenueReport`.

    A sink with an attribute ``takes``, a set of their types, is called for no others: on the hot path a call
    that does nothing costs as much as one that does.
    """

    def put(self, venue_state: MarketState, event: object) -> None:
        """On the hot path: synchronous, bounded, never blocks."""

    async def run(self) -> None:
        """Bring what was put to where it goes, until cancelled."""


class LinkReport(NamedTuple):
    """One link, as shown: what :class:`feeds.health.LinkHealth` says of it."""

    name: str
    state: str
    reason: str
    since_us: int
    connected_us: int
    topics: int
    messages: int
    messages_per_s: float
    reconnects: int
    gaps: int
    resyncs: int
    decode_errors: int
    last_error: str
    limited: bool = False


class VenueReport(NamedTuple):
    """A venue with all its links, put each second in which something changed.

    ``state`` is live, syncing, stale, halted or down: live as soon as one link is, because each topic has a
    state of its own. ``limited_until_us``: the venue bars our requests until then (0: it does not).
    ``phase`` of a market that closes: pre, open, post or closed, with its words; ``""``: it never does.
    ``counters``: gaps, checksum, crossed, duplicates, refused, ``unknown:<kind>``, asks, reasks …
    """

    venue: str
    title: str
    state: str
    reason: str
    links: tuple[LinkReport, ...]
    counters: dict[str, int]
    limited_until_us: int
    wall_us: int
    phase: str = ""
    phase_words: str = ""

    @property
    def limit(self) -> str:
        """Until when, in words; ``""`` while the venue does not limit us."""
        return limited(self.limited_until_us * 1000, 0) if self.limited_until_us else ""


class Routes(dict[type, tuple[Put, ...]]):
    """Type of event → who takes it. Asked for every event, filled as types come along."""

    def __init__(self, sinks: Iterable[Sink]) -> None:
        super().__init__()
        self._sinks = tuple(sinks)

    def __missing__(self, kind: type) -> tuple[Put, ...]:
        takers = [sink for sink in self._sinks if kind in getattr(sink, "takes", (kind,))]
        found = self[kind] = tuple(sink.put for sink in takers)
        return found
