"""A recording fed through codec, state and sinks, with the receive times that it was made with.

It is read twice: once to learn what it carries, once to play it. REST snapshots are applied where they were
received. A connection that took over from another (``name~1``) does so here as soon as the other has ended.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from feeds.codec import Codec, DecodeError, Subscription
from feeds.events import BookDelta, BookSnapshot, Event, Quote, Stats, Trade, Unknown
from feeds.recorder import Record, Recorder, payload, read
from feeds.sinks import Sink, VenueReport
from feeds.state import MarketState
from feeds.symbols import BOOK, TICKER, TRADE

_CHANNELS = {Quote: TICKER, Stats: TICKER, Trade: TRADE, BookSnapshot: BOOK, BookDelta: BOOK}
_VENUE = re.compile(r"[A-Z][A-Z0-9_]*")
_DEPTH = re.compile(r'"depth"\s*:\s*(\d+)')
_NS = 1_000_000_000
# So many records are played before others get a turn, when there is no waiting between them.
_TURN = 200


class ReplayClock:
    """Wall time is that of the record being played; ages run on the machine's own clock."""

    def __init__(self) -> None:
        self.now_ns = 0

    def wall_ns(self) -> int:
        return self.now_ns

    mono_ns = staticmethod(time.monotonic_ns)


@dataclass(slots=True)
class Carried:
    """What one connection brings, and when its last record was received."""

    venue: str
    subscriptions: dict[tuple[str, str], Subscription] = field(default_factory=dict)
    last_ns: int = 0


class Survey:
    """What a recording carries. ``depths``: book depths as they were asked for, per native symbol."""

    def __init__(self, path: Path, codecs: Mapping[str, Codec]) -> None:
        self._codecs = codecs
        self.connections: dict[str, Carried] = {}
        self._depths: dict[str, dict[str, int]] = {}
        self._frames: Counter[str] = Counter()
        self._understood: set[str] = set()
        for record in read(path):
            self._look(record)
        self._refuse_strange(path.name)

    def _refuse_strange(self, name: str) -> None:
        """Raises :class:`ValueError` when nothing in the file can be what it is taken for."""
        expected = f"expected frames of {' or '.join(sorted(self._codecs))}"
        if not self.connections:
            raise ValueError(f"{name} line 1: {expected}, found a connection of none; --venue says whose")
        # One venue's among others may all be garbled; not those of the only one that was asked for.
        if len(self._codecs) == 1 and self._frames and not self._understood:
            raise ValueError(f"{name} line 1: {expected}, none of its {self._frames.total()} frames is one")

    def _look(self, record: Record) -> None:
        conn, venue = record.get("conn", ""), venue_of(record, self._codecs)
        if not venue:
            return
        carried = self.connections.setdefault(conn, Carried(venue))
        carried.last_ns = record["ns"]
        if record["k"] == "send" and (depth := _DEPTH.search(record.get("raw", ""))):
            self._depths.setdefault(venue, {})[record["raw"]] = int(depth[1])
        elif record["k"] == "recv":
            self._frames[venue] += 1
            refused: Counter[str] = Counter()
            events = decoded(self._codecs[venue], record, refused)
            if not refused and not all(isinstance(event, Unknown) for event in events or ("",)):
                self._understood.add(venue)
            for event in events:
                self._note(carried, event)

    def _note(self, carried: Carried, event: Event) -> None:
        channel = _CHANNELS.get(type(event))
        if channel is None or (channel, event.instrument) in carried.subscriptions:
            return
        native = event.instrument.partition(":")[2]
        depth = self._depth(carried.venue, native, event) if channel == BOOK else 0
        wanted = Subscription(channel, event.instrument, native, depth)
        carried.subscriptions[channel, event.instrument] = wanted

    def _depth(self, venue: str, native: str, event: BookSnapshot | BookDelta) -> int:
        """As it was asked for, else what the snapshot has; 0 where the codec keeps books whole."""
        if not self._codecs[venue].truncate:
            return 0
        asked = [depth for text, depth in self._depths.get(venue, {}).items() if f'"{native}"' in text]
        return asked[-1] if asked else max(len(event.bids), len(event.asks))


def venue_of(record: Record, codecs: Mapping[str, Codec]) -> str:
    """The venue that the connection is named after; the only codec there is takes everything."""
    if len(codecs) == 1:
        return next(iter(codecs))
    named = _VENUE.match(record.get("conn", ""))
    return named[0] if named and named[0] in codecs else ""


def decoded(codec: Codec, record: Record, counters: Counter[str]) -> list[Event]:
    try:
        return codec.decode(payload(record), record["ns"])
    except DecodeError:
        counters["undecodable"] += 1
        return []


class Replay:
    """``states`` hold what the recording made of each venue; ``counters``: records, undecodable."""

    def __init__(
        self,
        path: Path,
        codecs: Mapping[str, Codec],
        clock: ReplayClock,
        *,
        recorder: Recorder | None = None,
    ) -> None:
        self._path, self._codecs, self._clock = path, codecs, clock
        self._sinks: Sequence[Sink] = ()
        self._recorder = recorder
        self.counters: Counter[str] = Counter()
        self._survey = Survey(path, codecs)
        venues = dict.fromkeys(carried.venue for carried in self._survey.connections.values())
        self.states = {venue: self._state(venue) for venue in venues}
        self._opened: set[str] = set()
        self._held: dict[str, tuple[str, list[Event]]] = {}

    def _state(self, venue: str) -> MarketState:
        state: MarketState
        emit: Callable[[object], None] = lambda event: self._put(state, event)  # noqa: E731
        state = MarketState(self._codecs[venue], self._clock, emit=emit, resync=lambda resync: None)
        return state

    def _put(self, state: MarketState, event: object) -> None:
        for sink in self._sinks:
            sink.put(state, event)

    def summary(self) -> list[str]:
        """A line for the recording and one for each venue, of what became of it."""
        counted = ", ".join(f"{count} {name}" for name, count in sorted(self.counters.items()))
        lines = [f"{self._path.name}: {counted}"]
        for venue, state in self.states.items():
            names = {subscription.instrument for subscription in self._books(venue)}
            books = sum(state.book(name) is not None for name in names)
            seen = ", ".join(f"{count} {name}" for name, count in sorted(state.counters.items()) if count)
            lines.append(
                f"{venue}: {books} of {len(names)} books whole at the end; {seen or 'nothing amiss'}"
            )
        return lines

    async def play(self, speed: float, sinks: Sequence[Sink] = (), *, linger_s: float = 0) -> None:
        """``speed`` 1 is as it was, 10 ten times as fast, 0 without any waiting. ``linger_s``: how long the
        sinks go on after the end, so that the last values leave them too."""
        self._sinks = sinks
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(sink.run()) for sink in self._sinks]
            await self._play(speed)
            await asyncio.sleep(linger_s)
            for task in tasks:
                task.cancel()

    async def _play(self, speed: float) -> None:
        first_ns, started_s, second = 0, time.monotonic(), 0
        for record in read(self._path):
            first_ns = first_ns or record["ns"]
            wait_s = (record["ns"] - first_ns) / _NS / speed - (time.monotonic() - started_s) if speed else 0
            if wait_s > 0 or self.counters["records"] % _TURN == 0:
                await asyncio.sleep(max(0, wait_s))
            self._clock.now_ns = record["ns"]
            if record["ns"] // _NS != second:
                second = record["ns"] // _NS
                # Never live: these prices are not of now, whatever their rows say.
                self._each_second("stale", f"replay of {self._path.name}")
            self._record(record)
        self._each_second("down", "the recording has ended")

    def _each_second(self, state: str, reason: str) -> None:
        for venue, market in self.states.items():
            market.tick()
            now_us, counters = self._clock.now_ns // 1000, dict(market.counters + self.counters)
            title = self._codecs[venue].title
            self._put(market, VenueReport(venue, title, state, reason, (), counters, 0, now_us))

    def _record(self, record: Record) -> None:
        self.counters["records"] += 1
        if self._recorder is not None:
            self._recorder.again(record)
        venue = venue_of(record, self._codecs)
        if not venue:
            self.counters["of no venue"] += 1
        elif record["k"] == "http":
            self._fetched(venue, record)
        elif record["k"] in ("open", "recv"):
            self._on_link(venue, record)

    # links

    def _on_link(self, venue: str, record: Record) -> None:
        conn, state = record["conn"], self.states[venue]
        if record["k"] == "open" or conn not in self._opened:
            self._open(conn, state)
        for new, (old, events) in list(self._held.items()):
            if record["ns"] > self._survey.connections[old].last_ns:
                self._take_over(old, new, events)
        if record["k"] == "recv":
            for event in decoded(self._codecs[venue], record, self.counters):
                if conn in self._held:
                    self._held[conn][1].append(event)
                else:
                    state.apply(event, conn)

    def _open(self, conn: str, state: MarketState) -> None:
        base, _, number = conn.partition("~")
        before = base if number == "1" else f"{base}~{int(number or 1) - 1}"
        if conn in self._opened:
            state.link_down(conn, "the link was opened again")
        elif number and before in self._opened:
            self._held[conn] = (before, [])
        else:
            state.watch(self._survey.connections[conn].subscriptions.values(), conn)
        self._opened.add(conn)

    def _take_over(self, old: str, new: str, events: list[Event]) -> None:
        state = self.states[self._survey.connections[new].venue]
        del self._held[new]
        state.splice(old, new)
        for event in events:
            state.apply(event, new)

    # REST

    def _fetched(self, venue: str, record: Record) -> None:
        codec, state = self._codecs[venue], self.states[venue]
        for subscription in self._books(venue):
            if _asks_for(codec, subscription, record["url"]):
                try:
                    snapshot = codec.decode_snapshot(subscription, payload(record), record["ns"])
                except DecodeError:
                    self.counters["undecodable"] += 1
                    return
                state.apply(snapshot, "")
                return

    def _books(self, venue: str) -> Iterator[Subscription]:
        for carried in self._survey.connections.values():
            if carried.venue == venue:
                yield from (s for s in carried.subscriptions.values() if s.channel == BOOK)


def _asks_for(codec: Codec, subscription: Subscription, url: str) -> bool:
    """Whether a recorded URL is a snapshot of this book, of whatever version and with how many levels."""
    request = codec.snapshot_request(subscription)
    if request is None:
        return False
    asked, recorded = urlsplit(request.path), urlsplit(url)
    natives = [value for _, value in parse_qsl(recorded.query)]
    resource = asked.path.rpartition("/")[2]
    return recorded.path.rpartition("/")[2] == resource and subscription.native in natives
