"""What daphne lacks. On a socket's way out: it takes whatever it is given, and keeps it for a reader that
never reads.

Its transport is Twisted's, which tells a registered producer when its buffer is full and when there is room
again. daphne leaves the one registered that served the handshake, which looks away: here ours takes its
place, and ``send`` waits while the buffer is full, as uvicorn's does. Nothing is read from who does not read,
either: each answer to a ping would lie in the same buffer. And the kernel is told to give up on a connection
on which nothing is acknowledged for 5 s, as it is by the listener of :mod:`marketdash.ops.preflight`.

When it ends: what its libraries made for a socket names itself in a circle, and stays until Python's
collector comes. That circle is cut here."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from typing import Any

STALLED_MS = 5_000
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Brake:
    """A push producer in Twisted's words. ``send`` is in place of daphne's."""

    def __init__(self, transport: Any, send: Send) -> None:
        self._transport, self._send = transport, send
        self._room = asyncio.Event()
        self._room.set()
        transport.unregisterProducer()
        transport.registerProducer(self, True)
        _give_up_on_silence(transport)

    async def send(self, message: dict[str, Any]) -> None:
        await self._room.wait()
        await self._send(message)

    def pauseProducing(self) -> None:
        self._room.clear()
        self._transport.pauseProducing()

    def resumeProducing(self) -> None:
        self._room.set()
        if self._transport.disconnecting:  # Twisted closes nothing while somebody may go on producing
            self._transport.unregisterProducer()
        else:
            self._transport.resumeProducing()

    def stopProducing(self) -> None:
        """The connection is lost: what is sent now goes nowhere, and nobody waits for it."""
        self._room.set()


def say_why(protocol: Any) -> None:
    """autobahn hangs up on a frame that it refuses, without a word: a code says whether to come back."""
    protocol.failByDrop = False


def unknot(protocol: Any) -> None:
    """A connection that ends is freed at once, as uvicorn's is. To be called before the brake takes the place
    of the channel that served the handshake.

    autobahn's future of the end has the protocol as its result, and the protocol has the future; the channel
    lists the request, and that names the channel. So 12 KB of each that ended waited for the collector: of
    500 pages that freeze and come back hundreds lay about, and what stays came to lie among them."""
    protocol.is_closed.addCallback(lambda _: None)
    channel = getattr(protocol.transport, "producer", None)
    getattr(channel, "requests", []).clear()


def _give_up_on_silence(transport: Any) -> None:
    """Where there is such an option, and a socket that takes it."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        transport.getHandle().setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED_MS)
