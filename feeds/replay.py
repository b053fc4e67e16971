"""A recording fed through codec, state and sinks, with the receive times that it was made with.

It is read twice: once to learn what it carries, once to play it. REST snapshots are applied where they were
received. A connection that took over from another (``name~1``) does so here as soon as the other has ended.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from feeds.codec import Codec, DecodeError, RestRequest, Subscription
from feeds.events import BookDelta, BookSnapshot, Event
from feeds.recorder import Record, Recorder, payload
from feeds.sinks import Sink, VenueReport
from feeds.state import MarketState
from feeds.survey import Carried, Spoken, Survey
from feeds.symbols import BOOK
from feeds.unreadable import spoken_of

_NS = 1_000_000_000
# So many records are played before others get a turn, when there is no waiting between them.
_TURN = 200


class ReplayClock:
    """Wall time is that of the record being played; ages run on the machine's own clock."""

    paced = False

    def __init__(self) -> None:
        self.now_ns = 0

    def wall_ns(self) -> int:
        return self.now_ns

    mono_ns = staticmethod(time.monotonic_ns)


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
        self._survey, self._spoken = Survey(path, codecs), Spoken(codecs)
        venues = dict.fromkeys(carried.venue for carried in self._survey.connections.values())
        self.states = {venue: self._state(venue) for venue in venues}
        self._opened: set[str] = set()
        self._books_by: dict[str, str] = {}
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
        for record in self._survey.records():
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
        venue = self._survey.venue_of(record)
        if not venue:
            self.counters["of no venue"] += 1
        elif record["k"] == "http":
            self._fetched(venue, record)
        elif record["k"] in ("open", "recv"):
            self._on_link(venue, record)

    # links

    def _on_link(self, venue: str, record: Record) -> None:
        conn, state = record.get("conn", ""), self.states[venue]
        codec = self._spoken.on(venue, record)
        if record["k"] == "open" or conn not in self._opened:
            self._open(conn, state)
        for new, (old, events) in list(self._held.items()):
            if record["ns"] > self._survey.connections[old].last_ns:
                self._take_over(old, new, events)
        if record["k"] == "recv":
            for event in self._decoded(codec, record):
                if conn in self._held:
                    self._held[conn][1].append(event)
                elif self._is_its_book(conn, event):
                    state.apply(event, conn)

    def _decoded(self, codec: Codec, record: Record) -> list[Event]:
        """What cannot be read makes unproven what its head names, as it does on a link."""
        frame = payload(record)
        try:
            return codec.decode(frame, record["ns"])
        except DecodeError:
            self.counters["undecodable"] += 1
            followed = self._survey.connections[record.get("conn", "")].subscriptions
            for channel, instrument in spoken_of(codec, frame, followed):
                self.states[codec.venue].unreadable(channel, instrument)
            return []

    def _is_its_book(self, conn: str, event: Event) -> bool:
        """Of two connections that bring one book, the one that was opened last is followed while it lives:
        mixed, what is older on one would undo what is newer on the other. Numbered updates cannot."""
        if not isinstance(event, BookDelta | BookSnapshot) or self._is_numbered(conn):
            return True
        owner = self._books_by.get(event.instrument, conn)
        if owner != conn and self._is_dead(self._survey.connections[owner]):
            self._follow(conn, self._survey.connections[conn])
            owner = conn
        if owner != conn:
            self.counters["of another link"] += 1
        return owner == conn

    def _open(self, conn: str, state: MarketState) -> None:
        base, _, number = conn.partition("~")
        before = base if number == "1" else f"{base}~{int(number or 1) - 1}"
        again = conn in self._opened
        self._opened.add(conn)
        if again:
            state.link_down(conn, "the link was opened again")
        elif number and before in self._opened:
            self._held[conn] = (before, [])
            return
        self._follow(conn, self._survey.connections[conn])

    def _is_dead(self, carried: Carried) -> bool:
        """Whether it brings nothing more, and has been silent for so long that the venue would not be."""
        idle_ns = round(self._codecs[carried.venue].limits.idle_s * _NS)
        return self._clock.now_ns > carried.last_ns + idle_ns

    def _is_numbered(self, conn: str) -> bool:
        carried = self._survey.connections[conn]
        return carried.numbered and self._codecs[carried.venue].snapshots == "rest"

    def _follow(self, conn: str, carried: Carried) -> None:
        """What it brings is taken from it. What a link that has ended brought of it is proven no more."""
        state, wanted = self.states[carried.venue], dict(carried.subscriptions)
        for old in self._opened - {conn}:
            other = self._survey.connections[old]
            shared = other.subscriptions.keys() & carried.subscriptions.keys()
            if shared and other.last_ns < self._clock.now_ns:
                state.link_down(old, "the link has ended")
            elif self._is_numbered(conn):
                # Its book runs on, whoever brings the next update.
                wanted = {key: found for key, found in wanted.items() if key not in shared or key[0] != BOOK}
        state.watch(wanted.values(), conn)
        self._books_by.update((name, conn) for channel, name in carried.subscriptions if channel == BOOK)

    def _take_over(self, old: str, new: str, events: list[Event]) -> None:
        state = self.states[self._survey.connections[new].venue]
        del self._held[new]
        state.splice(old, new)
        self._books_by.update((name, new) for name, conn in self._books_by.items() if conn == old)
        for event in events:
            state.apply(event, new)

    # REST

    def _fetched(self, venue: str, record: Record) -> None:
        codec, state = self._codecs[venue], self.states[venue]
        for subscription in self._carried(venue):
            request = codec.poll_request(subscription)
            if request is not None and _asks_for(request, subscription, record["url"]):
                self._polled(codec, subscription, record)
                return
            request = codec.snapshot_request(subscription) if subscription.channel == BOOK else None
            if request is not None and _asks_for(request, subscription, record["url"]):
                try:
                    snapshot = codec.decode_snapshot(subscription, payload(record), record["ns"])
                except DecodeError:
                    self.counters["undecodable"] += 1
                    return
                depth = _depth_asked(record["url"], snapshot, request)
                state.apply(snapshot._replace(depth=depth), "")
                return

    def _polled(self, codec: Codec, subscription: Subscription, record: Record) -> None:
        try:
            events = codec.decode_poll(subscription, payload(record), record["ns"])
        except DecodeError:
            self.counters["undecodable"] += 1
            return
        for event in events:
            self.states[codec.venue].apply(event, "")

    def _books(self, venue: str) -> Iterator[Subscription]:
        return (subscription for subscription in self._carried(venue) if subscription.channel == BOOK)

    def _carried(self, venue: str) -> Iterator[Subscription]:
        for carried in self._survey.connections.values():
            if carried.venue == venue:
                yield from carried.subscriptions.values()


def _asks_for(request: RestRequest, subscription: Subscription, url: str) -> bool:
    """Whether a recorded URL is this request, of whatever version and with how many levels. The symbol is a
    parameter, or a part of the path."""
    asked, recorded = _parts(request.path), _parts(url)
    if subscription.native in asked:
        return asked[-2:] == recorded[-2:]
    natives = [value for _, value in parse_qsl(urlsplit(url).query)]
    return asked[-1:] == recorded[-1:] and subscription.native in natives


def _parts(url: str) -> list[str]:
    return [unquote(part) for part in urlsplit(url).path.split("/") if part]


def _depth_asked(url: str, snapshot: BookSnapshot, ours: RestRequest) -> int:
    """How many levels a side the recorded request asked for, by the parameter that says it in ours.

    Where it is left out, no side may be taken for whole: the longer one says how many at the least. A venue
    that always answers with the whole book is asked for no number.
    """
    if not snapshot.depth:
        return 0
    names = [name for name, value in parse_qsl(urlsplit(ours.path).query) if value == str(snapshot.depth)]
    found = [value for name, value in parse_qsl(urlsplit(url).query) if name in names]
    return int(found[0]) if found and found[0].isdecimal() else max(len(snapshot.bids), len(snapshot.asks))
