"""All four markets followed at the simulator, in a time of the tests' own: all that they have is there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from feeds import venues
from feeds.simulator.contracts import beside
from feeds.simulator.listing import listed_at
from feeds.symbols import CHANNELS, OHLC, channels_of
from tests.fakes import virtual_time
from tests.fakes.inside import Inside, inside
from tests.fakes.line import now_s

RATE = 80
MARKETS = tuple(name for name in venues.VENUES if name.startswith("BYBIT"))


def channels(world: Inside, name: str) -> list[str]:
    kind = world.simulator.market(name).listing.kind
    return [channel for channel in channels_of(kind) if channel != OHLC]


async def followed(world: Inside, within_s: float = 60) -> None:
    every = dict.fromkeys(channel for name in world.names for channel in channels(world, name))
    world.desire(*every, depth=25)
    await world.wait(
        lambda: all(world.live(*channels(world, name), names=[name]) for name in world.names), within_s, RATE
    )


async def _all_that_they_have() -> None:
    async with inside([name for name in beside(2) if name.startswith("BYBIT")]) as world:
        assert {name.partition(":")[0] for name in world.names} == set(MARKETS)
        await followed(world)
        await world.trade(40, RATE)
        for name in world.names:
            check(world, name)
        assert world.violations() == {}
        counters = [feed.report().counters for feed in world.feeds.values()]
        assert {
            each.get(what, 0) for each in counters for what in ("crashes", "gaps", "refused", "reasks")
        } == {0}


def check(world: Inside, name: str) -> None:
    venue, state, market = (
        name.partition(":")[0],
        world.feeds[name.partition(":")[0]].state,
        world.simulator.market(name),
    )
    assert state.ticker(name).keys() >= {"bid", "ask", "last", "volume", "high", "low", "change_pct"}
    if venue == "BYBIT":
        return
    mark = state.mark(name)
    assert mark.keys() >= {"mark", "index", "open_interest"}
    assert mark["open_interest_unit"] == ("quote" if market.listing.inverse else "base")
    assert Decimal(mark["open_interest"]) <= Decimal(state.ticker(name)["volume"]) / 3 + 1, (
        "each contract once"
    )
    if venue == "BYBIT_OPTION":
        line = state.option(name)
        assert line.keys() >= {"mark_iv", "delta", "gamma", "vega", "theta", "underlying_price"}
        assert 10 < Decimal(line["mark_iv"]) < 200, "per cent"
        assert (Decimal(line["delta"]) > 0) == (market.listing.right == "call")
        return
    funding = state.funding(name)
    assert funding["next"] % 28_800_000_000 == 0 < funding["next"] - funding["ts_exchange"]
    assert funding["interval"] == 28_800_000_000
    true = {(trade.price, trade.side) for trade in world.simulator.trades(name)}
    assert {(each.price, each.side) for each in state.liquidations(name)} <= true


def test_all_that_the_four_markets_have_is_there_and_true():
    virtual_time.run(_all_that_they_have())


async def _kept_open(venue: str) -> tuple[int, dict[str, int]]:
    """Half an hour in which nobody trades: the venue cuts who says nothing for ten minutes."""
    async with inside(listed_at(venue, 2)) as world:
        world.desire("ticker", "book", depth=25)
        await world.wait(lambda: world.live("ticker", "book"), 30, RATE)
        for _ in range(1800):
            await world.trade(1, rate=0.1, step_s=1)
        return sum(link.reconnects for link in world.feed.links), world.violations()


@pytest.mark.parametrize("venue", ["BYBIT", "BYBIT_OPTION"])
def test_a_quiet_link_is_kept_open_by_pings(venue: str):
    assert virtual_time.run(_kept_open(venue)) == (0, {})


async def _changed(venue: str) -> list[bool]:
    """A book wanted deeper, then some of what is wanted alone: whether trades came in each stretch."""
    async with inside(listed_at(venue, 4)) as world:
        wanted = world.desire("trade", "book", depth=10)
        await world.wait(lambda: world.live("trade", "book"), 30, RATE)
        wanted = [item._replace(depth=100) if item.channel == "book" else item for item in wanted]
        world.feed.desire(wanted)
        await world.trade(5, RATE)
        assert world.live("trade", "book")
        for name in world.names:
            assert len(world.feed.state.book(name).best(100)[0]) > (25 if venue == "BYBIT_OPTION" else 50)
        found = []
        for left in (world.names, world.names[1:], world.names[3:]):
            world.feed.desire([item for item in wanted if item.instrument in left])
            await world.trade(2, RATE)
            before = newest(world, left)
            await world.trade(30, 4 * RATE)
            assert world.live("trade", "book", names=left)
            found.append(newest(world, left) != before)
        assert world.violations() == {}
        counters = world.feed.state.counters
        assert counters["gaps"] == 0
        assert bool(counters["not followed"]) == (venue == "BYBIT_OPTION"), (
            "whose trades come with the others'"
        )
        return found


def newest(world: Inside, names: list[str]) -> list[str]:
    return [world.feed.state.trades(name)[-1].trade_id for name in names]


@pytest.mark.parametrize("venue", ["BYBIT_LINEAR", "BYBIT_OPTION"])
def test_what_is_left_of_what_came_together_goes_on(venue: str):
    """Of options all trades of a base come in one stream: it stays while anybody wants one of them."""
    assert all(virtual_time.run(_changed(venue)))


async def _away() -> None:
    names = [name for venue in ("BYBIT", "BYBIT_INVERSE") for name in listed_at(venue, 1)]
    async with inside(names) as world:
        world.desire(*CHANNELS[:3], depth=25)
        await world.wait(lambda: world.live(*CHANNELS[:3]), 30, 20)
        await world.trade(70, 20, step_s=0.25)
        world.dark, since_us = True, world.simulator.clock.now_ns() // 1000
        for line in world.lines:
            line.reset()
        await world.trade(130, 20, step_s=0.25)
        world.dark = False
        await world.wait(lambda: world.live(*CHANNELS[:3]), 60, 20)
        await world.trade(60 - now_s() % 60 + 40, 20, step_s=0.25)
        for name in names:
            held = {bar.start_us: bar for bar in world.feeds[name.partition(":")[0]].state.bars(name, 1)}
            missed = [
                bar for bar in world.simulator.bars(name, count=6) if since_us - 60_000_000 < bar.start_us
            ][:3]
            for true in missed:
                bar = held[true.start_us]
                assert [Decimal(each) for each in bar[3:8]] == [Decimal(each) for each in true[1:6]], name
                assert not bar.incomplete


def test_minutes_that_were_missed_come_from_the_venue():
    virtual_time.run(_away())


async def _all_at_once() -> tuple[float, int]:
    names = [name for venue in MARKETS for name in listed_at(venue, 200)]
    async with inside(names, levels=20) as world:
        began_s = now_s()
        await followed(world, 60)
        took_s = now_s() - began_s
        await world.trade(20, RATE, step_s=0.5)
        assert world.violations() == {}
        assert {link.decode_errors for feed in world.feeds.values() for link in feed.links} == {0}
        return took_s, len(names)


@pytest.mark.acceptance
def test_all_instruments_of_all_markets_at_once_keep_the_venues_limits():
    """Names of a link and of a request, messages a second: and still all of it is there within 20 s."""
    took_s, count = virtual_time.run(_all_at_once())
    assert count > 200
    assert took_s < 20
