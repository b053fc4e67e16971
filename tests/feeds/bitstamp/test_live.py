"""Our feed of Bitstamp on the simulated one, in a time of the tests' own."""

from __future__ import annotations

import asyncio

import pytest

from feeds.clock import SystemClock
from feeds.rest import Rest, fetch_instruments
from feeds.simulator import Simulator
from feeds.simulator.listing import listed_at
from feeds.symbols import BOOK, CHANNELS, FUNDING, MARK, TICKER, TRADE
from feeds.venues.bitstamp.public import PULSE, BitstampCodec
from tests.fakes import virtual_time
from tests.fakes.inside import Inside, inside
from tests.fakes.line import now_s

VENUE, RATE = "BITSTAMP", 60
BTC, PERPETUAL = f"{VENUE}:btcusd", f"{VENUE}:btcusd-perp"


async def followed(world: Inside, *channels: str, within_s: float = 60) -> None:
    world.desire(*(channels or CHANNELS), depth=100)
    await world.wait(lambda: world.live(*(channels or CHANNELS)), within_s, RATE)


async def settled(world: Inside) -> None:
    """What is gathered is sent, and what is sent has come; nobody trades meanwhile."""
    world.simulator.step(0)
    await asyncio.sleep(0.5)


async def nothing_happens(world: Inside, seconds: float) -> None:
    """Time goes on, and the pulse of a link with it."""
    for _ in range(round(seconds / 0.2)):
        await asyncio.sleep(0.2)
        world.simulator.clock.advance(200_000_000)
        world.simulator.exchanges[VENUE].flush(world.simulator.clock.now_ns())


async def _true() -> None:
    async with inside(listed_at(VENUE, 5), levels=150) as world:
        await followed(world)
        await world.trade(8, RATE)
        await settled(world)
        state = world.feed.state
        for name in world.names:
            true = world.simulator.book(name, 100)
            assert tuple(state.book(name).best(1000)) == (true.bids, true.asks)
            row = state.ticker(name)
            top = tuple(row[key] for key in ("bid", "bid_qty", "ask", "ask_qty"))
            assert top == (*true.bids[0], *true.asks[0])
            assert row.keys() >= {"last", "volume", "high", "low", "change", "change_pct"}
            trades = state.trades(name)
            assert row["last"] == trades[-1].price
            told = [(t.trade_id, t.side, t.price, t.qty) for t in trades]
            assert told == [each[:4] for each in world.simulator.trades(name)][-len(told) :]
        assert state.counters["gaps"] == 0
        assert world.violations() == {}


def test_books_trades_and_best_prices_are_the_true_ones():
    virtual_time.run(_true())


async def _perpetual() -> None:
    async with inside([BTC, PERPETUAL], levels=20) as world:
        world.feed.desire(
            item
            for item in world.desire(TICKER, MARK, FUNDING)
            if "perp" in item.native or item.channel == TICKER
        )
        await world.wait(lambda: world.live(MARK, FUNDING, names=[PERPETUAL]), 30, RATE)
        state = world.feed.state
        await world.wait(lambda: "open_interest" in state.mark(PERPETUAL), 60, RATE)
        await world.trade(5, RATE)

        row, funding = state.mark(PERPETUAL), state.funding(PERPETUAL)
        assert row.keys() >= {"mark", "index", "open_interest"} and row["open_interest_unit"] == "base"
        assert funding.keys() >= {"rate", "next"} and "interval" not in funding
        asked = [request for line in world.lines for request in line.exchange._subscribers]
        assert asked.count(PULSE) == 1
        counters = state.counters
        assert counters["not followed"] > 10, "books of what only a ticker is wanted of"
        assert not any(name.startswith("unknown") for name in counters)
        assert world.violations() == {}


def test_a_perpetual_has_mark_index_funding_and_open_interest():
    virtual_time.run(_perpetual())


async def _quiet() -> tuple[bool, int]:
    async with inside(listed_at(VENUE, 2), levels=20) as world:
        world.desire(TRADE, BOOK, depth=25)
        await asyncio.sleep(0)
        await world.wait(lambda: world.live(TRADE, BOOK), 30, 0)
        await nothing_happens(world, 60)
        return world.live(TRADE, BOOK), sum(link.reconnects for link in world.feed.links)


def test_a_market_in_which_nothing_happens_has_its_book_by_rest_and_lives_by_the_pulse():
    """A subscription brings nothing until something changes."""
    live, reconnects = virtual_time.run(_quiet())

    assert live
    assert reconnects == 0


def pictures_asked(world: Inside) -> int:
    return sum("/order_book/" in path for _, path in world.asked)


async def _audited(rate: float) -> tuple[int, int]:
    async with inside(listed_at(VENUE, 1), levels=20) as world:
        await followed(world, TRADE, BOOK)
        await settled(world)
        world.feed.auditor.watched = frozenset(world.names)
        before = pictures_asked(world)
        for _ in range(350):
            if rate:
                await world.trade(0.2, rate)
                continue
            await nothing_happens(world, 0.2)
        return pictures_asked(world) - before, world.feed.report().counters.get("audits", 0)


def test_a_book_is_audited_where_no_picture_proves_it():
    """Each picture has all of it, so that only what stands still needs a second look."""
    busy, quiet = virtual_time.run(_audited(RATE)), virtual_time.run(_audited(0))

    assert busy == (0, 0)
    asked, done = quiet
    assert done > 1 and asked - done in (0, 1), "one may be under way"


async def _old() -> int:
    async with inside(listed_at(VENUE, 1), levels=20) as world:
        [name] = world.names
        world.simulator.fault("snapshot_old", symbol=name)
        await world.trade(10, RATE)
        await settled(world)
        world.feed.auditor.watched = frozenset(world.names)
        world.desire(TRADE, BOOK, depth=25)
        await nothing_happens(world, 80)
        true = world.simulator.book(name, 25)
        assert tuple(world.feed.state.book(name).best(25)) == (true.bids, true.asks)
        return world.feed.report().counters["audit"]


def test_a_quiet_book_that_began_with_an_old_picture_is_put_right_by_an_audit():
    assert virtual_time.run(_old()) == 1


async def _silent() -> float:
    async with inside(listed_at(VENUE, 3), levels=20) as world:
        await followed(world)
        world.simulator.fault("stall", venue=VENUE)
        began_s = now_s()
        await world.wait(lambda: not world.live(*CHANNELS), 30, RATE)
        return now_s() - began_s


def test_silence_is_noticed_by_the_pulse_that_does_not_come():
    assert virtual_time.run(_silent()) < 15


async def _moved() -> tuple[int, int]:
    async with inside(listed_at(VENUE, 3), levels=20) as world:
        await followed(world)
        await world.trade(10, RATE)
        world.simulator.fault("shutdown", venue=VENUE, seconds=20)
        [session] = world.feed.sessions.values()
        await world.wait(lambda: session.counters["rolled over"], 30, RATE)
        assert world.live(*CHANNELS)
        await settled(world)
        for name in world.names:
            true = world.simulator.book(name, 25)
            assert tuple(world.feed.state.book(name).best(25)) == (true.bids, true.asks)
        return session.counters["rolled over"], world.feed.state.counters["gaps"]


def test_another_link_takes_over_when_the_venue_asks_for_one():
    """https://www.bitstamp.net/websocket/v2/, "Forced reconnection": the old one stays some seconds."""
    assert virtual_time.run(_moved()) == (1, 0)


async def _five_hundred() -> tuple[float, int]:
    async with inside(listed_at(VENUE, 500), levels=10) as world:
        began_s = now_s()
        world.desire(TRADE, BOOK, depth=25)
        await world.wait(lambda: world.live(TRADE, BOOK), 120, 500)
        assert world.violations() == {}
        assert world.feed.counters["crashes"] == 0
        return now_s() - began_s, len(world.feed.sessions)


@pytest.mark.acceptance
def test_five_hundred_markets_at_once_keep_the_venues_limits():
    """1,024 channels of a connection; by REST 400 requests a second and 10,000 in ten minutes."""
    took_s, links = virtual_time.run(_five_hundred())

    assert took_s < 100
    assert links <= 6


async def test_the_simulated_list_is_read_as_the_real_one():
    codec, names = BitstampCodec(), listed_at(VENUE, 4)
    async with (
        Simulator(instruments=names, rate=1) as simulator,
        Rest(codec, SystemClock(), url=simulator.rest_url(VENUE)) as rest,
    ):
        found = await fetch_instruments(codec, rest)

    assert [f"{VENUE}:{each.native}" for each in found] == names
    assert [each.kind for each in found] == ["spot", "spot", "forex", "perpetual"]
