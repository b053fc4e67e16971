"""A connection without a socket: what an exchange of the simulator and a link of ours have of it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from feeds.connection import last_words
from feeds.link import Link
from feeds.simulator.exchange import Exchange
from feeds.simulator.faults import LinkFault

LATENCY_S = 0.0007
"""What a message takes from us to an exchange. Of no simple part of a second, so that no two things that
happen by the clock happen at once."""

Between = Callable[["Line", bytes, str, str], None]
"""Who stands between an exchange and us: gets what a line sends (payload, native symbol, channel), and hands
on what it likes by :meth:`Line.deliver`."""


class _Faults(list[LinkFault]):
    """Never false: an exchange then sends each payload by itself, and nothing passes us by."""

    def __bool__(self) -> bool:
        return True


class Line:
    """One connection: what the exchange has for its link, and what our link has for its wire."""

    def __init__(self, exchange: Exchange, served: Link, path: str, between: Between) -> None:
        self.exchange, self.served, self.path = exchange, served, path
        self.between = between
        self.faults: list[LinkFault] = _Faults()
        self.distort: Any = None
        self.opened_s = self.sent_s = now_s()
        self.controls: deque[float] = deque(maxlen=64)
        self.subscribed = self.silent = False
        self.under_way = 0
        self.ws = SimpleNamespace(transport=SimpleNamespace(close=self.abort))
        self.protocol = SimpleNamespace(close_sent=None, close_rcvd=None)
        self._loop = asyncio.get_running_loop()
        self._closed = self._loop.create_future()
        self._inbox: list[tuple[bytes, Callable[[], None] | None]] = []

    # the exchange's side

    @property
    def open(self) -> bool:
        return not self._closed.done()

    def send(self, payload: bytes, symbol: str = "", channel: str = "reply") -> None:
        self.sent_s = now_s()
        leaving = self.distort(self, payload, symbol, channel) if len(self.faults) else [payload]
        for each in leaving:
            self.between(self, each, symbol, channel)

    def queue(self, frame: bytes) -> None:
        """A finished frame; all but pings come by :meth:`send`."""
        if frame[:1] == b"\x89" and not self.silent:
            self.served.control_frame(ping=True)
            self.controls.append(now_s())

    def end(self, code: int, reason: str) -> None:
        self.protocol.close_rcvd = SimpleNamespace(code=code, reason=reason)
        self._loop.call_soon(self.abort)

    def reset(self) -> None:
        self.abort()

    half_close = reset

    # between

    def deliver(self, payload: bytes, before: Callable[[], None] | None = None) -> None:
        """To our link, in order; ``before`` is called just then. An empty payload is ``before`` alone."""
        if not self._inbox:
            self._loop.call_soon(self._read)
        self._inbox.append((payload, before))

    def _read(self) -> None:
        inbox, self._inbox = self._inbox, []
        for payload, before in inbox:
            if self.silent or self._closed.done() or self.served.ended.done():
                return
            if before is not None:
                before()
            if payload:
                self.served.receive(payload)

    # our side

    async def send_text(self, text: str) -> None:
        self._loop.call_later(LATENCY_S, self._ask, text)

    def _ask(self, text: str) -> None:
        if self.open and not self.silent:
            self.exchange.receive(self, text)

    async def ping(self) -> None:
        self.controls.append(now_s())
        self._loop.call_later(LATENCY_S, self._pong)

    def _pong(self) -> None:
        if self.open and not self.silent:
            self.served.control_frame(ping=False)

    def abort(self) -> None:
        if not self._closed.done():
            self._closed.set_result(None)
            self.exchange.close(self)

    async def wait_closed(self) -> None:
        await asyncio.shield(self._closed)

    async def close(self) -> None:
        self.abort()


class Wire:
    """A line as our side sees it: an exchange has a ``send`` too."""

    def __init__(self, line: Line) -> None:
        self.protocol, self.abort, self.ping = line.protocol, line.abort, line.ping
        self.send, self.wait_closed, self.close = line.send_text, line.wait_closed, line.close
        self.words = lambda: last_words(line.protocol)
        self._line = line

    @property
    def under_way(self) -> int:
        return self._line.under_way


def now_s() -> float:
    return asyncio.get_running_loop().time()
