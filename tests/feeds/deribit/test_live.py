"""Our feed of Deribit on the simulated one, in a time of the tests' own."""

from __future__ import annotations

from typing import Any

import pytest

from feeds.clock import SystemClock
from feeds.codec import Subscription
from feeds.rest import Rest, fetch_instruments
from feeds.simulator import Simulator, deribit_listing
from feeds.simulator.listing import listed_at
from feeds.symbols import TICKER, channels_of
from feeds.venues.deribit.public import DeribitCodec
from tests.fakes import virtual_time
from tests.fakes.inside import Inside, inside
from tests.fakes.line import now_s
from tests.fakes.virtual_time import LoopClock

RATE = 60
PERPETUAL, ETHER = "DERIBIT:BTC-PERPETUAL", "DERIBIT:ETH-PERPETUAL"


def wanted(names: list[str]) -> list[Subscription]:
    """Everything that each of them has."""
    kinds = {"PERPETUAL": "perpetual", "C": "option", "P": "option"}
    return [
        Subscription(channel, name, name.partition(":")[2], 100 * (channel == "book"))
        for name in names
        for channel in channels_of(kinds.get(name.rpartition("-")[2], "future"))
    ]


def states(world: Inside, subscriptions: list[Subscription]) -> set[str]:
    state = world.feed.state
    return {state.topic_state(item.channel, item.instrument).state for item in subscriptions}


async def _a_chain() -> None:
    names = [PERPETUAL, *deribit_listing.chains(LoopClock().wall_ns())[:25]]
    async with inside(names) as world:
        subscriptions = wanted(names)
        world.feed.desire(subscriptions)
        await world.wait(lambda: states(world, subscriptions) == {"live"}, 60, RATE)

        row = world.feed.state.option(names[2])
        assert row.keys() >= {"bid", "ask", "mark", "mark_iv", "delta", "underlying", "open_interest"}
        assert (row["underlying"], row["open_interest_unit"]) == (
            "SYN." + names[2].split(":")[1][:11],
            "base",
        )
        assert world.feed.state.funding(PERPETUAL)["interval"] == 28_800_000_000
        assert world.violations() == {}


def test_a_chain_is_live_in_all_its_channels():
    virtual_time.run(_a_chain())


async def _five_hundred() -> None:
    names = listed_at("DERIBIT", 60) + deribit_listing.chains(LoopClock().wall_ns())
    names += [f"DERIBIT:BTC-{day}JAN27-{64000 + 1000 * n}-C" for day in (1, 8, 15, 22) for n in range(86)]
    async with inside(names[:500], levels=10) as world:
        subscriptions = wanted(world.names)
        world.feed.desire(subscriptions)
        started_s = now_s()
        await world.wait(lambda: states(world, subscriptions) == {"live"}, 120, RATE)
        asked = sum(session.counters["asks"] for session in world.feed.sessions.values())

        assert world.violations() == {}
        assert len(world.feed.sessions) < 8
        assert asked < 40, "as few as channels of a hundred each need"
        assert now_s() - started_s < 60


@pytest.mark.acceptance
def test_five_hundred_instruments_at_once_keep_the_venues_limits():
    """Credits for subscriptions, connections of the address; with all that each of them has."""
    virtual_time.run(_five_hundred())


async def _quiet() -> tuple[int, Any]:
    async with inside([PERPETUAL]) as world:
        world.feed.desire(wanted([PERPETUAL]))
        await world.wait(lambda: world.live("ticker"), 30, RATE)
        world.simulator.fault("halt", symbol=PERPETUAL)
        exchange = world.simulator.exchanges["DERIBIT"]
        exchange._flush_tickers = lambda now_ns, natives: None
        await world.trade(300, 1, step_s=1)
        return sum(link.reconnects for link in world.feed.links), exchange.counters["unanswered_closed"]


def test_a_link_on_which_nothing_happens_stays_by_its_heartbeats():
    assert virtual_time.run(_quiet()) == (0, 0)


async def _stopped(fault: str) -> tuple[str, str]:
    option = deribit_listing.chains(LoopClock().wall_ns())[1]
    async with inside([PERPETUAL, option]) as world:
        world.feed.desire(wanted([PERPETUAL, option]))
        await world.wait(lambda: states(world, wanted([PERPETUAL, option])) == {"live"}, 30, RATE)
        world.simulator.fault(fault, symbol=option)
        await world.trade(3, RATE)
        state = world.feed.state
        return state.topic_state("option", option).state, state.topic_state("ticker", PERPETUAL).state


def test_an_option_that_stops_or_expires_says_so_and_no_other():
    assert virtual_time.run(_stopped("halt")) == ("halted", "live")
    assert virtual_time.run(_stopped("delist")) == ("delisted", "live")


async def _left_out() -> tuple[Any, Any]:
    async with inside([PERPETUAL, ETHER]) as world:
        world.simulator.fault("bad_symbol", symbol=ETHER)
        world.desire("ticker", "trade")
        state = world.feed.state
        await world.wait(lambda: state.topic_state("trade", PERPETUAL).state == "live", 30, RATE)
        await world.trade(3, RATE)
        return state.topic_state("trade", PERPETUAL).state, state.topic_state(
            "trade", "DERIBIT:ETH-PERPETUAL"
        )


def test_what_the_venue_leaves_out_is_down_and_says_why():
    told, left = virtual_time.run(_left_out())

    assert told == "live"
    assert (left.state, left.reason) == ("down", "refused: the venue left it out of what it agreed to")


async def _indexes() -> dict[str, Any]:
    names = ["DERIBIT:btc_usd", "DERIBIT:dvol_btc_usd", "DERIBIT:btcdvol_usdc"]
    async with inside([PERPETUAL]) as world:
        world.feed.desire([Subscription(TICKER, name, name.partition(":")[2]) for name in names])
        await world.wait(lambda: world.live(TICKER, names=names), 30, RATE)
        return {name: world.feed.state.ticker(name)["last"] for name in names}


def test_an_index_and_its_volatility_are_tickers_with_a_last_value():
    found = virtual_time.run(_indexes())

    assert 50_000 < float(found["DERIBIT:btc_usd"]) < 80_000
    assert 30 < float(found["DERIBIT:dvol_btc_usd"]) < 70
    assert 30 < float(found["DERIBIT:btcdvol_usdc"]) < 70


async def test_the_whole_list_is_fetched():
    option = deribit_listing.chains(SystemClock().wall_ns())[1]
    codec = DeribitCodec()
    async with (
        Simulator(instruments=[PERPETUAL, option], paused=True) as simulator,
        Rest(codec, SystemClock(), url=simulator.rest_url("DERIBIT")) as rest,
    ):
        specs = await fetch_instruments(codec, rest)

    assert [(spec.native, spec.kind) for spec in specs] == [
        ("BTC-PERPETUAL", "perpetual"),
        (option.partition(":")[2], "option"),
        ("btc_usd", "index"),
        ("btcdvol_usdc", "index"),
        ("dvol_btc_usd", "index"),
    ]
