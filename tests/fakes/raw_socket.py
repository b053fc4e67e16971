"""A WebSocket by hand: every byte of the handshake and of each frame is the test's own."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
from collections.abc import Iterable
from typing import NamedTuple

Header = tuple[str, str]
CONTINUED, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Frame(NamedTuple):
    """``reserved``: RSV1 is 4, RSV2 2, RSV3 1. ``code``: of a close frame, 1005 when it has none."""

    final: bool
    opcode: int
    payload: bytes
    reserved: int = 0

    @property
    def code(self) -> int:
        return int.from_bytes(self.payload[:2], "big") if len(self.payload) >= 2 else 1005


def frame(
    payload: bytes = b"",
    opcode: int = TEXT,
    *,
    final: bool = True,
    reserved: int = 0,
    masked: bool = True,
    wide: int = 0,
    said: int | None = None,
) -> bytes:
    """``reserved``: RSV1 is 4, RSV2 2, RSV3 1. ``wide`` forces a length of that many bytes, ``said`` a length
    that is not the payload's."""
    size = len(payload) if said is None else said
    wide = wide or (0 if size < 126 else 2 if size < 65536 else 8)
    length = {0: size, 2: 126, 8: 127}[wide]
    head = bytes((final << 7 | reserved << 4 | opcode, masked << 7 | length))
    head += size.to_bytes(wide, "big") if wide else b""
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + mask_with(mask, payload)


def mask_with(mask: bytes, payload: bytes) -> bytes:
    whole = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(whole, "big")).to_bytes(len(payload), "big")


def request(headers: Iterable[Header], path: str = "/ws/v1/") -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1")


def upgrade(host: str, *more: Header) -> list[Header]:
    """What a browser sends, and ``more``."""
    key = base64.b64encode(os.urandom(16)).decode()
    usual = [("Host", host), ("Upgrade", "websocket"), ("Connection", "Upgrade")]
    return [*usual, ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", key), *more]


class RawSocket:
    """``status`` of the handshake is 0 where the server hung up without an answer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.status = 0
        self.head = b""

    @classmethod
    async def connected(cls, port: int, address: str = "127.0.0.1") -> RawSocket:
        return cls(*await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0)))

    @classmethod
    async def opened(cls, port: int, *more: Header, host: str = "", address: str = "127.0.0.1") -> RawSocket:
        """After the handshake, whatever came of it."""
        raw = await cls.connected(port, address)
        try:
            await raw.shake(upgrade(host or f"127.0.0.1:{port}", *more))
        except BaseException:  # nobody gets it to close it
            raw.abort()
            raise
        return raw

    async def shake(self, headers: Iterable[Header]) -> int:
        self.writer.write(request(headers))
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            self.head = await self.reader.readuntil(b"\r\n\r\n")
            self.status = int(self.head.split(b" ", 2)[1])
        return self.status

    async def send(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def receive(self) -> Frame | None:
        """None when the connection is over."""
        try:
            first, second = await self.reader.readexactly(2)
            size = second & 0x7F
            if size > 125:
                size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8), "big")
            payload = await self.reader.readexactly(size)
            return Frame(bool(first & 0x80), first & 0x0F, payload, first >> 4 & 7)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def ended(self) -> Frame | None:
        """Read to the end: the close frame, None where the server just hung up."""
        while (found := await self.receive()) is not None:
            if found.opcode == CLOSE:
                return found
        return None

    def abort(self) -> None:
        self.writer.transport.abort()
