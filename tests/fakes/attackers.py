"""Sockets that mean harm, in a process of their own: ``python -m tests.fakes.attackers pings 8000 5 7``.

The kind, the port, for how many seconds, the seed. Its time begins with its first connection, which it says
in a line. Who is cut off comes back at once. Its last line is JSON: how many connections there were, how many
of them the server ended, and the most that it held at once. It steps back for what it attacks: what it costs
to attack is not the server's to bear, and would be on another machine."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from functools import cache

from marketdash.live.deflate import deflated
from tests.fakes.raw_socket import CONTINUED, PING, RawSocket, frame, request, upgrade
from tests.socket_site import SYMBOLS

OF_ONE_ADDRESS = 25
CHUNK = 256
"""Frames that are written at once."""
STARVED_S = 30.0
DEFLATE = "Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"


@cache
def folded(noise: int, blanks: int) -> bytes:
    """So many letters at random, of which half remain, and so many blanks, which nearly vanish."""
    return deflated(random.Random(noise).randbytes(noise // 2).hex().encode() + b" " * blanks)


def subscriptions(chance: random.Random) -> bytes:
    method = chance.choice(("subscribe", "unsubscribe"))
    depth = chance.choice((10, 25, 100, 500, 1000))
    params = {"channel": "book", "symbol": SYMBOLS[:15], "depth": depth}
    return frame(json.dumps({"method": method, "params": params}).encode())


def unending(kind: str, chance: random.Random) -> Iterator[bytes]:
    """What one connection writes, for as long as it is let."""
    first = {"parts": frame(b"a", final=False), "part bytes": frame(b"a", final=False)}
    yield first.get(kind, b"")
    if kind == "held back":  # nearly a whole message, and never its end
        yield frame(b"*" * 1000, said=127 * 1024, wide=8)
        yield b"*" * (125 * 1024)
        return
    one = {
        "flood": lambda: frame(b'{"method":"ping"}'),
        "giants": lambda: frame(b"*" * (1024 * 1024)),
        "one-byte frames": lambda: frame(b"a"),
        "parts": lambda: frame(b"", CONTINUED, final=False),
        "part bytes": lambda: frame(b"a", CONTINUED, final=False),
        "pings": lambda: frame(b"*" * 125, PING),
        "bombs": lambda: frame(folded(0, chance.choice((10_000, 100_000, 5_000_000))), reserved=4),
        "folded": lambda: frame(folded(1000, 15_000), reserved=4),
        "subscriptions": lambda: subscriptions(chance),
    }[kind]
    while True:
        yield one() * (1 if kind in LARGE else CHUNK)


class Attack:
    def __init__(self, kind: str, port: int, seconds: float, seed: int) -> None:
        self.kind, self.port, self._seconds = kind, port, seconds
        self.chance, self.open = random.Random(seed), 0
        self.counts = Counter({"connections": 0, "ended": 0, "at once": 0})
        self._begun, self._cut_off, self._over = asyncio.Event(), asyncio.Event(), False

    async def run(self) -> None:
        work: Callable[[str], Awaitable[None]] = self._slow if self.kind in SLOW else self._frames
        many = 300 if self.kind in SLOW else 40
        addresses = [f"127.0.3.{1 + n // OF_ONE_ADDRESS}" for n in range(many)]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._again(work, address)) for address in addresses]
            await self._ended()
            self._over = True
            for task in tasks:
                task.cancel()

    async def _ended(self) -> None:
        """Later where none was cut off yet that has to be: on a busy machine it may hardly have begun."""
        await self._begun.wait()
        await asyncio.sleep(self._seconds)
        if self.kind not in (*SLOW, *SUFFERED):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._cut_off.wait(), STARVED_S)

    async def _again(self, work: Callable[[str], Awaitable[None]], address: str) -> None:
        while True:
            with contextlib.suppress(OSError):
                await work(address)
            await asyncio.sleep(0.05)

    async def _frames(self, address: str) -> None:
        offers = [DEFLATE] if self.kind in FOLDED else []
        raw = await self._counted(await RawSocket.opened(self.port, *offers, address=address))
        try:
            if raw.status != 101:
                self.counts["refused"] += 1
                return
            for data in unending(self.kind, self.chance):
                raw.writer.write(data)
                await raw.writer.drain()
                if raw.reader.at_eof():
                    break
                await asyncio.sleep(0)
            await raw.reader.read(-1) if self.kind == "held back" else None
        finally:
            self._left(raw)

    async def _slow(self, address: str) -> None:
        raw = await self._counted(await RawSocket.connected(self.port, address))
        letters = request(upgrade(f"127.0.0.1:{self.port}", ("X-Long", "*" * 10_000)))
        try:
            for at in range(len(letters)):
                if self.kind == "slow handshakes":
                    raw.writer.write(letters[at : at + 1])
                    await raw.writer.drain()
                if raw.reader.at_eof():
                    return
                await asyncio.sleep(0.1)
        finally:
            self._left(raw)

    async def _counted(self, raw: RawSocket) -> RawSocket:
        if not self._begun.is_set():
            self._begun.set()
            print("begun", flush=True)
        self.counts["connections"] += 1
        self.open += 1
        self.counts["at once"] = max(self.counts["at once"], self.open)
        return raw

    def _left(self, raw: RawSocket) -> None:
        self.open -= 1
        if not self._over:
            self.counts["ended"] += 1
            self._cut_off.set()
        raw.abort()


SLOW = ("slow handshakes", "silence")
FOLDED = ("bombs", "folded")
LARGE = ("giants", "subscriptions", *FOLDED)
SUFFERED = ("subscriptions", "held back")
"""For a while, or for good."""
KINDS = (
    *(
        "flood",
        "giants",
        "held back",
        "one-byte frames",
        "parts",
        "part bytes",
        "pings",
        "bombs",
        "folded",
        "subscriptions",
    ),
    *SLOW,
)


async def main() -> None:
    os.nice(19)
    kind, port, seconds, seed = sys.argv[1:5]
    attack = Attack(kind, int(port), float(seconds), int(seed))
    await attack.run()
    print(json.dumps(attack.counts))


if __name__ == "__main__":
    asyncio.run(main())
