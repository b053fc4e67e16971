"""A view: what any number of clients watch in the same way, sent to all of them as one text.

Every member stands at exactly the view's positions, so one text brings all of them on. Who cannot be sent
anything just now falls behind with the positions as they were, and costs nothing more; who comes, or comes
back, is brought up to date with frames of its own and becomes a member when the view has nothing left to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice
from math import inf

from feeds.symbols import STATUS
from marketdash.live.batches import (
    LARGEST_FRAME_BYTES,
    Batch,
    Enough,
    composed,
    cut,
    framed,
    lacks,
    moved,
    noted,
    parts,
)
from marketdash.live.batches import Positions as Positions
from marketdash.live.client import Client
from marketdash.live.credit import LEAST_BYTES
from marketdash.live.due import TURN_S, Due
from marketdash.live.outgoing import Outgoing
from marketdash.live.view_keys import ViewKey as ViewKey
from marketdash.live.view_keys import head, lives, venue_of
from marketdash.live.views import Track
from marketdash.live.wake import Wake


class View:
    """``clients`` are all that watch it: members, and those behind, of which some wait for the next flush.

    ``due`` has it flushed in its turn; ``gathers`` says that its topics come from several shards. What is
    dirty is told in the order in which it moved, so much of it in a turn: so many of it are the ``round`` at
    whose end those who wait are brought, else they would wait for as long as something moves all the time.
    What is dirty, and who waits, only says where to look first. Where members stand and where the tracks are
    says what they lack: both are compared each second (:meth:`look`).
    """

    __slots__ = (
        "key", "clients", "tracks", "_members", "_waiting", "_positions", "_dirty", "_round", "_head",
        "_now", "_wake",
    )  # fmt: skip

    def __init__(
        self, key: ViewKey, tracks: list[Track], now_us: Callable[[], int], due: Due, *, gathers: bool = False
    ) -> None:
        self.key, self.tracks, self._now = key, tracks, now_us
        self.clients: set[Client] = set()
        self._members: dict[Client, None] = {}
        self._waiting: dict[Client, None] = {}
        self._dirty: dict[Track, None] = {}
        self._round = 0
        self._head = head(key)
        self._wake = Wake(self, due, gathers=gathers)
        self._positions: Positions = {track: track.position for track in tracks}

    # from the bus

    def mark(self, track: Track) -> None:
        """It moved."""
        self._dirty[track] = None
        if (self._members or self._waiting) and not self._wake.is_set:
            self._wake.set()

    def flush(self) -> None:
        """Bring the members up to date, and those who wait for it back among them. For a while: then others
        have their turn, and what is left has it after them."""
        started_s, rows = asyncio.get_running_loop().time(), len(self._dirty)
        # Else it goes on to bring somebody, and what moves next is told no later for it.
        tells = self._round > 0 or (rows > 0 and started_s >= self._wake.next_s)
        self._take_turn(started_s + TURN_S, tells=tells)
        if tells:
            self._wake.told(rows - len(self._dirty), started_s)
        if self._dirty and not self._wake.is_set:  # it moved meanwhile
            self._wake.set()

    def hurry(self) -> None:
        """Say now what would have been merged for a while yet, or told in a later turn: all of it. What its
        timer brings then is only more."""
        if self._dirty:
            self._round = len(self._dirty)
            self._take_turn(inf, tells=True)

    def _take_turn(self, until_s: float, *, tells: bool) -> None:
        """What is left, were it by a failure, has its turn after what else is due."""
        done = False
        try:
            done = (not tells or self._tell(until_s)) and self._bring_all(until_s)
        finally:
            if not done:
                self._wake.soon()

    def _tell(self, until_s: float) -> bool:
        """Of this round as much as there is time for, at least one; whether it is over."""
        self._round = self._round or len(self._dirty)
        if not self._members:  # whoever comes back is brought by himself
            self._dirty, self._round = {}, 0
        elif self._round:
            for batch in self._slice(until_s):
                self._send(batch)
        return not self._round

    def _slice(self, until_s: float) -> list[Batch]:
        """What is told next. Of a track that fails no more is told until somebody looks again; those before
        it are told another time."""
        looked_at: list[Track] = []
        enough = Enough(inf, asyncio.get_running_loop().time, until_s)
        tracks = noted(islice(self._dirty, self._round), looked_at)
        try:
            return composed(tracks, self._positions, self._now(), enough)
        except Exception:
            del looked_at[:-1]
            raise
        finally:
            self._round -= len(looked_at)
            for track in looked_at:
                del self._dirty[track]

    def _bring_all(self, until_s: float) -> bool:
        """Those who wait, while there is time, at least one; whether that was all of them."""
        waiting, self._waiting = self._waiting, {}
        time_s = asyncio.get_running_loop().time
        try:
            for client in list(waiting):
                del waiting[client]
                self.bring(client, until_s)
                if time_s() >= until_s:
                    break
        finally:
            self._waiting = waiting | self._waiting
        return not waiting

    def _send(self, batch: Batch) -> None:
        """To the members, who stand where it leads when they were handed it, and not before."""
        before = self._positions
        if self._members and (size := sum(map(len, batch.rows))) > LEAST_BYTES // 2:
            self._each_alone([each for each in self._members if size > each.window_bytes // 2], before)
        if not self._members:
            return
        out = framed(self._head, batch)
        try:
            late = self._hand_out(out)
        except Exception:  # nobody knows who has it: those who do ignore it the second time
            self._each_alone(list(self._members), before | dict.fromkeys(batch.moved))
            raise
        self._positions = {**before, **batch.moved}
        for client in late:
            del self._members[client]
            client.behind[self] = before

    def _hand_out(self, out: Outgoing) -> list[Client]:
        """Those who cannot take it now."""
        late = []
        for client in self._members:
            if client.ready:
                client.deliver(out)
            else:
                late.append(client)
        return late

    def _each_alone(self, clients: list[Client], at: Positions) -> None:
        """These members at the end of this flush, in pieces that fit their windows."""
        for client in clients:
            del self._members[client]
            self._waiting[client] = None
            client.behind[self] = at

    # whatever was marked

    def look(self) -> str:
        """Each second: what members lack, whom nobody brings, what has no turn. What would have waited for
        ever, in words: there should be nothing."""
        tracks, stands = self.tracks if self._members else (), self._positions.get
        untold = [each for each in tracks if each.is_news(stands(each)) and each not in self._dirty]
        left = [each for each in self.clients - self._members.keys() - self._waiting.keys() if each.ready]
        stuck = self._wake.is_lost() and bool(self._dirty) and bool(self._members or self._waiting)
        self._dirty |= dict.fromkeys(untold)
        self._waiting |= dict.fromkeys(left)
        if not (stuck or untold or left):
            return ""
        self._wake.again()
        found = {"untold topics": len(untold), "clients left": len(left), "no turn": int(stuck)}
        return ", ".join(f"{name} {count}" for name, count in found.items() if count)

    # clients that come and go

    def bring(self, client: Client, until_s: float = 0.0) -> None:
        """From where the client stands to now, as far as it can be sent, and as there is time for; then it is
        a member, or waits.

        Who cannot be sent all of it goes on with what waits longest: with the other views, and here with the
        rows that were not sent. Else on a slow link the same ones would win each time.
        """
        self._waiting.pop(client, None)
        later = self._later(client)
        until_s = until_s or asyncio.get_running_loop().time() + TURN_S
        tracks = iter([each for each in client.behind[self] if each not in later])
        if not self._brought(client, tracks, until_s):
            client.behind[self] = client.behind.pop(self)
            if client.ready:  # there was no time
                self._waiting[client] = None
                self._wake.soon()
            return
        client.brought(self.tracks)
        if self._dirty:
            self.wait(client)
        elif later:
            self._waiting[client] = None
        else:
            self._join(client)

    def _brought(self, client: Client, tracks: Iterator[Track], until_s: float) -> bool:
        """Whether it has all of these now."""
        time_s, over = asyncio.get_running_loop().time, False
        while client.ready and not over:
            most = min(LARGEST_FRAME_BYTES, client.window_bytes)
            batches = composed(tracks, client.behind[self], self._now(), Enough(most, time_s, until_s))
            over = not batches or time_s() >= until_s
            for batch in batches:
                for part in parts(cut(batch, self.key.channel, client.row_bytes), client.window_bytes):
                    if not client.ready or client.put_off(max(map(len, batch.rows))):
                        return False
                    client.deliver(framed(self._head, part))
                    client.brought(part.moved)
                    client.behind[self] = moved(client.behind[self], part)
        return next(lacks(tracks, client.behind[self]), None) is None

    def _join(self, client: Client) -> None:
        """It stands where the members do; the first stands where he does, and the view with him."""
        have = client.behind.pop(self)
        if not self._members:
            self._positions = have
        self._members[client] = None

    def _later(self, client: Client) -> set[Track]:
        """Venues that live again, whose rows it was not brought yet."""
        if self.key.channel != STATUS or not client.owes:
            return set()
        venues = set(map(venue_of, client.owes))
        return {track for track in self.tracks if track.symbol in venues and lives(track)}

    def wait(self, client: Client) -> None:
        """Until the next flush."""
        self._waiting[client] = None
        if not self._wake.is_set:
            self._wake.set()

    def resume(self, client: Client) -> None:
        """A client that was behind can be sent something again."""
        if self._dirty:
            self.wait(client)
        else:
            self.bring(client)

    def owed(self, client: Client) -> list[Track]:
        """What it does not have of this view, and waits for."""
        have = client.behind[self]
        return list(lacks(have, have))

    def set_aside(self, client: Client) -> None:
        """It is brought from here on what it may be, in its own time."""
        if client in self._members:
            del self._members[client]
            client.behind[self] = self._positions
            self._waiting[client] = None

    def add(self, client: Client, have: Positions) -> None:
        """``have``: what it knows of these tracks already."""
        self.clients.add(client)
        client.behind[self] = {track: have.get(track) for track in self.tracks}
        self.bring(client)

    def remove(self, client: Client) -> Positions:
        """Where it stood."""
        self.clients.discard(client)
        self._waiting.pop(client, None)
        self._members.pop(client, None)
        return client.behind.pop(self, self._positions)

    def close(self) -> None:
        self._wake.drop()
