"""Our feed of OKX on the simulated one, in a time of the tests' own: all kinds, all channels."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from feeds.clock import SystemClock
from feeds.codec import Subscription
from feeds.rest import Rest, fetch_instruments
from feeds.simulator import Simulator, okx_listing
from feeds.simulator.listing import listed_at
from feeds.symbols import BOOK, channels_of
from feeds.venues.okx.naming import type_of
from feeds.venues.okx.public import OkxCodec
from tests.fakes import virtual_time
from tests.fakes.inside import Inside, inside
from tests.fakes.line import now_s
from tests.fakes.virtual_time import LoopClock

RATE = 60
SPOT, SWAP, INVERSE = "OKX:BTC-USDT", "OKX:BTC-USDT-SWAP", "OKX:BTC-USD-SWAP"
_KINDS = {"SPOT": "spot", "SWAP": "perpetual", "FUTURES": "future", "OPTION": "option"}


def wanted(names: list[str]) -> list[Subscription]:
    """Everything that each of them has."""
    return [
        Subscription(channel, name, native, 100 * (channel == BOOK))
        for name in names
        for native in [name.partition(":")[2]]
        for channel in channels_of(_KINDS[type_of(native)])
    ]


def states(world: Inside, subscriptions: list[Subscription]) -> set[str]:
    state = world.feed.state
    return {state.topic_state(item.channel, item.instrument).state for item in subscriptions}


async def followed(world: Inside, within_s: float = 60) -> list[Subscription]:
    subscriptions = wanted(list(world.names))
    world.feed.desire(subscriptions)
    await world.wait(lambda: states(world, subscriptions) == {"live"}, within_s, RATE)
    return subscriptions


def chain(count: int) -> list[str]:
    return okx_listing.chains(LoopClock().wall_ns())[:count]


async def _all_kinds() -> None:
    names = [SPOT, SWAP, INVERSE, *chain(9)]
    async with inside(names) as world:
        await followed(world)
        await world.trade(70, RATE)
        state = world.feed.state
        for name in names:
            assert state.ticker(name).keys() >= {"bid", "ask", "last", "volume", "high", "low", "change_pct"}
        for name in names[1:]:
            mark = state.mark(name)
            assert mark.keys() >= {"mark", "index", "open_interest"}, name
            assert mark["open_interest_unit"] == "contracts"
        for name in names[1:4]:
            assert abs(Decimal(state.mark(name)["mark"]) / Decimal(state.mark(name)["index"]) - 1) < 1
        funding = state.funding(SWAP)
        assert funding["interval"] == 28_800_000_000
        assert funding["next"] % 28_800_000_000 == 0 < funding["next"] - funding["ts_exchange"]
        option = state.option(names[-1])
        assert option.keys() >= {"bid", "ask", "mark", "mark_iv", "bid_iv", "ask_iv", "delta", "vega"}
        assert option["underlying"] == "BTC-USD"
        assert 40 < Decimal(option["mark_iv"]) < 70
        true = {(trade.price, trade.side) for name in names for trade in world.simulator.trades(name)}
        closed = [each for name in names for each in state.liquidations(name)]
        assert closed and {(each.price, each.side) for each in closed} <= true  # noqa: PT018
        assert world.violations() == {}


def test_all_kinds_are_live_in_all_their_channels():
    virtual_time.run(_all_kinds())


async def _five_hundred() -> tuple[float, int, int]:
    names = listed_at("OKX", 120) + okx_listing.chains(LoopClock().wall_ns())
    names += [f"OKX:BTC-USD-2701{day:02}-{40_000 + 1000 * n}-C" for day in range(1, 31) for n in range(12)]
    async with inside(names[:500], levels=10) as world:
        assert len(world.names) == 500
        began_s = now_s()
        await followed(world, 240)
        asks = max(session.counters["asks"] for session in world.feed.sessions.values())
        assert world.violations() == {}
        return now_s() - began_s, len(world.feed.sessions), asks


@pytest.mark.acceptance
def test_five_hundred_instruments_at_once_keep_the_venues_limits():
    """3 connects a second, 480 requests an hour on each link, 20 requests by REST in 2 s, 64 KB."""
    took_s, links, asks = virtual_time.run(_five_hundred())

    assert took_s < 60
    assert links < 60
    assert asks < 100


async def _without_snapshots() -> int:
    async with inside([SPOT, SWAP]) as world:
        world.simulator.exchanges["OKX"].begins = False
        await followed(world)
        await world.trade(20, RATE)
        assert world.feed.state.counters["gaps"] == 0
        assert world.violations() == {}
        return world.feed.counters["snapshots"]


def test_books_begin_by_rest_where_the_stream_tells_only_changes():
    assert virtual_time.run(_without_snapshots()) == 2


async def _quiet() -> tuple[int, dict[str, int]]:
    async with inside(chain(3)) as world:
        await followed(world)
        for name in world.names:
            world.simulator.fault("halt", symbol=name)
        await world.trade(300, 1, step_s=1)
        return sum(link.reconnects for link in world.feed.links), world.violations()


def test_a_link_on_which_nobody_trades_stays_by_its_pulse():
    assert virtual_time.run(_quiet()) == (0, {})


@pytest.mark.parametrize(("fault", "state"), [("halt", "halted"), ("delist", "delisted")])
def test_who_stops_says_so_and_no_other(fault: str, state: str):
    async def stopped() -> tuple[str, str]:
        async with inside([SPOT, SWAP]) as world:
            await followed(world)
            world.simulator.fault(fault, symbol=SWAP)
            await world.trade(3, RATE)
            found = world.feed.state
            return found.topic_state("mark", SWAP).state, found.topic_state("ticker", SPOT).state

    assert virtual_time.run(stopped()) == (state, "live")


async def _maintained() -> tuple[str, str, Any]:
    async with inside([SPOT]) as world:
        await followed(world)
        state = world.feed.state
        world.simulator.fault("maintenance")
        await world.trade(2, RATE)
        during, why = state.topic_state(BOOK, SPOT)[:2]
        for line in world.lines:
            line.reset()
        world.simulator.fault("clear")
        await world.wait(lambda: world.live(BOOK), 90, RATE)
        return during, why, world.violations()


def test_maintenance_halts_until_it_is_over_though_the_link_was_lost_meanwhile():
    assert virtual_time.run(_maintained()) == ("halted", "maintenance", {})


async def _upgraded() -> tuple[int, int]:
    async with inside([SPOT]) as world:
        await followed(world)
        fetched = world.feed.counters["snapshots"]
        world.simulator.fault("shutdown", seconds=10)
        rolled = lambda: sum(s.counters["rolled over"] for s in world.feed.sessions.values())  # noqa: E731
        await world.wait(lambda: rolled() == len(world.feed.sessions), 30, RATE)
        await world.trade(15, RATE)
        assert world.live(BOOK)
        return world.feed.state.counters["gaps"], world.feed.counters["snapshots"] - fetched


def test_links_are_replaced_before_an_upgrade_without_a_gap_or_another_picture():
    assert virtual_time.run(_upgraded()) == (0, 0)


async def test_the_whole_list_is_fetched_family_by_family():
    options = okx_listing.chains(SystemClock().wall_ns())
    names = [SPOT, SWAP, INVERSE, options[0], options[1], options[-1]]
    codec = OkxCodec()
    async with (
        Simulator(instruments=names, paused=True) as simulator,
        Rest(codec, SystemClock(), url=simulator.rest_url("OKX")) as rest,
    ):
        specs = await fetch_instruments(codec, rest)

    assert [(f"OKX:{spec.native}", spec.kind, spec.contract_size) for spec in specs] == [
        (SPOT, "spot", "1"),
        (SWAP, "perpetual", "0.01"),
        (INVERSE, "perpetual", "100"),
        (options[0], "future", "100"),
        (options[1], "option", "0.01"),
        (options[-1], "option", "0.01"),
    ]
