"""What sockets ask for, so much of it in a turn of the loop: in between the others are sent what they follow.

One request for many books takes milliseconds, and forty sockets may ask in the same turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from itertools import islice

from marketdash.live.due import TURN_S

AT_ONCE = 32
"""Of those who wait, so many look in one turn whether it is theirs."""


class Turns:
    """Of one loop. Who came first goes first; each socket waits with one request at most."""

    __slots__ = ("_now_s", "_waiting", "_until_s", "_comes_round")

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._waiting: dict[object, asyncio.Future[None]] = {}
        self._until_s: float | None = None
        self._comes_round = False

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    async def mine(self) -> None:
        """Until there is time for what the caller does next, which it does without waiting."""
        loop = asyncio.get_running_loop()
        if self._waiting or not self._has_time(loop):
            await self._wait(loop)

    async def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        me = object()
        try:
            while True:
                called = self._waiting[me] = loop.create_future()  # where it was in the queue
                self._come_round(loop)
                await called
                if self._has_time(loop):
                    return
        finally:
            del self._waiting[me]

    def _has_time(self, loop: asyncio.AbstractEventLoop) -> bool:
        now_s = self._now_s()
        if self._until_s is None:
            self._until_s = now_s + TURN_S
            self._come_round(loop)
        return now_s < self._until_s

    def _come_round(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._comes_round:
            self._comes_round = True
            loop.call_soon(self._next, loop)

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        """A new turn of the loop."""
        self._until_s, self._comes_round = None, False
        for called in islice(self._waiting.values(), AT_ONCE):
            if not called.done():
                called.set_result(None)
        if self._waiting:  # those who were called may be gone
            self._come_round(loop)
