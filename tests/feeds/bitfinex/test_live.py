"""Our feed of Bitfinex on the simulated one, in a time of the tests' own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from feeds.clock import SystemClock
from feeds.codec import Subscription
from feeds.rest import Rest, fetch_instruments
from feeds.simulator import Simulator
from feeds.simulator.listing import listed_at
from feeds.symbols import channels_of
from feeds.venues.bitfinex.public import BitfinexCodec
from tests.fakes import virtual_time
from tests.fakes.inside import Inside, inside
from tests.fakes.line import now_s

RATE = 60
SPOT, PERPETUAL = "BITFINEX:tBTCUSD", "BITFINEX:tBTCF0:USTF0"
# A bar that has just begun has no trade, and bars without one are left out.
MID_BAR_NS = 1_766_000_050_000_000_000


def wanted(names: list[str]) -> list[Subscription]:
    """Everything that each of them has."""
    return [
        Subscription(channel, name, name.partition(":")[2], 100 * (channel == "book"))
        for name in names
        for channel in channels_of("perpetual" if "F0" in name else "spot")
    ]


def states(world: Inside, subscriptions: list[Subscription]) -> set[str]:
    state = world.feed.state
    return {state.topic_state(item.channel, item.instrument).state for item in subscriptions}


async def _both_kinds() -> None:
    names = [SPOT, PERPETUAL]
    async with inside(names) as world:
        subscriptions, state = wanted(names), world.feed.state
        world.feed.desire(subscriptions)
        await world.wait(lambda: states(world, subscriptions) == {"live"}, 60, RATE)
        await world.wait(lambda: state.liquidations(PERPETUAL), 600, 10 * RATE)

        assert state.mark(PERPETUAL).keys() >= {"mark", "index", "open_interest"}
        assert state.mark(PERPETUAL)["open_interest_unit"] == "base"
        assert state.funding(PERPETUAL).keys() >= {"rate", "next", "predicted"}
        for name in names:
            book = world.simulator.book(name, 25)
            assert tuple(state.book(name).best(25)) == (book.bids, book.asks)
            row = state.ticker(name)
            assert (row["bid"], row["bid_qty"]) == book.bids[0], "of the book: the ticker has no sizes"
        assert all(trade.trade_id.isdigit() for trade in state.trades(SPOT))
        assert state.counters["gaps"] == state.counters["refused"] == state.counters["checksum"] == 0
        assert world.violations() == {}


def test_all_channels_of_both_kinds_are_live_and_their_books_true() -> None:
    virtual_time.run(_both_kinds())


async def _five_hundred() -> None:
    names = listed_at("BITFINEX", 500)
    async with inside(names, levels=10) as world:
        subscriptions = [item for item in wanted(names) if item.channel in ("trade", "book")]
        world.feed.desire(subscriptions)
        started_s = now_s()
        while states(world, subscriptions) != {"live"}:
            assert now_s() - started_s < 300, "as many links as there are, fifteen a minute"
            await world.trade(2, 1, step_s=2)

        assert len(names) == 500 and world.violations() == {}
        assert len(world.feed.sessions) < 70


@pytest.mark.acceptance
def test_five_hundred_markets_at_once_keep_the_venues_limits() -> None:
    """25 channels on each link, 20 links a minute: https://docs.bitfinex.com/docs/ws-public"""
    virtual_time.run(_five_hundred())


async def _quiet() -> tuple[int, str]:
    async with inside([SPOT]) as world:
        world.desire("ticker", "trade", "book", depth=25)
        await world.wait(lambda: world.live("ticker", "trade", "book"), 30, RATE)
        world.simulator.exchanges["BITFINEX"]._slow_due_ns = 1 << 62
        for _ in range(300):
            await world.trade(1, 0, step_s=1)
        state = world.feed.state
        return sum(link.reconnects for link in world.feed.links), state.topic_state("book", SPOT).state


def test_a_link_on_which_nothing_happens_stays_by_its_beats() -> None:
    """ "[CHANNEL_ID, "hb"] … each 15 seconds": https://docs.bitfinex.com/docs/ws-general#heartbeating"""
    assert virtual_time.run(_quiet()) == (0, "live")


async def _lost(fault: str, counter: str) -> tuple[int, bool]:
    async with inside([SPOT, PERPETUAL]) as world:
        world.desire("book", depth=100)
        await world.wait(lambda: world.live("book"), 30, RATE)
        world.simulator.fault(fault, venue="BITFINEX", symbol=SPOT)
        state = world.feed.state
        await world.wait(lambda: state.counters[counter] == 1, 30, RATE)
        await world.wait(lambda: world.live("book"), 60, RATE)
        world.simulator.step(0)
        await asyncio.sleep(0.1)
        true = world.simulator.book(SPOT, 25)
        return state.counters[counter], tuple(state.book(SPOT).best(25)) == (true.bids, true.asks)


@pytest.mark.parametrize(("fault", "counter"), [("gap", "gaps"), ("corrupt", "checksum")])
def test_what_is_lost_or_wrong_is_found_and_the_book_brought_again(fault: str, counter: str) -> None:
    assert virtual_time.run(_lost(fault, counter)) == (1, True)


async def _maintained() -> tuple[str, str, int]:
    async with inside([SPOT]) as world:
        world.desire("ticker", "book", depth=25)
        await world.wait(lambda: world.live("ticker", "book"), 30, RATE)
        exchange = world.simulator.exchanges["BITFINEX"]
        exchange.announce("maintenance")
        await world.trade(1, RATE)
        halted = world.feed.state.topic_state("book", SPOT).state
        exchange.announce("online")
        await world.wait(lambda: world.feed.sessions["public.0"].counters["rolled over"] == 1, 60, RATE)
        await world.wait(lambda: world.live("ticker", "book"), 30, RATE)
        reconnects = sum(link.reconnects for link in world.feed.links)
        return halted, world.feed.state.topic_state("book", SPOT).state, reconnects


def test_maintenance_halts_and_its_end_brings_everything_on_a_new_link() -> None:
    assert virtual_time.run(_maintained()) == ("halted", "live", 0)


async def _unanswered() -> tuple[int, dict[str, int]]:
    """An answer that is lost leaves a channel whose number nobody knows."""
    async with inside([SPOT, PERPETUAL]) as world:
        world.simulator.fault("lost_ack", venue="BITFINEX")
        world.desire("ticker", "trade", "book", depth=25)
        await world.wait(lambda: world.live("ticker", "trade", "book"), 120, RATE)
        return world.simulator.exchanges["BITFINEX"].counters["channels_over_limit"], world.violations()


def test_a_channel_whose_answer_was_lost_is_brought_by_another_link() -> None:
    assert virtual_time.run(_unanswered()) == (0, {})


async def _changed() -> tuple[Any, ...]:
    """What nobody wants any more is left, by the number that it has there."""
    async with inside([SPOT, PERPETUAL]) as world:
        world.desire("ticker", "trade", "book", depth=25)
        await world.wait(lambda: world.live("ticker", "trade", "book"), 60, RATE)
        world.feed.desire(wanted([SPOT])[:1])
        await world.trade(5, RATE)
        [told] = world.simulator.exchanges["BITFINEX"]._told.values()
        return tuple(topic[:2] for topic in told.channels.values())


def test_what_is_not_wanted_any_more_is_left() -> None:
    assert virtual_time.run(_changed()) == (("ticker", "tBTCUSD"),)


@pytest.mark.parametrize("interval", [1, 60, 1440])
async def test_the_list_and_candles_are_fetched(interval: int) -> None:
    codec, names = BitfinexCodec(), [SPOT, PERPETUAL, "BITFINEX:tAVAX:USD"]
    async with (
        Simulator(instruments=names, paused=True, start_ns=MID_BAR_NS) as simulator,
        Rest(codec, SystemClock(), url=simulator.rest_url("BITFINEX")) as rest,
    ):
        specs = await fetch_instruments(codec, rest)
        [item] = [wish for wish in wanted([SPOT]) if wish.channel == "trade"]
        now_us = simulator.clock.now_ns() // 1000
        request = codec.candles_request(item, interval, now_us)
        since = codec.candles_request(item, interval, now_us, now_us - 100 * interval * 60_000_000)
        assert request is not None and since is not None
        bars = codec.decode_candles(item, interval, await rest.get(request), now_us)
        some = codec.decode_candles(item, interval, await rest.get(since), now_us)

    assert [(spec.native, spec.kind, spec.base, spec.quote, spec.tick_size) for spec in specs] == [
        ("tBTCUSD", "spot", "BTC", "USD", "1"),
        ("tAVAX:USD", "spot", "AVAX", "USD", "0.0001"),
        ("tBTCF0:USTF0", "perpetual", "BTC", "USDT", "1"),
    ]
    assert len(bars) > 300 and some == bars[-len(some) :] and 95 < len(some) < 105
    assert {bar.closed for bar in bars[:-1]} == {True} and not bars[-1].closed
