"""uvicorn's HTTP protocol with two limits that it lacks: how long a request may take to arrive, and how many
connections one address may hold.

Without them whoever opens connections and says nothing, or a letter at a time, holds them for ever, until the
process has no descriptor left for anybody. Sockets count here until they are closed, refused ones too.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0
"""From the first byte, or from connecting, to the end of a request's headers."""

CONNECTIONS_OF_ADDRESS = 400
"""Sockets and pages: an office behind one address has room. Who is behind our own proxies is not told apart
here, and counted by nobody but the proxy."""


class Crowd:
    """Open connections by address; with a ``limit`` of 0 there is none."""

    def __init__(self) -> None:
        self.limit = 0
        self.held: Counter[str] = Counter()

    def enters(self, transport: Any) -> bool:
        address = _address(transport)
        if self.limit and self.held[address] >= self.limit:
            return False
        self.held[address] += 1
        return True

    def leaves(self, transport: Any) -> None:
        address = _address(transport)
        self.held[address] -= 1
        if self.held[address] <= 0:
            del self.held[address]


crowd = Crowd()


def _address(transport: Any) -> str:
    peer = transport.get_extra_info("peername")
    return str(peer[0]) if isinstance(peer, tuple) else ""


class GuardedProtocol(H11Protocol):
    """See the module. A connection that becomes a socket leaves the crowd by the socket's protocol."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._deadline: asyncio.TimerHandle | None = None
        self._entered = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._entered = crowd.enters(transport)
        if self._entered:
            self._expect_head()
        else:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        if not self._entered:
            return
        super().data_received(data)
        # A request is on its way when something of it came and its headers did not end yet.
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._expect_head()
        else:
            self._got_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._got_head()
        if self._entered:
            self._entered = False
            crowd.leaves(self.transport)
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_S, self.transport.abort)

    def _got_head(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
