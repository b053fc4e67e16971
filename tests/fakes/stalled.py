"""Pages that freeze, in a process of their own: ``python -m tests.fakes.stalled 8000 500 0 7``.

The port, how many, whether they come back to freeze again (1) or not (0), the seed. They follow as pages do
and acknowledge, by connections with the smallest receive buffers that the kernel gives. Told ``freeze`` by a
line they read no more; told ``thaw`` each goes on where it stood, one after another. Its last line is JSON:
after how many seconds each was dropped, and after how many each saw a fresh price again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import sys
import time
from typing import Any

from tests.fakes.healthy import age_s
from tests.fakes.raw_socket import RawSocket, frame, upgrade
from tests.socket_site import SYMBOLS

OF_ONE_ADDRESS = 20
KEPT_S, FRESH_S = 8.0, 1.0
THAWED_PER_S = 25
"""They are pages of many people, who do not all look at the same moment."""

WOKEN_BYTES = 2**17
"""As browsers have. In the smallest buffer the window may stay below one segment once somebody reads on: then
the kernel that sends waits for its timer, and 500 bytes come five times a second, whoever serves."""


class Frozen:
    """One of them. ``back_s``: how long after it was thawed it saw a price that was fresh."""

    def __init__(self, port: int, address: str, again: bool, chance: random.Random) -> None:
        self._port, self._address, self._again, self._chance = port, address, again, chance
        self.freezing, self._thawed = asyncio.Event(), asyncio.Event()
        self.fresh = asyncio.Event()
        self.back_s = 0.0

    async def run(self) -> None:
        await self._follow()
        while self._again and not self._thawed.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(KEPT_S + self._chance.uniform(0, 2.0)):
                    await self._thawed.wait()
            if not self._thawed.is_set():
                self._leave()
                await self._follow()
        await self._thawed.wait()
        await self._wake()

    def freeze(self) -> None:
        self.freezing.set()

    def thaw(self) -> None:
        self._thawed_s = time.monotonic()
        self._thawed.set()

    async def _open(self, buffer_bytes: int) -> None:
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
        made.setblocking(False)
        made.bind((self._address, 0))
        await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", self._port))
        self._raw = RawSocket(*await asyncio.open_connection(sock=made, limit=2**20))
        await self._raw.shake(upgrade(f"127.0.0.1:{self._port}"))
        await self._acknowledge(0)
        for params in (
            {"channel": "status"},
            _ticker(),
            {"channel": "book", "symbol": SYMBOLS[:2], "depth": 100},
        ):
            await self._raw.send(frame(json.dumps({"method": "subscribe", "params": params}).encode()))
        self._reading = asyncio.create_task(self._read())

    async def _follow(self) -> None:
        """As a page that is looked at, until it freezes."""
        await self._open(1)
        await self.freezing.wait()
        self._raw.writer.transport.pause_reading()

    async def _read(self) -> None:
        while (found := await self._raw.receive()) is not None:
            said = json.loads(found.payload) if found.opcode == 1 else {}
            if "frame" in said:
                await self._acknowledge(said["frame"])
            if said.get("channel") == "ticker" and any(_is_fresh(row) for row in said["data"]):
                self.fresh.set()

    async def _acknowledge(self, number: int) -> None:
        await self._raw.send(frame(json.dumps({"method": "ack", "params": {"frame": number}}).encode()))

    async def _wake(self) -> None:
        """It reads on where it was, and mostly finds that this connection is no more."""
        self.fresh.clear()
        made = self._raw.writer.get_extra_info("socket")
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WOKEN_BYTES)
        self._raw.writer.transport.resume_reading()
        seen = asyncio.create_task(self.fresh.wait())
        while not await self._has_seen(seen):  # as a page does, however often it takes
            self._leave()
            await self._open(WOKEN_BYTES)
        self.back_s = time.monotonic() - self._thawed_s
        self._leave()

    async def _has_seen(self, seen: asyncio.Task[Any]) -> bool:
        """By this connection, before it ends, or says nothing for long."""
        await asyncio.wait({self._reading, seen}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        return self.fresh.is_set()

    def _leave(self) -> None:
        self._reading.cancel()
        self._raw.abort()


def _ticker() -> dict[str, Any]:
    return {"channel": "ticker", "symbol": SYMBOLS[:10], "interval_ms": 100}


def _is_fresh(row: dict[str, Any]) -> bool:
    return row["symbol"] == SYMBOLS[1] and "bid" in row and age_s(row["bid"]) < FRESH_S


async def main() -> None:
    port, count, again, seed = map(int, sys.argv[1:])
    them = [
        Frozen(port, f"127.0.8.{1 + n // OF_ONE_ADDRESS}", bool(again), random.Random(f"{seed}/{n}"))
        for n in range(count)
    ]
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with asyncio.TaskGroup() as group:
        for each in them:
            group.create_task(each.run())
            await asyncio.sleep(0.01)
        for each in them:
            await each.fresh.wait()
        print("following", flush=True)
        await lines.readline()
        for each in them:
            each.freeze()
        await lines.readline()
        for each in random.Random(seed).sample(them, len(them)):
            each.thaw()
            await asyncio.sleep(1 / THAWED_PER_S)
    print(json.dumps({"back_s": [each.back_s for each in them]}))


if __name__ == "__main__":
    asyncio.run(main())
