"""Five hundred pages that read no more, beside a hundred that do: who reads notices nothing, and nothing
piles up."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from typing import Any

import psutil
import pytest

from tests.fakes.healthy import Healthy, move
from tests.scoreboard import Score, quantile
from tests.socket_site import ROOT, SYMBOLS, SocketSite

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]
HEALTHY, FROZEN, ADDRESSES = 100, 500, "127.0.8."
MOST_MIB, MIB_PER_MIN = 50, 0.1
DROPPED_S, BACK_S = 10.0, 2.0
WINDOW_S = 5.0


async def moving(market: Any) -> None:
    """Ten prices and two books, as lively as those of an exchange."""
    for n in range(10**9):
        for symbol in SYMBOLS[1:10]:
            move(market, symbol)
        for symbol in SYMBOLS[:2]:
            market.delta(symbol, [(f"{90 - level}.5", f"{n}.{level}") for level in range(40)], [])
        await asyncio.sleep(0.1)


class Pages:
    """The process of those that freeze."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def opened(cls, site: SocketSite, again: bool, seed: int) -> Pages:
        words = ["-m", "tests.fakes.stalled", *map(str, (site.port, FROZEN, int(again), seed))]
        pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
        made = cls(
            await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT, limit=2**24, **pipes)
        )
        assert await made.line() == "following"
        return made

    async def line(self) -> str:
        async with asyncio.timeout(120):
            return (await self._process.stdout.readline()).decode().strip()

    def tell(self, word: str) -> None:
        self._process.stdin.write(f"{word}\n".encode())

    async def said(self) -> dict[str, Any]:
        return json.loads(await self.line())

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


async def dropped(site: SocketSite, seconds: list[float]) -> None:
    """Notes after how long the server holds none of them any more."""
    began_s, process = time.monotonic(), psutil.Process(site.process.pid)
    while True:
        held = await asyncio.to_thread(process.net_connections, "tcp")
        if not any(each.raddr and each.raddr.ip.startswith(ADDRESSES) for each in held):
            seconds.append(time.monotonic() - began_s)
            return
        await asyncio.sleep(0.25)


FREEZE = pytest.mark.fault(
    "F33",
    "500 pages freeze for 10 minutes beside 100 that read, {site}",
    goal="memory ≤ +50 MB, flat (≤ 0.1 MB a minute); p99 of the others ≤ +20 % (the median of windows "
    "of 5 s: in most of them those that stay frozen are dropped already); dropped in 10 s; back in 2 s",
)
COME_BACK = pytest.mark.fault(
    "F33",
    "500 pages freeze for 10 minutes beside 100 that read, {site}; each comes back after 8 s and freezes "
    "again",
    goal="memory ≤ +50 MB, flat (≤ 0.1 MB a minute); back in 2 s. The p99 of the others is told and not "
    "judged: each that is back is served as they are, so they share with more than before",
)


@pytest.mark.parametrize("again", [pytest.param(False, marks=FREEZE), pytest.param(True, marks=COME_BACK)])
async def test_frozen_pages_cost_nobody_anything(
    site: SocketSite, market: Any, again: bool, score: Score
) -> None:
    gone_s: list[float] = []
    async with contextlib.AsyncExitStack() as stack:
        moves = asyncio.create_task(moving(market))
        stack.callback(moves.cancel)
        healthy = await Healthy.come(stack, site, market, HEALTHY, every_s=0.1)
        await healthy.p99_s(WINDOW_S)  # it is warm
        alone_s, _ = await healthy.p99_s(3 * WINDOW_S)
        pages = await Pages.opened(site, again, score.seed)
        stack.push_async_callback(pages.end)
        await healthy.p99_s(WINDOW_S)
        before = healthy.process.memory_info().rss
        pages.tell("freeze")
        looking = asyncio.create_task(dropped(site, gone_s))
        stack.callback(looking.cancel)
        samples, worst = [], []
        for _ in range(int(score.times(600, few=30) // WINDOW_S)):
            p99_s, most = await healthy.p99_s(WINDOW_S)
            samples.append((len(samples) * WINDOW_S, most / 2**20))
            worst.append(p99_s)
        pages.tell("thaw")
        told = asyncio.create_task(pages.said())
        while not told.done():
            await healthy.p99_s(1.0)
        back_s = told.result()["back_s"]

    grown = max(size for _, size in samples) - before / 2**20
    settled = samples[len(samples) // 3 :]
    climbs = (settled[-1][1] - settled[0][1]) / (settled[-1][0] - settled[0][0]) * 60
    beside_s = quantile(worst, 0.5)
    score.note("p99 alone", alone_s * 1000, "ms")
    score.note("beside them median", beside_s * 1000, "ms")
    score.note("worst 5 s", max(worst) * 1000, "ms")
    score.note("RSS grew by", grown, "MB")
    score.note("at the end by", climbs, "MB a minute")
    score.note("dropped after", gone_s[0] if gone_s else float("inf"))
    score.note("back (p99)", quantile(back_s, 0.99))
    assert grown <= MOST_MIB and climbs <= MIB_PER_MIN
    if not again:
        assert beside_s <= alone_s * 1.2
        assert gone_s and gone_s[0] <= DROPPED_S
    assert quantile(back_s, 0.99) <= BACK_S
