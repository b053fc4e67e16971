"""Our feed of Kraken's derivatives on the simulated ones, in a time of the tests' own."""

from __future__ import annotations

from typing import Any

import pytest

from feeds.clock import SystemClock
from feeds.codec import Subscription
from feeds.rest import Rest, fetch_instruments
from feeds.simulator import Simulator
from feeds.simulator.listing import listed_at
from feeds.symbols import channels_of
from feeds.venues.kraken_futures.public import KrakenFuturesCodec
from tests.fakes import virtual_time
from tests.fakes.inside import Inside, inside
from tests.fakes.line import now_s

RATE = 60
LINEAR, INVERSE = "KRAKEN_FUTURES:PF_XBTUSD", "KRAKEN_FUTURES:PI_XBTUSD"
FUTURE = "KRAKEN_FUTURES:FI_ETHUSD_361226"
# A bar that has just begun has no trade, and bars without one are left out.
MID_BAR_NS = 1_766_000_050_000_000_000


def wanted(names: list[str]) -> list[Subscription]:
    """Everything that each of them has."""
    return [
        Subscription(channel, name, name.partition(":")[2], 100 * (channel == "book"))
        for name in names
        for channel in channels_of("future" if name.count("_") > 2 else "perpetual")
    ]


def states(world: Inside, subscriptions: list[Subscription]) -> set[str]:
    state = world.feed.state
    return {state.topic_state(item.channel, item.instrument).state for item in subscriptions}


async def _contracts() -> None:
    names = [LINEAR, INVERSE, FUTURE]
    async with inside(names) as world:
        subscriptions, state = wanted(names), world.feed.state
        world.feed.desire(subscriptions)
        await world.wait(lambda: states(world, subscriptions) == {"live"}, 60, RATE)
        await world.wait(lambda: all(map(state.liquidations, names)), 600, 10 * RATE)

        for name, unit in ((LINEAR, "base"), (INVERSE, "contracts"), (FUTURE, "contracts")):
            row = state.mark(name)
            assert row.keys() >= {"mark", "index", "open_interest"}
            assert row["open_interest_unit"] == unit
            book = world.simulator.book(name, 10)
            assert tuple(state.book(name).best(10)) == (book.bids, book.asks)
        assert state.funding(LINEAR).keys() >= {"rate", "next", "predicted"}
        assert state.funding(LINEAR)["interval"] == 3_600_000_000
        assert state.funding(FUTURE) == {}
        assert all(trade.trade_id.count("-") == 4 for trade in state.trades(LINEAR))
        assert state.counters["gaps"] == state.counters["refused"] == 0
        assert world.violations() == {}


def test_all_channels_of_contracts_are_live_and_their_books_true() -> None:
    virtual_time.run(_contracts())


async def _five_hundred() -> None:
    names = listed_at("KRAKEN_FUTURES", 60)
    names += [
        f"KRAKEN_FUTURES:FF_XBTUSD_{year}{month:02}28" for year in range(27, 67) for month in range(1, 12)
    ]
    async with inside(names, levels=10) as world:
        subscriptions = wanted(names)
        world.feed.desire(subscriptions)
        started_s = now_s()
        await world.wait(lambda: states(world, subscriptions) == {"live"}, 120, RATE)
        asked = sum(session.counters["asks"] for session in world.feed.sessions.values())

        assert len(names) == 500 and world.violations() == {}
        assert len(world.feed.sessions) <= 16 < KrakenFuturesCodec.limits.connects
        assert asked < 70, "three feeds of ten times fifty contracts, and what is left of each link"
        assert now_s() - started_s < 30


def test_five_hundred_contracts_at_once_keep_the_venues_limits() -> None:
    """Requests and connections, with all that each of them has."""
    virtual_time.run(_five_hundred())


async def _quiet() -> tuple[int, dict[str, int]]:
    async with inside([LINEAR]) as world:
        world.feed.desire(wanted([LINEAR]))
        await world.wait(lambda: world.live("ticker"), 30, RATE)
        world.simulator.exchanges["KRAKEN_FUTURES"]._flush_ticker = lambda market, now_ns: None
        for _ in range(300):
            await world.trade(1, 0, step_s=1)
        return sum(link.reconnects for link in world.feed.links), world.violations()


def test_a_link_on_which_nothing_happens_stays_by_heartbeats_and_pings() -> None:
    assert virtual_time.run(_quiet()) == (0, {})


async def _busy() -> tuple[int, dict[str, int]]:
    async with inside([LINEAR]) as world:
        world.feed.desire(wanted([LINEAR]))
        await world.wait(lambda: world.live("book"), 30, RATE)
        await world.trade(200, 20, step_s=0.5)
        return sum(link.reconnects for link in world.feed.links), world.violations()


def test_a_link_that_is_never_quiet_is_pinged_all_the_same() -> None:
    """ "Send a ping at least every 60 seconds to keep the connection open":
    https://docs.kraken.com/exchange/api-reference/futures-websocket"""
    assert virtual_time.run(_busy()) == (0, {})


async def _stopped(fault: str) -> tuple[str, str]:
    async with inside([LINEAR, INVERSE]) as world:
        world.feed.desire(wanted([LINEAR, INVERSE]))
        await world.wait(lambda: states(world, wanted([LINEAR, INVERSE])) == {"live"}, 30, RATE)
        world.simulator.fault(fault, symbol=INVERSE)
        await world.trade(3, RATE)
        state = world.feed.state
        return state.topic_state("ticker", INVERSE).state, state.topic_state("ticker", LINEAR).state


def test_a_contract_that_is_suspended_says_so_and_no_other() -> None:
    assert virtual_time.run(_stopped("halt")) == ("halted", "live")


async def _refused() -> tuple[Any, ...]:
    names = listed_at("KRAKEN_FUTURES", 8)
    async with inside(names) as world:
        world.simulator.fault("bad_symbol", symbol=INVERSE)
        world.desire("ticker", "trade", "book", depth=10)
        others = [name for name in names if name != INVERSE]
        await world.wait(lambda: world.live("ticker", "trade", "book", names=others), 60, RATE)
        return tuple(world.feed.state.topic_state("book", INVERSE)[:2])


def test_what_is_not_listed_is_down_in_the_venues_words_and_alone() -> None:
    assert virtual_time.run(_refused()) == ("down", "refused: Invalid product id")


async def _lost() -> tuple[int, bool]:
    async with inside([LINEAR, INVERSE]) as world:
        world.desire("book", depth=100)
        await world.wait(lambda: world.live("book"), 30, RATE)
        world.simulator.fault("gap", venue="KRAKEN_FUTURES", symbol=LINEAR)
        state = world.feed.state
        await world.wait(lambda: state.counters["gaps"] == 1, 30, RATE)
        await world.wait(lambda: world.live("book"), 30, RATE)
        true = world.simulator.book(LINEAR, 25)
        return state.counters["gaps"], tuple(state.book(LINEAR).best(25)) == (true.bids, true.asks)


def test_a_lost_change_is_found_by_its_number_and_the_book_brought_again() -> None:
    assert virtual_time.run(_lost()) == (1, True)


@pytest.mark.parametrize("interval", [1, 60, 1440])
async def test_the_list_and_candles_are_fetched(interval: int) -> None:
    codec, names = KrakenFuturesCodec(), [LINEAR, INVERSE, FUTURE]
    async with (
        Simulator(instruments=names, paused=True, start_ns=MID_BAR_NS) as simulator,
        Rest(codec, SystemClock(), url=simulator.rest_url("KRAKEN_FUTURES")) as rest,
    ):
        specs = await fetch_instruments(codec, rest)
        [item] = [wish for wish in wanted([INVERSE]) if wish.channel == "trade"]
        now_us = simulator.clock.now_ns() // 1000
        request = codec.candles_request(item, interval, now_us)
        assert request is not None
        bars = codec.decode_candles(item, interval, await rest.get(request), now_us)

    assert [(spec.native, spec.kind, spec.base, spec.inverse) for spec in specs] == [
        ("PF_XBTUSD", "perpetual", "BTC", False),
        ("PI_XBTUSD", "perpetual", "BTC", True),
        ("FI_ETHUSD_361226", "future", "ETH", True),
    ]
    assert len(bars) > 300
    assert {bar.closed for bar in bars[:-1]} == {True} and not bars[-1].closed
