"""Sockets that mean harm beside others: they are cut off, cost little, and nobody else notices."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import psutil
import pytest

from tests.fakes import attackers
from tests.fakes.bot import Bot
from tests.fakes.waiting import wait_until
from tests.scoreboard import Score
from tests.socket_site import ROOT, SYMBOLS, SocketSite, ask

HEALTHY, MOST_MIB = 10, 20
ENDED_WITHIN_S = {"silence": 15.0, "slow handshakes": 15.0, "subscriptions": 10.0, "held back": 1e9}
"""A message that is held back is a socket that says nothing: it may, and costs what its limit is."""

EVERY_S = 0.02
WATCHED = SYMBOLS[0]
GOAL = "attackers cut off, RSS ≤ +20 MB, healthy p99 ≤ +20 % or 100 ms"


class Timed(Bot):
    """Notes how long each price took to come. ``told`` is when each was sent, by its text."""

    def __init__(self, socket: Any, told: dict[str, float]) -> None:
        super().__init__(socket)
        self.told, self.took_s = told, []

    async def _take(self, frame: dict[str, Any]) -> None:
        now_s = time.monotonic()
        for row in frame["data"]:
            if (bid := row.get("bid")) in self.told:
                self.took_s.append(now_s - self.told[bid])
        await super()._take(frame)


class Healthy:
    def __init__(self, site: SocketSite, market: Any) -> None:
        self.market, self.told, self.bots = market, {}, []
        self.process, self._site, self._turn = psutil.Process(site.process.pid), site, 0

    async def come(self, stack: contextlib.AsyncExitStack) -> None:
        for _ in range(HEALTHY):
            self.bots.append(Timed(await stack.enter_async_context(self._site.connect()), self.told))
            await self.bots[-1].subscribe("ticker", [WATCHED], interval_ms=0)
        # What an earlier worker said is there at once; this one's comes when it knows what is wanted.
        self.market.quote(WATCHED, "0.75")
        await wait_until(lambda: all(bot.sees("ticker", WATCHED, bid="0.75") for bot in self.bots))

    async def p99_s(self, seconds: float) -> tuple[float, int]:
        """Of prices for so long, and the most memory meanwhile."""
        for bot in self.bots:
            bot.took_s.clear()
        until_s, most = time.monotonic() + seconds, 0
        while time.monotonic() < until_s:
            self._turn += 1
            bid = f"{self._turn}.25"
            self.told[bid] = time.monotonic()
            self.market.quote(WATCHED, bid)
            most = max(most, self.process.memory_info().rss)
            await asyncio.sleep(EVERY_S)
        await wait_until(lambda: all(bot.sees("ticker", WATCHED, bid=bid) for bot in self.bots))
        took = sorted(second for bot in self.bots for second in bot.took_s)
        assert len(took) > HEALTHY * seconds / EVERY_S / 4
        return took[int(len(took) * 0.99)], most


@pytest.fixture
async def healthy(site: SocketSite, market: Any) -> AsyncIterator[Healthy]:
    async with contextlib.AsyncExitStack() as stack:
        made = Healthy(site, market)
        await made.come(stack)
        yield made


async def attack(kind: str, port: int, seconds: float, seed: int) -> asyncio.subprocess.Process:
    words = ["-m", "tests.fakes.attackers", kind, str(port), str(seconds), str(seed)]
    return await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )


SHORT = ("flood", "pings", "parts", "slow handshakes")
KINDS = [each if each in SHORT else pytest.param(each, marks=pytest.mark.faults) for each in attackers.KINDS]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.fault(
    "F45", "{kind}, from 40 sockets or 300 connections that come back at once, {site}", goal=GOAL
)
async def test_an_attack_costs_the_others_nothing(
    site: SocketSite, healthy: Healthy, kind: str, score: Score
) -> None:
    if site.server == "daphne":
        pytest.skip("it holds nobody back: docs/deploy.md says what has to stand before it")
    seconds = score.times(60, few=2)
    calm_s, before = await healthy.p99_s(min(seconds, 5))
    running = await attack(kind, site.port, seconds + 1, score.seed)
    beside_s, most = await healthy.p99_s(seconds)
    said, _ = await running.communicate()
    counts = json.loads(said)

    grown = (most - before) / 2**20
    score.runs = counts["connections"]
    score.note("RSS grew by", grown, "MB")
    score.note("healthy p99", beside_s * 1000, "ms")
    score.note("before", calm_s * 1000, "ms")
    score.note("connections ended by the server", counts["ended"], "")
    assert counts["connections"] > 0
    assert grown <= MOST_MIB
    assert counts["ended"] > 0 or seconds < ENDED_WITHIN_S.get(kind, 1.0)
    assert beside_s <= (max(calm_s * 1.2, 0.1) if score.share else 2.0)
    async with site.connect() as other:
        assert (await ask(other, method="ping"))["method"] == "pong"
