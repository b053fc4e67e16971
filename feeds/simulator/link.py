"""One client's connection, from the exchange's side: framing, buffering, and misbehaviour on demand."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Generator
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.frames import Opcode
from websockets.protocol import State
from websockets.streams import StreamReader

from feeds.simulator.faults import LinkFault

# A client that leaves more than this unread is cut off, as exchanges do.
_UNREAD_LIMIT = 64 * 1024 * 1024
_BODY_LIMIT = 64 * 1024


def text_frame(payload: bytes) -> bytes:
    """A whole unmasked text frame (RFC 6455 §5.2), built once for everybody who gets it."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", 0x81, size) + payload
    if size < 65536:
        return struct.pack("!BBH", 0x81, 126, size) + payload
    return struct.pack("!BBQ", 0x81, 127, size) + payload


def now_s() -> float:
    """Real seconds: what limits and heartbeats go by, whatever the market's clock says."""
    return time.monotonic()


class _Lines:
    """Header lines of one request. This library of servers knows only GET without a body: the method is noted
    and written over, and a body is read here.
    """

    def __init__(self, reader: StreamReader) -> None:
        self._read_line, self._read_exact = reader.read_line, reader.read_exact
        self._length, self._first = 0, True
        self.method, self.body = "GET", b""

    def read(self, *arguments: Any) -> Generator[None, None, bytes]:
        line: bytes = yield from self._read_line(*arguments)
        if self._first:
            self._first = False
            method, _, rest = line.partition(b" ")
            self.method = method.decode("ascii", "replace")
            return b"GET " + rest
        while line.lower().startswith(b"content-length:"):
            self._length = min(int(line.partition(b":")[2]), _BODY_LIMIT)
            line = yield from self._read_line(*arguments)
        if not line.strip():
            self.body = yield from self._read_exact(self._length)
        return line


class ExchangeConnection(ServerConnection):
    """Notes when control frames came, because venues count them and expect them; and requests of any kind."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.controls: deque[float] = deque(maxlen=64)
        self.asked = _Lines(self.protocol.reader)
        self.protocol.reader.read_line = self.asked.read  # type: ignore[method-assign]
        # It has begun to wait for the first line already.
        self.protocol.parser = self.protocol.parse()
        next(self.protocol.parser)

    def process_event(self, event: Any) -> None:
        if getattr(event, "opcode", None) in (Opcode.PING, Opcode.PONG):
            self.controls.append(now_s())
        super().process_event(event)


class Link:
    """Frames wait in ``out`` until the end of the engine's pass, so that a burst costs one system call."""

    def __init__(self, ws: ExchangeConnection, number: int, dirty: list[Link]) -> None:
        self.ws, self.number = ws, number
        self.out: list[bytes] = []
        self.faults: list[LinkFault] = []
        self.distort: Callable[[Link, bytes, str, str], list[bytes]] | None = None
        self.opened_s = self.sent_s = now_s()
        self.messages = self.received = 0
        self.subscribed = False
        self.mute = False
        self.framed = text_frame
        self._dirty = dirty
        self._ending: asyncio.Task[None] | None = None

    @property
    def path(self) -> str:
        """What the client asked for, query included."""
        return self.ws.request.path if self.ws.request is not None else ""

    @property
    def controls(self) -> deque[float]:
        return self.ws.controls

    @property
    def open(self) -> bool:
        return self.ws.state is State.OPEN

    def queue(self, frame: bytes) -> None:
        """A finished frame, past all faults."""
        if not self.out:
            self._dirty.append(self)
        self.out.append(frame)

    def send(self, payload: bytes, symbol: str = "", channel: str = "reply") -> None:
        """One message, through the faults of this link if there are any."""
        if self.faults and self.distort is not None:
            for leaving in self.distort(self, payload, symbol, channel):
                self.queue(self.framed(leaving))
        else:
            self.queue(self.framed(payload))

    def write(self, now_s: float) -> int:
        """Hand what waits to the socket; returns how many messages that were."""
        frames, self.out = self.out, []
        if self.mute or not self.open or self.ws.transport.is_closing():
            return 0
        self.ws.transport.write(b"".join(frames))
        self.sent_s = now_s
        self.messages += len(frames)
        if self.ws.transport.get_write_buffer_size() > _UNREAD_LIMIT:
            self.ws.transport.abort()
        return len(frames)

    def end(self, code: int, reason: str) -> None:
        """Close with a code, after what was sent before."""
        self.write(self.sent_s)
        self._ending = asyncio.create_task(self.ws.close(code, reason))

    def half_close(self) -> None:
        """End our direction of the TCP connection and go on listening."""
        with self._socket() as sock:
            sock.shutdown(socket.SHUT_WR)
        self.mute = True

    def reset(self) -> None:
        """Let the client see ECONNRESET: a socket that lingers for zero seconds sends RST."""
        with self._socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.ws.transport.abort()

    def _socket(self) -> socket.socket:
        """The connection's own socket, under a second descriptor: event loops hide the first."""
        shown = self.ws.transport.get_extra_info("socket")
        return socket.fromfd(shown.fileno(), shown.family, shown.type)
