"""One socket as the hub sees it: what it may still be sent, and what it follows.

Nothing here waits for the reader. A text is sent by stepping the server's ``send()`` once; if that does not
finish, the client is not ``ready`` until it does, under a deadline, and the views go on without it.
A client that acknowledges has a window of :data:`WINDOW_FRAMES` frames or 256 KiB, on a new or a slow link of
less (:mod:`marketdash.live.credit`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from marketdash.access import Grant
from marketdash.live.closing import ACKNOWLEDGE, Closing
from marketdash.live.credit import MOST_BYTES, OF_ONE_ACK, Credit, Sent
from marketdash.live.outgoing import SMALLER, Outgoing
from marketdash.live.shared_frames import text_frame
from marketdash.live.stepping import Rest
from marketdash.live.wire import Wire

if TYPE_CHECKING:
    from marketdash.live.fanout import Positions, View
    from marketdash.live.views import Track

logger = logging.getLogger(__name__)

WINDOW_FRAMES = 16
UNACKNOWLEDGED_BYTES = 1024 * 1024
"""What a client that never acknowledges may be sent by a server that cannot hold it back."""

DEADLINE_S = 5.0

STUCK_S = 5.0
PROBE_S = 0.5
"""On a slow link what it was sent may be lost, or what it says of that: the ends see it by what follows, and
wait for a second and more where nothing does. So it is sent one more frame after a silence of this."""

WORD_S = 1.0
"""So long what is large waits for the first word of a link: most say it within a way there and back."""

YOUNG_S = 1.5
"""A beat says that all that was sent is young: whoever did not take in what is older than this is not told
so, and shows by itself that it is behind."""


class Subscribed(NamedTuple):
    """How one symbol is followed. ``param`` is the depth of a book, the interval of a chart, else 0."""

    param: int
    interval_ms: int


class Client:
    """``on_ready`` is called when a client that could not be sent anything can be again.

    ``details``: it may read the error texts of links. ``all_venues``: how it follows each venue, those to
    come too. ``grants``: by what it follows portfolios. Whoever opens such a topic puts one there before
    asking whether it holds, and takes it away with the topic.
    ``owes``: what it is to be brought before it is told that the venues of these live.
    """

    __slots__ = (
        "ready", "closing", "topics", "views", "behind", "owes", "all_venues", "details",
        "user_id", "identity", "grants", "link", "scopes", "address", "_wire", "_write",
        "_on_ready", "_acks", "_credit", "_unacked", "_unacked_bytes", "_said_bytes", "_pending",
        "_probe", "_narrow",
    )  # fmt: skip

    def __init__(self, wire: Wire, on_ready: Callable[[Client], None]) -> None:
        self.ready = True
        self.closing: Closing | None = None
        self.topics: dict[tuple[str, int, str], Subscribed] = {}
        self.views: dict[tuple[str, int, int], View] = {}
        self.behind: dict[View, Positions] = {}
        self.owes: set[Track] = set()
        self.all_venues: Subscribed | None = None
        self.details = False
        self.user_id: int | None = None
        self.identity: Any = None
        self.grants: set[Grant] = set()
        self.link: Grant | None = None
        self.scopes: frozenset[str] | None = None
        self.address = ""
        self._wire, self._write, self._on_ready = wire, wire.write, on_ready
        self._acks, self._narrow, self._credit = False, False, Credit()
        self._unacked: deque[Sent] = deque()
        self._unacked_bytes = self._said_bytes = 0
        self._pending: asyncio.Task[None] | None = None
        self._probe: asyncio.TimerHandle | None = None

    # what the hub sends

    def deliver(self, out: Outgoing) -> None:
        """While :attr:`ready`, a beat also while it hears them. The hot path: once for each frame and
        client."""
        made = out.compressed if self._narrow else out
        write = self._write
        if write is None or not write(made.wire):
            self._start(out.message, out)  # as plain text
        elif self._acks and made.number:  # as in _charge, without the call
            unacked = self._unacked
            unacked.append(made.sent)
            self._unacked_bytes = unacked_bytes = self._unacked_bytes + made.size
            if len(unacked) >= WINDOW_FRAMES or unacked_bytes >= self._credit.bytes:
                self.ready = False

    def _charge(self, out: Outgoing) -> None:
        """Against the window."""
        if not out.number:
            return
        self._unacked.append(out.sent)
        self._unacked_bytes += out.size
        self.ready = self.ready and self._has_credit

    def _count(self, out: Outgoing) -> None:
        if self._acks:
            self._charge(out)
        elif not self._wire.flow_control:
            self._unacked_bytes += out.size
            if self._unacked_bytes > UNACKNOWLEDGED_BYTES:
                self.close(ACKNOWLEDGE)

    def _start(self, message: dict[str, Any], out: Outgoing | None) -> None:
        coroutine: Coroutine[Any, Any, None] = self._wire.send(message)  # type: ignore[assignment]
        try:
            waits_for = coroutine.send(None)
        except StopIteration:
            if out is not None:
                self._count(out)
        except Exception as gone:  # each server has its own word for a socket that is no more
            logger.debug("client: gone: %r", gone)
            self._lost()
            self._wire.abort()
        else:
            self.ready = False
            self._pending = asyncio.create_task(self._finish(Rest(coroutine, waits_for), out))

    async def _finish(self, rest: Rest, out: Outgoing | None) -> None:
        try:
            async with asyncio.timeout(DEADLINE_S):
                await rest
        except Exception as problem:  # the deadline, or a socket that is no more
            logger.debug("client: dropped: %r", problem)
            self._lost()
            self._wire.abort()
            return
        finally:
            self._pending = None
        if out is not None:
            self._count(out)
        self._look()

    @property
    def _has_credit(self) -> bool:
        return len(self._unacked) < WINDOW_FRAMES and self._unacked_bytes < self._credit.bytes

    @property
    def window_bytes(self) -> int:
        """As much as it may be sent at once, as plain text."""
        times = SMALLER if self._narrow else 1
        return self._credit.bytes * times if self._acks else MOST_BYTES

    @property
    def row_bytes(self) -> int:
        """What it is sent in one row, where rows can be cut. The first of all is whole: who asked for one
        thing alone has it, and says by that what its link carries."""
        first = not self._unacked and self._credit.knows_nothing
        return (MOST_BYTES if first else self.window_bytes) // 2

    def put_off(self, size: int) -> bool:
        """A row of so many bytes, which is brought when it is ready again: what its link carries is not known
        yet, and will be soon, by what is under way."""
        asked = self._acks and self._unacked and not self._credit.known
        if not asked or size <= self.row_bytes or self.under_way_s(time.monotonic()) > WORD_S:
            return False
        self.ready = False
        return True

    def brought(self, tracks: Iterable[Track]) -> None:
        """It has these. Once it has all that it was to be brought, what waited for that follows."""
        if self.owes:
            self.owes.difference_update(tracks)
            if not self.owes:
                asyncio.get_running_loop().call_soon(self._on_ready, self)

    def hears_beats(self, now_s: float) -> bool:
        """Though its window is full, as it is on a slow link nearly always."""
        if self.closing is not None or self._pending is not None or not self._unacked:
            return False
        return self.under_way_s(now_s) < YOUNG_S

    def under_way_s(self, now_s: float) -> float:
        """For how long the oldest of what it was sent is on its way."""
        return now_s - self._unacked[0].at_s if self._unacked else 0.0

    def nudge(self, now_s: float) -> None:
        """Each second: a client that acknowledges nothing of a small window may be waiting for more. And
        whatever it was that should have said that it is ready again: it is, if it can be sent something."""
        few = 0 < len(self._unacked) < OF_ONE_ACK
        if not self.ready and few and now_s - self._unacked[-1].at_s > STUCK_S:
            self._credit.stuck()
        self._look()

    def _watch(self) -> None:
        """While its link is slow, or not known."""
        if self._probe is None and self._credit.is_slow and self.closing is None:
            self._probe = asyncio.get_running_loop().call_later(PROBE_S / 2, self._look_after)

    def _look_after(self) -> None:
        self._probe = None
        if not self.ready and self._pending is None and self.closing is None and self._may_be_probed:
            self.ready = True
            self._on_ready(self)
        self._watch()

    @property
    def _may_be_probed(self) -> bool:
        """Nothing moves, and not much is under way."""
        much = len(self._unacked) >= WINDOW_FRAMES or self._unacked_bytes >= 3 * self._credit.bytes
        if much or not self._unacked:
            return False
        return time.monotonic() - max(self._unacked[-1].at_s, self._credit.heard_s) > PROBE_S

    def _look(self) -> None:
        """Whether it can be sent something again."""
        if self.ready or self.closing is not None or self._pending is not None:
            return
        if self._has_credit or not self._acks:
            self.ready = True
            self._on_ready(self)

    def _lost(self) -> None:
        self.ready = False
        self.closing = self.closing or Closing(1006, "")

    # what the client says

    def acknowledge(self, frame: int, away_s: float = 0.0) -> bool:
        """All frames up to this one were taken in, after it was away itself; False when that was no news."""
        self._said_bytes = 0
        if not self._acks:
            self._acks, self._unacked_bytes = True, 0
            self._watch()
            return True
        unacked, before = self._unacked, self._unacked_bytes
        if not unacked or unacked[0].number > frame:
            return False
        got = []
        while unacked and unacked[0].number <= frame:
            got.append(unacked.popleft())
            self._unacked_bytes -= got[-1].size
        now_s = time.monotonic() - away_s  # as if it had been there
        self._credit.heard(got, before, now_s)
        self._narrow = self._wire.compresses and self._credit.is_narrow(now_s)
        self._watch()
        if not self.ready:
            self._look()
        return True

    async def say(self, *payloads: bytes) -> None:
        """Replies: waits for the reader, so that who does not read cannot ask on. Those to one request go out
        in one write: there may be a thousand."""
        self._said_bytes += sum(map(len, payloads))
        if not self._wire.flow_control and self._said_bytes > UNACKNOWLEDGED_BYTES:
            self.close(ACKNOWLEDGE)
        if self.closing is not None:
            return
        if self._write is not None and self._write(b"".join(map(text_frame, payloads))):
            return
        try:
            async with asyncio.timeout(DEADLINE_S):
                for payload in payloads:
                    await self._wire.send(Outgoing(payload).message)
        except TimeoutError:
            self._lost()
            self._wire.abort()

    def close(self, closing: Closing) -> None:
        """Say why, once; the server's close handshake ends the connection."""
        if self.closing is not None:
            return
        self.closing, self.ready = closing, False
        if self._pending is None:
            self._start({"type": "websocket.close", "code": closing.code, "reason": closing.reason}, None)
        else:
            self._wire.abort()  # it does not read: there is nobody to tell

    def discard(self) -> None:
        """The connection is over."""
        self._lost()
        if self._probe is not None:
            self._probe.cancel()
        if self._pending is not None:
            self._pending.cancel()
