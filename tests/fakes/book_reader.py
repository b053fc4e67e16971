"""A process that follows one book and says how much memory that took: ``python -m tests.fakes.book_reader``.

Prints one line of JSON when the book is live for the first time, and one each time that it is again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from feeds import venues
from feeds.clock import SystemClock
from feeds.codec import Subscription
from feeds.symbols import BOOK
from feeds.venuefeed import VenueFeed
from marketdash import blocks
from tests.fakes.feed import running
from tests.fakes.waiting import wait_until

ROOT = Path(__file__).parents[2]
_FOREVER_S = 600.0


def peak_mb() -> float:
    """Not of ``getrusage``, which knows what the process that began this one had."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


async def read(instrument: str, url: str) -> None:
    blocks.give_back()  # as the worker does
    venue, _, native = instrument.partition(":")
    feed = VenueFeed(venues.codec(venue), [], SystemClock(), urls=(url, "http://127.0.0.1:9"))
    feed.desire([Subscription(BOOK, instrument, native, 25)])
    before_mb, lost_s = peak_mb(), time.monotonic()
    async with running(feed.run()):
        while True:
            await wait_until(lambda: feed.state.book(instrument), within_s=_FOREVER_S)
            levels = sum(map(len, feed.state.book(instrument).best(1 << 30)))
            said = {
                "levels": levels, "grown_mb": peak_mb() - before_mb,
                "took_s": time.monotonic() - lost_s, "error": feed.links[0].last_error,
            }  # fmt: skip
            print(json.dumps(said), flush=True)
            await wait_until(lambda: feed.state.book(instrument) is None, within_s=_FOREVER_S)
            lost_s = time.monotonic()


class Reader:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def live(self) -> dict[str, Any]:
        """What it says the next time that the book is live."""
        assert self._process.stdout is not None
        async with asyncio.timeout(30):
            return json.loads(await self._process.stdout.readline())


@contextlib.asynccontextmanager
async def reading(instrument: str, url: str) -> AsyncIterator[Reader]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.book_reader", instrument, url,
        stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    try:
        yield Reader(process)
    finally:
        process.kill()
        await process.wait()


if __name__ == "__main__":
    asyncio.run(read(*sys.argv[1:]))
