"""A follower that asks for what a page with a list of markets and one instrument asks for, and acknowledges
as pages do: eight frames at once, fewer after a quarter of a second (``static/js/core/credit.js``), each at
once on a far line (``static/js/core/heard.js``). By a line of its own it offers compression, as they do."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeAlias

import websockets

from tests.fakes.follower import Follower
from tests.fakes.transit import Transit

ACK_FRAMES, ACK_S, DEPTH = 8, 0.25, 25
PING_S, FAR_S, SILENT_S = 5.0, 0.3, 10.0


Line: TypeAlias = Callable[[], Awaitable[socket.socket]]


class PageFollower(Follower):
    """``looks_at`` is the instrument, the first of ``symbols`` unless told; ``line`` makes connections."""

    channels = ("ticker", "status", "book", "trade", "ohlc")

    def __init__(
        self, url: str, symbols: Sequence[str], *, looks_at: str = "", line: Line | None = None, **others: Any
    ) -> None:
        super().__init__(url, symbols, **others)
        self.looks_at, self._line = looks_at or symbols[0], line
        self._unsaid = self._newest = self.frames = 0
        self._said_s = self._asked_s = self._round_trip_s = 0.0
        self._saying: asyncio.Task[None] | None = None
        self._pings = itertools.count(1)
        self._asked: dict[int, float] = {}

    def value(self, channel: str) -> dict[str, Any]:
        """Of the instrument; empty while there is none."""
        return self.stores[channel].value(self.looks_at) or {}

    def _wants(self) -> list[dict[str, Any]]:
        one = {"symbol": [self.looks_at]}
        return [
            *super()._wants(),
            {"channel": "book", "depth": DEPTH, "interval_ms": 100, **one},
            {"channel": "trade", "interval_ms": 200, **one},
            {"channel": "ohlc", "interval": 1, "interval_ms": 200, **one},
        ]

    async def _connect(self) -> Any:
        self._unsaid, self._saying = 0, None
        self._asked_s = self._round_trip_s = 0.0
        self._asked.clear()
        if self._line is None:
            socket = await super()._connect()
        else:
            socket = await websockets.connect(
                self._url, sock=await self._line(), ping_interval=None, open_timeout=20
            )
        self._transit = Transit(time.monotonic())
        await super()._acknowledge(socket, 0)
        await self._ping(socket)
        return socket

    async def _texts(self, socket: websockets.ClientConnection) -> AsyncIterator[Any]:
        """A link that says nothing any more is given up: its end may have been lost on the way.

        Not by ``wait_for``: before Python 3.12 it forgets that it was cancelled where a text comes then.
        """
        while True:
            try:
                async with asyncio.timeout(SILENT_S):
                    text = await socket.recv()
            except TimeoutError:
                socket.transport.abort()
                return
            yield text

    async def _doubt(self, socket: Any, frame: dict[str, Any]) -> None:
        await super()._doubt(socket, frame)
        now_s = time.monotonic()
        if frame.get("method") == "pong" and (asked_s := self._asked.pop(frame.get("req_id", 0), None)):
            self._round_trip_s = now_s - asked_s
            self._transit.answered(asked_s, frame["clock_us"] / 1e6, now_s)
        if now_s - self._asked_s > PING_S:
            await self._ping(socket)

    async def _ping(self, socket: Any) -> None:
        number = next(self._pings)
        self._asked_s = self._asked[number] = time.monotonic()
        await socket.send(f'{{"method":"ping","req_id":{number}}}')

    async def _acknowledge(self, socket: Any, frame: int) -> None:
        self._newest, self._unsaid = frame, self._unsaid + 1
        self.frames += 1
        rested_s = time.monotonic() - self._said_s
        if self._unsaid >= ACK_FRAMES or rested_s >= ACK_S or self._round_trip_s > FAR_S:
            await self._say(socket)
        elif self._saying is None:
            self._saying = asyncio.create_task(self._say_later(socket, ACK_S - rested_s))

    async def _say_later(self, socket: Any, after_s: float) -> None:
        await asyncio.sleep(after_s)
        self._saying = None
        with contextlib.suppress(websockets.ConnectionClosed):
            await self._say(socket)

    async def _say(self, socket: Any) -> None:
        if self._unsaid:
            self._unsaid, self._said_s = 0, time.monotonic()
            await super()._acknowledge(socket, self._newest)
