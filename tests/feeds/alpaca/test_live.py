"""Our feed of Alpaca on the simulated one, in a time of the tests' own."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from feeds.codec import Subscription
from feeds.credentials import Credentials
from feeds.simulator.alpaca_listing import SHARES
from feeds.simulator.listing import listed_at
from feeds.symbols import OHLC, TICKER, TRADE
from tests.fakes import virtual_time
from tests.fakes.inside import Inside, inside

RATE = 40
AAPL, MSFT = "ALPACA:AAPL", "ALPACA:MSFT"


def wanted(names: list[str], *channels: str) -> list[Subscription]:
    return [
        Subscription(channel, name, name.partition(":")[2])
        for name in names
        for channel in channels or (TICKER, TRADE, OHLC)
    ]


def states(world: Inside, name: str) -> set[tuple[str, str]]:
    return {world.feed.state.topic_state(channel, name)[:2] for channel in (TICKER, TRADE, OHLC)}


async def live(world: Inside, *names: str) -> None:
    world.feed.desire(wanted([*names]))
    await world.wait(lambda: all(states(world, name) == {("live", "")} for name in names), 60, RATE)


async def _followed() -> None:
    async with inside([AAPL, MSFT]) as world:
        await live(world, AAPL, MSFT)
        await world.wait(lambda: len(world.feed.state.trades(AAPL)) > 3, 60, RATE)
        row, trade = world.feed.state.ticker(AAPL), world.feed.state.trades(AAPL)[-1]
        truth = world.simulator.trades(AAPL)

        assert row.keys() >= {
            "bid",
            "bid_qty",
            "ask",
            "ask_qty",
            "last",
            "volume",
            "high",
            "low",
            "change_pct",
        }
        assert trade.side == ""
        held = {
            each.trade_id.rpartition("-")[2]: (each.price, each.qty) for each in world.feed.state.trades(AAPL)
        }
        assert held.items() <= {each.trade_id: (each.price, each.qty) for each in truth}.items()
        assert world.simulator.exchanges["ALPACA"].counters["connections_over_limit"] == 0
        assert world.violations() == {}
        assert world.feed.report().phase == "open"


async def _undone() -> None:
    async with inside([AAPL]) as world:
        await live(world, AAPL)
        state = world.feed.state
        await world.wait(lambda: len(state.trades(AAPL)) > 3, 60, RATE)
        for kind in ("bust", "correct"):
            assert world.simulator.fault(kind, symbol=AAPL) == 1
            await asyncio.sleep(1)
            known = {each.trade_id.rpartition("-")[2] for each in state.trades(AAPL)}
            kept = {each.trade_id for each in world.simulator.trades(AAPL)}
            assert known <= kept
            assert state.trades(AAPL)[-1].price == world.simulator.trades(AAPL)[-1].price
            assert state.ticker(AAPL)["last"] == state.trades(AAPL)[-1].price
        assert state.counters["undone"] == 2


async def _halted() -> None:
    async with inside([AAPL, MSFT]) as world:
        await live(world, AAPL, MSFT)
        world.simulator.fault("halt", symbol=AAPL)
        halted = {("halted", "Trading Halt: Halt News Pending")}
        await world.wait(lambda: states(world, AAPL) == halted, 10, RATE)
        assert states(world, MSFT) == {("live", "")}

        world.simulator.fault("maintenance", symbol=AAPL, value="online")
        await world.wait(lambda: states(world, AAPL) == {("live", "")}, 10, RATE)


async def _closed() -> None:
    async with inside([AAPL]) as world:
        world.simulator.exchanges["ALPACA"].trouble.status = "closed"
        world.feed.desire(wanted([AAPL]))
        await world.wait(lambda: {state for state, _ in states(world, AAPL)} == {"halted"}, 60, 0)
        assert {words[:14] for _, words in states(world, AAPL)} == {"closed, opens "}
        before = len(world.connects)
        await asyncio.sleep(2 * 3600)
        assert len(world.connects) == before == 1
        assert world.feed.report().state == "halted"

        world.simulator.exchanges["ALPACA"].trouble.status = "online"
        await world.wait(lambda: states(world, AAPL) == {("live", "")}, 400, RATE)


async def _full() -> None:
    """Thirty symbols of each sort; the others are refused in words, and not asked for again and again."""
    names = listed_at("ALPACA", 34)
    async with inside(names) as world:
        world.feed.desire(wanted(names, TRADE))

        def settled() -> bool:
            found = [world.feed.state.topic_state(TRADE, name)[:2] for name in names]
            refused = ("down", "refused: 405 the plan has no more symbols")
            return sorted(map(found.count, {("live", ""), refused})) == [4, 30]

        await world.wait(settled, 120, RATE)
        asked = world.simulator.exchanges["ALPACA"].counters["error_405"]
        await asyncio.sleep(300)
        assert world.simulator.exchanges["ALPACA"].counters["error_405"] == asked


async def _taken() -> None:
    """Another program holds the only connection: ours waits a minute between two tries."""
    async with inside([AAPL]) as world:
        exchange = world.simulator.exchanges["ALPACA"]
        world.feed.codec.credentials = Credentials("PKSIMULATED", "wrong")
        world.feed.desire(wanted([AAPL]))
        await asyncio.sleep(3600)
        assert 5 <= exchange.counters["error_402"] <= 7
        assert "the venue refused the key: 402 auth failed" in world.feed.report().reason
        assert {state for state, _ in states(world, AAPL)} <= {"down", "syncing"}


@pytest.mark.parametrize("play", [_followed, _undone, _halted, _closed, _full, _taken])
def test_a_feed_of_shares(play: Any) -> None:
    work: Coroutine[Any, Any, None] = play()
    virtual_time.run(work)


def test_the_symbols_that_a_site_begins_with_are_simulated() -> None:
    assert {"AAPL", "MSFT", "FAKEPACA"} <= SHARES.keys()
