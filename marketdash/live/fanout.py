"""A view: what any number of clients watch in the same way, sent to all of them as one text.

Every member stands at exactly the view's positions, so one text brings all of them on. Who cannot be sent
anything just now falls behind with the positions as they were, and costs nothing more; who comes, or comes
back, is brought up to date with frames of its own and becomes a member when the view has nothing left to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from feeds.symbols import STATUS
from marketdash.live.bodies import CHANNELS
from marketdash.live.client import Client
from marketdash.live.credit import LEAST_BYTES, MOST_BYTES
from marketdash.live.outgoing import Outgoing, next_frame
from marketdash.live.pace import Pace
from marketdash.live.views import Position, Replica, Track

Positions: TypeAlias = dict[Track, Position | None]

LARGEST_FRAME_BYTES = MOST_BYTES // 2
"""More than this is sent in several frames, each client at its own pace."""


class ViewKey(NamedTuple):
    """``param``: depth of a book, interval of a chart, else 0."""

    channel: str
    param: int
    interval_ms: int
    symbols: frozenset[str]


class Batch(NamedTuple):
    """Rows of one frame and where they lead."""

    whole: bool
    rows: list[bytes]
    moved: Positions


class View:
    """``clients`` are all that watch it: members, and those behind, of which some wait for the next flush.

    ``due`` has it flushed in its turn; ``gathers`` says that its topics come from several shards.
    """

    __slots__ = (
        "key",
        "clients",
        "tracks",
        "_members",
        "_waiting",
        "_positions",
        "_dirty",
        "_head",
        "_now",
        "_timer",
        "_flushed_s",
        "_rest_s",
        "_pace",
        "_gathers",
        "_due",
    )

    def __init__(
        self,
        key: ViewKey,
        tracks: list[Track],
        now_us: Callable[[], int],
        due: Callable[[View], None],
        *,
        gathers: bool = False,
    ) -> None:
        self.key, self.tracks = key, tracks
        self.clients: set[Client] = set()
        self._members: dict[Client, None] = {}
        self._waiting: set[Client] = set()
        self._dirty: set[Track] = set()
        self._head = _head(key)
        self._now, self._due, self._gathers = now_us, due, gathers
        self._timer: asyncio.TimerHandle | bool | None = None
        self._flushed_s = self._rest_s = 0.0
        self._pace = Pace()
        for track in tracks:
            track.advance()
        self._positions: Positions = {track: track.position for track in tracks}

    # from the bus

    def mark(self, track: Track) -> None:
        """It moved."""
        self._dirty.add(track)
        if self._timer is None and (self._members or self._waiting):
            self._schedule()

    def _schedule(self) -> None:
        loop = asyncio.get_running_loop()
        due_s = self._flushed_s + max(self.key.interval_ms / 1000, self._rest_s)
        if due_s <= loop.time():
            self._timer = True
            self._due(self)
        else:
            self._timer = loop.call_at(due_s, self._due, self)

    def flush(self) -> None:
        """Bring the members up to date, and those who wait for it back among them."""
        self._timer = None
        loop = asyncio.get_running_loop()
        started_s, rows = loop.time(), len(self._dirty)
        self._flush()
        before_s, self._flushed_s = self._flushed_s, loop.time()
        if self._gathers:
            self._rest_s = self._pace.rest_s(rows, self._flushed_s - before_s, self._flushed_s - started_s)

    def hurry(self) -> None:
        """Say now what would have been merged for a while yet. What its timer brings then is only more."""
        if self._dirty:
            self.flush()

    def _flush(self) -> None:
        dirty, self._dirty = self._dirty, set()
        for batch in _batches(dirty, self._positions, self._now()):
            self._send(batch)
        waiting, self._waiting = self._waiting, set()
        for client in waiting:
            self.bring(client)

    def _send(self, batch: Batch) -> None:
        before = self._positions
        self._positions = {**before, **batch.moved}
        if self._members and (size := sum(map(len, batch.rows))) > LEAST_BYTES // 2:
            self._each_alone([each for each in self._members if size > each.window_bytes // 2], before)
        if not self._members:
            return
        out = self._outgoing(batch)
        late = []
        for client in self._members:
            if client.ready:
                client.deliver(out)
            else:
                late.append(client)
        for client in late:
            del self._members[client]
            client.behind[self] = before

    def _each_alone(self, clients: list[Client], before: Positions) -> None:
        """These members at the end of this flush, in pieces that fit their windows."""
        for client in clients:
            del self._members[client]
            self._waiting.add(client)
            client.behind[self] = before

    def _outgoing(self, batch: Batch) -> Outgoing:
        number = next_frame()
        kind, tail = self._head
        head = b'%b"%b","frame":%d%b' % (kind, b"snapshot" if batch.whole else b"update", number, tail)
        return Outgoing(b"%b%b]}" % (head, b",".join(batch.rows)), number)

    # clients that come and go

    def bring(self, client: Client) -> None:
        """From where the client stands to now, as far as it can be sent; then it is a member, or waits.

        Who cannot be sent all of it goes on with what waits longest: with the other views, and here with the
        rows that were not sent. Else on a slow link the same ones would win each time.
        """
        self._waiting.discard(client)
        have = client.behind[self]
        later = self._later(client)
        for batch in _batches((track for track in have if track not in later), have, self._now()):
            for part in _parts(self._cut(batch, client), client.window_bytes):
                if not client.ready or client.put_off(max(map(len, batch.rows))):
                    client.behind[self] = client.behind.pop(self)
                    return
                client.deliver(self._outgoing(part))
                client.brought(part.moved)
                have = client.behind[self] = _moved(have, part)
        client.brought(self.tracks)
        if self._dirty:
            self.wait(client)
        elif later:
            self._waiting.add(client)
        else:
            del client.behind[self]
            self._members[client] = None

    def _later(self, client: Client) -> set[Track]:
        """Venues that live again, whose rows it was not brought yet."""
        if self.key.channel != STATUS or not client.owes:
            return set()
        venues = set(map(venue_of, client.owes))
        return {track for track in self.tracks if track.symbol in venues and _lives(track)}

    def _cut(self, batch: Batch, client: Client) -> Batch:
        """Trades and bars are not merged into one: of what a slow link would take seconds for, the newest."""
        channel = CHANNELS.get(self.key.channel)
        if channel is None or channel.cut is None:
            return batch
        return batch._replace(rows=[channel.cut(row, client.row_bytes) for row in batch.rows])

    def wait(self, client: Client) -> None:
        """Until the next flush."""
        self._waiting.add(client)
        if self._timer is None:
            self._schedule()

    def resume(self, client: Client) -> None:
        """A client that was behind can be sent something again."""
        if self._dirty:
            self.wait(client)
        else:
            self.bring(client)

    def owed(self, client: Client) -> list[Track]:
        """What it does not have of this view, and waits for."""
        have = client.behind[self]
        for track in have:
            track.advance()
        return [track for track, at in have.items() if track.position is not None and track.position != at]

    def set_aside(self, client: Client) -> None:
        """It is brought from here on what it may be, in its own time."""
        if client in self._members:
            del self._members[client]
            client.behind[self] = self._positions
            self._waiting.add(client)

    def add(self, client: Client, have: Positions) -> None:
        """``have``: what it knows of these tracks already."""
        self.clients.add(client)
        client.behind[self] = {track: have.get(track) for track in self.tracks}
        self.bring(client)

    def remove(self, client: Client) -> Positions:
        """Where it stood."""
        self.clients.discard(client)
        self._waiting.discard(client)
        self._members.pop(client, None)
        return client.behind.pop(self, self._positions)

    def close(self) -> None:
        if isinstance(self._timer, asyncio.TimerHandle):
            self._timer.cancel()


def _head(key: ViewKey) -> tuple[bytes, bytes]:
    extra = {"book": b'"depth":%d,', "ohlc": b'"interval":%d,'}.get(key.channel)
    middle = extra % key.param if extra else b""
    return b'{"channel":"%b","type":' % key.channel.encode(), b',%b"data":[' % middle


def venue_of(track: Track) -> str:
    """Nothing for what is made here: a portfolio, a panel."""
    venue, of, _ = track.symbol.partition(":")
    return venue if of else ""


def _lives(track: Track) -> bool:
    return isinstance(track, Replica) and track.value().get("state") == "live"


def _moved(have: Positions, part: Batch) -> Positions:
    """What was sent just now comes last next time."""
    if len(part.moved) == len(have):
        return part.moved
    return {track: at for track, at in have.items() if track not in part.moved} | part.moved


def _batches(tracks: Iterable[Track], positions: Positions, now_us: int) -> Iterator[Batch]:
    """What leads from ``positions`` to now, snapshots and updates apart, first the kind that the first of the
    tracks is told with: behind a slow link all that is ever sent may be of the first."""
    found: dict[bool, Batch] = {}
    for track in tracks:
        track.advance()
        row = track.row_since(positions.get(track), now_us)
        if row is not None:
            batch = found.setdefault(row.whole, Batch(row.whole, [], {}))
            batch.rows.append(row.data)
            batch.moved[track] = track.position
    return iter(found.values())


def _parts(batch: Batch, window_bytes: int) -> Iterator[Batch]:
    """In pieces that a window holds."""
    most = min(LARGEST_FRAME_BYTES, window_bytes)
    part, size = Batch(batch.whole, [], {}), 0
    for row, (track, position) in zip(batch.rows, batch.moved.items(), strict=True):
        if part.rows and size + len(row) > most:
            yield part
            part, size = Batch(batch.whole, [], {}), 0
        part.rows.append(row)
        part.moved[track] = position
        size += len(row)
    yield part
