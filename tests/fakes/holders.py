"""Whoever opens sockets and holds them, in a process of their own: ``python -m tests.fakes.holders 8000 5000
KEY``.

The port, how many, and the session of the person who does it from many addresses; without it they are
visitors of one address. Says ``held`` when all were tried, and after a line is told, as JSON how many got an
answer and how many are open still. It steps back for what it attacks: on a machine of its own it would not be
noticed either."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import sys

from tests.fakes.raw_socket import RawSocket

AT_ONCE, OF_ONE_ADDRESS = 100, 25


async def opened(port: int, count: int, session: str) -> list[RawSocket]:
    """Whatever the server says to each."""
    free = asyncio.Semaphore(AT_ONCE)
    ours = [("Cookie", f"sessionid={session}"), ("Origin", f"http://127.0.0.1:{port}")] if session else []

    async def one(number: int) -> RawSocket | None:
        address = f"127.0.5.{1 + number // OF_ONE_ADDRESS}" if session else "127.0.6.1"
        async with free:
            with contextlib.suppress(OSError):
                return await RawSocket.opened(port, *ours, address=address)
        return None

    return [each for each in await asyncio.gather(*map(one, range(count))) if each is not None]


async def still_open(raws: list[RawSocket]) -> int:
    """After what the server had to say: those that it did not end."""

    async def one(raw: RawSocket) -> bool:
        if raw.status != 101:
            return False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await raw.ended()
                return False
        return True

    return sum(await asyncio.gather(*map(one, raws)))


async def main() -> None:
    os.nice(19)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    port, count, session = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""
    held = await opened(port, count, session)
    print("held", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print(json.dumps({"answered": len(held), "open": await still_open(held)}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
