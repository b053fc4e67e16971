"""A venue on loopback whose links are HTTP answers without end, byte by byte as a test wants them."""

from __future__ import annotations

import asyncio
import socket
import struct
import time

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


class Stream:
    """One that a client opened: ``path`` is what it asked for."""

    def __init__(self, head: str, writer: asyncio.StreamWriter) -> None:
        self.path = head.split(" ")[1]
        lines = head.split("\r\n")[1:]
        self.headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
        }
        self.writer = writer

    def chunk(self, data: bytes) -> None:
        self.writer.write(b"%x\r\n%s\r\n" % (len(data), data))

    def say(self, *messages: bytes) -> None:
        """Whole lines in one chunk."""
        self.chunk(b"".join(message + b"\n" for message in messages))

    def end(self) -> None:
        """As HTTP ends an answer."""
        self.writer.write(b"0\r\n\r\n")
        self.writer.close()

    def half_close(self) -> None:
        self.writer.write_eof()

    def reset(self) -> None:
        shown = self.writer.get_extra_info("socket")
        shown.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class LineServer:
    """``first``: what each stream begins with. ``refusal``: the answer in place of one."""

    def __init__(self) -> None:
        self.streams: list[Stream] = []
        self.connects: list[float] = []
        self.first: list[bytes] = []
        self.refusal = b""

    async def __aenter__(self) -> LineServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        for stream in self.streams:
            stream.writer.transport.abort()
        self._server.close()
        await self._server.wait_closed()

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
        except BaseException:  # it went, or the test is over before it said what it wants
            writer.transport.abort()
            raise
        self.connects.append(time.monotonic())
        if self.refusal:
            writer.write(self.refusal)
            writer.close()
            return
        stream = Stream(head, writer)
        writer.write(HEAD)
        if self.first:
            stream.say(*self.first)
        self.streams.append(stream)
        await reader.read()

    @property
    def newest(self) -> Stream:
        return self.streams[-1]


def refusal(status: int, words: str = "", **headers: str) -> bytes:
    body = words.encode()
    told = {"Content-Length": str(len(body)), "Connection": "close", **headers}
    lines = [f"HTTP/1.1 {status} No", *(f"{name.replace('_', '-')}: {text}" for name, text in told.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
