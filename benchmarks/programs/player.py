"""A Binance that plays a recording: python -m benchmarks.programs.player PORT TAPE RATE FRAMES PROGRESS.

RATE is messages per second, 0: as fast as the reader takes them. Frames are built before the start; what is
due is written once a millisecond. PROGRESS is a mapped file of two numbers: messages that were due by the
clock, and messages handed to the socket.
"""

from __future__ import annotations

import asyncio
import json
import mmap
import struct
import sys
import time
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import uvloop
from websockets.asyncio.server import Request, Response, ServerConnection, serve
from websockets.frames import Frame, Opcode

from benchmarks.programs.tape import load
from benchmarks.rig.looping import passes

COUNTS = struct.Struct("2Q")
STEP_S = 0.001
FLOOD_AT_ONCE = 500
UNREAD_BYTES = 1 << 18
"""With so much unread nothing more is written: the reader is behind, and TCP says so."""


class Player:
    def __init__(self, folder: str, rate: float, frames: int, progress: str) -> None:
        self.tape, self.rate = load(folder), rate
        self.books = {rest: raw for rest, raw in self.tape.records if rest}
        count = -(-frames // self.tape.frames)
        texts = passes(self.tape, count, time.time_ns() // 1_000_000)[:frames]
        self.frames = [Frame(Opcode.TEXT, text.encode()).serialize(mask=False) for text in texts]
        with open(progress, "r+b") as file:
            self.counts = mmap.mmap(file.fileno(), COUNTS.size)
        self.go = asyncio.Event()

    async def link(self, ws: ServerConnection) -> None:
        play = asyncio.create_task(self.play(ws))
        try:
            async for message in ws:
                request = json.loads(message)
                await ws.send(json.dumps({"result": None, "id": request["id"]}))
                self.go.set()
        finally:
            play.cancel()

    async def play(self, ws: ServerConnection) -> None:
        """Starts a second after the first subscription: what else is asked for by then is acknowledged."""
        await self.go.wait()
        await asyncio.sleep(1)
        started, sent = time.monotonic(), 0
        while sent < len(self.frames):
            await asyncio.sleep(STEP_S if self.rate else 0)
            due = int((time.monotonic() - started) * self.rate) if self.rate else sent + FLOOD_AT_ONCE
            while sent < due and ws.transport.get_write_buffer_size() < UNREAD_BYTES:
                until = min(due, sent + FLOOD_AT_ONCE, len(self.frames))
                ws.transport.write(b"".join(self.frames[sent:until]))
                sent = until
            self.counts[:] = COUNTS.pack(min(due, len(self.frames)), sent)

    def rest(self, connection: ServerConnection, request: Request) -> Response | None:
        if "upgrade" in request.headers.get("Connection", "").lower():
            return None
        parts = urlsplit(request.path)
        symbol = parse_qs(parts.query).get("symbol", [""])[0]
        body = self.books.get(symbol, "[]") if "depth" in parts.path else "[]"
        return connection.respond(HTTPStatus.OK, body)


async def main(port: int, folder: str, rate: float, frames: int, progress: str) -> None:
    player = Player(folder, rate, frames, progress)
    options = {"compression": None, "ping_interval": None, "process_request": player.rest}
    async with serve(player.link, "127.0.0.1", port, **options) as server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4]), sys.argv[5]))
