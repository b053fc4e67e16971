"""The wire to the exchanges breaks in every way: what is shown stays honest, and comes back whole."""

from __future__ import annotations

import asyncio
import random
import time

import pytest

from tests.fakes import simulator_process
from tests.fakes.tcp_proxy import TcpProxy
from tests.fakes.waiting import wait_until
from tests.fakes.whole_market import following

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
IDLE_S = {"KRAKEN": 5, "COINBASE": 5, "BINANCE": 15}
MINUTE_US = 60_000_000


def live(market, venue: str) -> list[str]:
    """Its topics that are shown as live."""
    state = market.worker.venues[venue].state
    mine = [item for item in market.wanted if item.instrument.startswith(venue)]
    return [i.instrument for i in mine if state.topic_state(i.channel, i.instrument).state == "live"]


async def since(started_s: float, condition, within_s: float, what: str) -> float:
    await wait_until(condition, within_s=within_s, what=what)
    return time.monotonic() - started_s


async def test_a_wire_that_falls_silent_is_noticed_and_replaced(report):
    async with simulator_process.running(instruments=30, rate=600) as simulator:
        async with TcpProxy(simulator.port) as proxy, following(simulator, port=proxy.port) as market:
            await market.until_live(within_s=30)
            cut_s = time.monotonic()
            assert proxy.fall_silent() >= 3

            gone = {
                venue: asyncio.create_task(
                    since(cut_s, lambda v=venue: not live(market, v), idle_s + 3, f"{venue} not live")
                )
                for venue, idle_s in IDLE_S.items()
            }
            for venue, task in gone.items():
                report(f"half-open wire: {venue} not live after", await task)
            report("half-open wire: all live again after", await market.until_live(40, cut_s))
            await market.until_true()

        assert await simulator.violations() == {}


async def test_an_exchange_that_says_nothing_but_answers_is_not_live(report):
    async with simulator_process.running(instruments=30, rate=600) as simulator:
        async with following(simulator) as market:
            await market.until_live(within_s=30)
            stalled_s = time.monotonic()
            await simulator.tell("stall", value="all", seconds=3600)
            for venue, idle_s in IDLE_S.items():
                took_s = await since(stalled_s, lambda v=venue: not live(market, v), idle_s + 3, venue)  # noqa: B023
                report(f"stalled exchange: {venue} not live after", took_s)
            await simulator.tell("clear")
            cleared_s = time.monotonic()
            report("stalled exchange: all live again after", await market.until_live(40, cleared_s))
            await market.until_true()

        assert await simulator.violations() == {}


async def test_a_storm_of_resets_stays_within_the_limits_and_ends_well(report):
    chance = random.Random(11)
    async with simulator_process.running(instruments=30, rate=600) as simulator:
        async with TcpProxy(simulator.port) as proxy, following(simulator, port=proxy.port) as market:
            await market.until_live(within_s=30)
            until_s = time.monotonic() + 60
            resets = 0
            while time.monotonic() < until_s:
                await asyncio.sleep(chance.uniform(1, 20))
                resets += proxy.reset() > 0
            ended_s = time.monotonic()
            report("storm of resets: resets in a minute", resets, "")
            report("storm of resets: all live after the last", await market.until_live(40, ended_s))
            await market.until_true()

        assert await simulator.violations() == {}


async def test_a_burst_of_fifty_times_the_rate_ends_exact(report):
    async with (
        simulator_process.running(instruments=30, rate=60) as simulator,
        following(simulator) as market,
    ):
        await market.until_live(within_s=60)
        before = (await simulator.tell("stats"))["messages"]
        await simulator.tell("rate", value=3000)
        await market.until_traded(30_000)
        ended_s = time.monotonic()
        await market.until_true(within_s=10)
        report("burst of 50 times the rate: exact after its end", time.monotonic() - ended_s)
        report("burst: messages", (await simulator.tell("stats"))["messages"] - before, "")
        assert market.not_live() == []
        assert market.trouble()["crashes"] == market.trouble()["reconnects"] == 0
