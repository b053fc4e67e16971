"""uvicorn's HTTP protocol with limits that it lacks: how long a request may take to arrive, how long its
cookies may be, how many connections one address may hold, and that an address whose sockets are turned out
again and again opens no more for a while.

Without them whoever opens connections and says nothing, or a letter at a time, holds them for ever, until the
process has no descriptor left for anybody; and a handshake, which costs more than most of what comes after
it, could be had as often as somebody likes. Sockets count here until they are closed, refused ones too.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from marketdash.addresses import counted_as

HEAD_S = 10.0
"""From the first byte, or from connecting, to the end of a request's headers."""

CONNECTIONS_OF_ADDRESS = 400
"""Sockets and pages: an office behind one address has room. Who is behind our own proxies is not told apart
here, and counted by nobody but the proxy."""


BLAMED_AT_MOST, FORGIVEN_PER_S = 20.0, 1.0
"""How often sockets of one address may end for what they sent: a flood, frames that are none. Beyond it the
address opens no further socket until some of it is forgiven. Its pages, and its sockets that are open,
stay."""

REMEMBERED = 1000
"""Addresses that are blamed; of more than that nobody's blame is worth its place."""

_WHY = b"Too many sockets of this address were ended for what they sent.\n"
NOT_NOW = (
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 10\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(_WHY), _WHY)
)


COOKIE_BYTES = 8 * 1024
"""Of a request, all together. Ours are some hundred; to take a long one out of its quotes takes older Pythons
a time that grows with its square."""

_COOKIES = b"The cookies of this request are longer than %d bytes together: delete those of this site.\n"


async def too_many_cookies(scope: Any, receive: Any, send: Any) -> None:
    """In place of the application, which parses them. ASGI 3."""
    kind = (b"content-type", b"text/plain; charset=utf-8")
    headers = [kind, (b"cache-control", b"no-store"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 431, "headers": headers})
    await send({"type": "http.response.body", "body": _COOKIES % COOKIE_BYTES})


class Crowd:
    """Open connections by address (of IPv6 by its /64), and who is to blame; with a ``limit`` of 0 nobody is
    told apart."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self.limit = 0
        self.held: Counter[str] = Counter()
        self._now_s = now_s
        self._blamed: dict[str, tuple[float, float]] = {}

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

    def blames(self, transport: Any) -> None:
        """A socket of that address ends for what it sent."""
        if not self.limit:
            return
        if len(self._blamed) >= REMEMBERED:
            self._forgive()
        address = _address(transport)
        self._blamed[address] = self._blame(address) + 1, self._now_s()

    def _forgive(self) -> None:
        self._blamed = {each: noted for each, noted in self._blamed.items() if self._blame(each) > 0}
        if len(self._blamed) > REMEMBERED // 2:  # else it would be looked through for each that comes
            self._blamed.clear()

    def trusts(self, transport: Any) -> bool:
        """Whether that address may open a socket now."""
        address = _address(transport)
        return address not in self._blamed or self._blame(address) <= BLAMED_AT_MOST

    def _blame(self, address: str) -> float:
        blame, since_s = self._blamed.get(address, (0.0, 0.0))
        return max(0.0, blame - (self._now_s() - since_s) * FORGIVEN_PER_S)


crowd = Crowd()


def _address(transport: Any) -> str:
    peer = transport.get_extra_info("peername")
    return counted_as(str(peer[0])) if isinstance(peer, tuple) else ""


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

    def _should_upgrade(self) -> bool:
        """Asked of each request once its headers are read, before anybody is given them."""
        fits = sum(len(value) for name, value in self.headers if name == b"cookie") <= COOKIE_BYTES
        self.app = self.config.loaded_app if fits else too_many_cookies
        return fits and super()._should_upgrade()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        if crowd.trusts(self.transport):
            super().handle_websocket_upgrade(event)
        else:
            self.transport.write(NOT_NOW)
            self.transport.close()

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
