"""An HTTP server on loopback that says what a test tells it to, plain or behind TLS."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from email.utils import formatdate
from pathlib import Path
from typing import NamedTuple

Headers = dict[str, str]


class Said(NamedTuple):
    status: int
    headers: Headers = {}
    body: str = ""


Answer = Callable[[str, Headers], Said]
"""From path and headers (names in lower case) of a request."""


@contextlib.asynccontextmanager
async def answering(answer: Answer, *, pem: Path | None = None) -> AsyncIterator[int]:
    """The port. Each connection is one request."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *rest = head.split("\r\n")
                headers = {
                    name.lower(): value for name, _, value in (line.partition(": ") for line in rest if line)
                }
                said = answer(first.split(" ")[1], headers)
                lines = [
                    f"HTTP/1.1 {said.status} Said",
                    *(f"{name}: {value}" for name, value in said.headers.items()),
                ]
                if said.status != 101:
                    lines += [f"Content-Length: {len(said.body.encode())}", "Connection: close"]
                writer.write(("\r\n".join(lines) + "\r\n\r\n" + said.body).encode())
                await writer.drain()
        finally:  # also when the test is over before it was asked
            writer.close()

    context = None
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def opened(headers: Headers) -> Said:
    """What a WebSocket server says to an upgrade that reaches it; without one, what a web page would be."""
    if (
        "websocket" in headers.get("upgrade", "").lower()
        and "upgrade" in headers.get("connection", "").lower()
    ):
        return Said(101, {"Upgrade": "websocket", "Connection": "Upgrade"})
    return Said(426, {"Upgrade": "websocket"})


def dated(offset_s: float, now_s: float) -> Headers:
    return {"Date": formatdate(now_s + offset_s, usegmt=True)}
