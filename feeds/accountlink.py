"""One connection to a venue's private socket: greetings out, frames in, and when to give it up.

What a frame means, and what follows from it, is its owner's: see :mod:`feeds.account`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from feeds.admission import Opening
from feeds.clock import Clock
from feeds.events import Ack
from feeds.private import Denied, PrivateCodec
from feeds.ratelimit import message_window
from feeds.recorder import Tee
from feeds.shared import Timing, Wire
from feeds.watchdog import Gaps, Watchdog

_NS = 1_000_000_000


class AccountLink:
    """Made for one connection. ``greet`` makes what is sent first, when it can be sent; ``take`` gets frames.

    ``subscribed`` is done when the venue agreed to all of it; ``denied`` are its words where it did not.
    """

    tee: Tee | None = None
    """Nobody records an account."""

    def __init__(
        self,
        codec: PrivateCodec,
        url: str,
        clock: Clock,
        timing: Timing,
        greet: Callable[[], list[str]],
        take: Callable[[bytes], None],
        age_s: float,
    ) -> None:
        self.codec, self.clock, self.timing = codec, clock, timing
        self.name, self.conn = "private", f"{codec.venue}.private"
        self.url = url.rstrip("/") + codec.path
        self.opening = Opening(self.url)
        self.max_frame_bytes = codec.limits.max_frame_bytes
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[str] = loop.create_future()
        self.subscribed: asyncio.Future[None] = loop.create_future()
        self.refused, self.retry_after_s, self.limited = 0, 0.0, False
        self.error = self.denied = ""
        self._greet, self._take, self._age_s = greet, take, age_s
        self._waiting: list[str] = []
        self._answered = 0
        self._greeted_ns = self._pinged_ns = self._opened_ns = 0
        self._frames = self._data = False
        self._wire: Wire | None = None
        self._kick = asyncio.Event()
        self._outbox: list[str] = []
        self._pace = message_window(codec.limits.messages_per_s, clock)

    # what the connection calls

    def opened(self, wire: Wire) -> None:
        self._wire = wire
        self._opened_ns = self._pinged_ns = self.clock.mono_ns()
        self._watchdog = Watchdog(self.codec.limits, Gaps(), self._opened_ns)
        try:
            self._waiting = self._greet()
        except Denied as problem:
            self.denied = problem.words
            self.end(problem.words)
        else:
            self._next()

    def receive(self, data: bytes) -> None:
        self._frames = self._data = True
        self._take(data)

    def control_frame(self, *, ping: bool) -> None:
        self._frames = True
        if ping:
            self._pace.take()

    def end(self, reason: str) -> None:
        """Give the connection up, now. The first reason counts."""
        if not self.ended.done():
            self.ended.set_result(reason)
        if self._wire is not None:
            self._wire.abort()

    # what its owner calls

    def acknowledged(self, ack: Ack) -> None:
        """The answer to a greeting: the next one may go, or the venue does not want us."""
        if not ack.ok:
            self.denied = ack.error or "the venue refused the subscription"
            self.end(self.denied)
        elif ack.req_id in (0, self._answered + 1) and not self.subscribed.done():
            self._answered += 1
            self._next()

    def send(self, text: str) -> None:
        self._outbox.append(text)
        self._kick.set()

    def _next(self) -> None:
        if self._waiting:
            self._greeted_ns = self.clock.mono_ns()
            self.send(self._waiting.pop(0))
        elif not self.subscribed.done():
            self.subscribed.set_result(None)

    # requests and time

    async def send_requests(self) -> None:
        """Send what is due, in the venue's pace, until the connection ends."""
        while not self.ended.done():
            self._kick.clear()
            if not self._outbox:
                await self._kick.wait()
                continue
            text = self._outbox.pop(0)
            await self._pace.wait()
            await self._wire.send(text)

    async def watch(self) -> None:
        """Look after the connection several times a second, until it ends."""
        tick_s = min(self.timing.tick_s, self.codec.limits.idle_s / 4)
        while not self.ended.done():
            await asyncio.wait([self.ended], timeout=tick_s)
            now_ns = self.clock.mono_ns()
            self._tend(now_ns)
            await self._ping(now_ns)

    def _tend(self, now_ns: int) -> None:
        subscribed = self.subscribed.done()
        # Where there is no heartbeat an account may be silent for days: only pongs prove the link.
        proven = subscribed and not self.codec.limits.data_idle_s
        dead = self._watchdog.tick(now_ns, frames=self._frames, data=self._data, proven=proven, halted=False)
        self._frames = self._data = False
        if dead:
            self.end(dead)
        elif not subscribed and now_ns - self._greeted_ns > self.timing.ack_s * _NS:
            self.end("no answer to the subscription")
        elif self._age_s and now_ns - self._opened_ns > self._age_s * _NS:
            self.end("renewed before the venue's own limit")

    async def _ping(self, now_ns: int) -> None:
        if not self.codec.limits.data_idle_s:
            return
        quarter_ns = self._watchdog.frame_s / 4 * _NS
        if self._watchdog.wants_ping(now_ns) and now_ns - self._pinged_ns > quarter_ns:
            self._pinged_ns = now_ns
            self._pace.take()
            await self._wire.ping()
