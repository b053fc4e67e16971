"""Our feed of Coinbase Exchange on the simulated one, in a time of the tests' own."""

from __future__ import annotations

import asyncio

import pytest

from feeds.codec import Subscription
from feeds.simulator.listing import listed_at
from feeds.state import StateChange
from feeds.symbols import BOOK, CHANNELS
from tests.fakes import virtual_time
from tests.fakes.inside import Inside, inside
from tests.fakes.line import now_s

VENUE, RATE = "COINBASE_EXCHANGE", 60


def wanted(names: list[str]) -> list[Subscription]:
    natives = [(name, name.partition(":")[2]) for name in names]
    return [Subscription(c, name, native, 100 * (c == BOOK)) for name, native in natives for c in CHANNELS]


async def followed(world: Inside, within_s: float = 60) -> None:
    world.feed.desire(wanted(list(world.names)))
    await world.wait(lambda: world.live(*CHANNELS), within_s, RATE)


async def settled(world: Inside) -> None:
    """What is gathered is sent, and what is sent has come; nobody trades meanwhile."""
    world.simulator.step(0)
    await asyncio.sleep(0.5)


def top(world: Inside, name: str) -> tuple[str, ...]:
    row = world.feed.state.ticker(name)
    return tuple(row[key] for key in ("bid", "bid_qty", "ask", "ask_qty"))


async def _true() -> None:
    async with inside(listed_at(VENUE, 4), levels=50) as world:
        await followed(world)
        await world.trade(20, RATE)
        await settled(world)
        state = world.feed.state
        for name in world.names:
            true = world.simulator.book(name, 100)
            assert tuple(state.book(name).best(100)) == (true.bids, true.asks)
            assert top(world, name) == (*true.bids[0], *true.asks[0])
            assert state.ticker(name).keys() >= {"last", "volume", "high", "low", "change_pct"}
            ours = [trade.trade_id for trade in state.trades(name)]
            assert ours == [trade.trade_id for trade in world.simulator.trades(name)][-len(ours) :]
        assert state.counters["gaps"] == 0
        assert world.violations() == {}


def test_books_trades_and_best_prices_are_the_true_ones():
    """Also between trades, when no ticker comes: the best prices are those of the book."""
    virtual_time.run(_true())


async def _five_hundred() -> tuple[float, int]:
    async with inside(listed_at(VENUE, 500), levels=10) as world:
        began_s = now_s()
        await followed(world, 120)
        assert world.violations() == {}
        assert world.feed.counters["crashes"] == 0
        return now_s() - began_s, len(world.feed.sessions)


@pytest.mark.acceptance
def test_five_hundred_products_at_once_keep_the_venues_limits():
    """8 requests a second of an address, connects and messages together; 5 s to ask for something."""
    took_s, links = virtual_time.run(_five_hundred())

    assert took_s < 30
    assert links < 25


async def _missing() -> tuple[list[tuple[str, str]], bool]:
    seen: list[tuple[str, str]] = []

    class Sink:
        def put(self, state: object, event: object) -> None:
            if type(event) is StateChange and event.channel == "trade":
                seen.append((event.state, event.reason))

        async def run(self) -> None:
            """Nothing is brought anywhere."""

    async with inside(listed_at(VENUE, 1), levels=20, sinks=[Sink()]) as world:
        await followed(world)
        await world.trade(5, RATE)
        seen.clear()
        world.simulator.fault("gap", venue=VENUE, channel="trade")
        await world.wait(lambda: seen, 30, RATE)
        return seen, world.live("trade")


def test_a_trade_that_did_not_come_is_noticed_by_the_count():
    seen, live = virtual_time.run(_missing())

    assert seen[:2] == [("stale", "1 trades did not come"), ("live", "")]
    assert live


async def _haunted() -> tuple[int, float]:
    async with inside(listed_at(VENUE, 3), levels=60) as world:
        await followed(world)
        feed, name = world.feed, world.names[0]
        feed.state.preferred = feed.auditor.watched = frozenset([name])
        world.simulator.fault("ghost", venue=VENUE, symbol=name)

        while any(len(line.faults) for line in world.lines):
            await world.trade(0.5, RATE)
        began_s = now_s()
        await world.wait(lambda: feed.report().counters.get("audit", 0), 60, RATE)
        took_s = now_s() - began_s
        await world.wait(lambda: world.live(*CHANNELS), 30, RATE)
        await settled(world)
        true = world.simulator.book(name, 0)
        assert tuple(feed.state.book(name).best(10_000)) == (true.bids, true.asks)
        assert world.violations() == {}
        return feed.report().counters["audit"], took_s


@pytest.mark.acceptance
def test_a_change_that_did_not_come_is_found_by_an_audit():
    audits, took_s = virtual_time.run(_haunted())

    assert audits == 1
    assert took_s < 60


async def _silent() -> float:
    async with inside(listed_at(VENUE, 3), levels=20) as world:
        await followed(world)
        world.simulator.fault("stall", venue=VENUE)
        began_s = now_s()
        await world.wait(lambda: not world.live(*CHANNELS), 20, RATE)
        return now_s() - began_s


def test_silence_is_noticed_by_the_heartbeats_that_do_not_come():
    assert virtual_time.run(_silent()) < 7


async def _quiet() -> bool:
    async with inside(listed_at(VENUE, 3), levels=20) as world:
        await followed(world)
        for _ in range(600):
            await world.trade(0.1, 0)
        return world.live(*CHANNELS) and sum(link.reconnects for link in world.feed.links) == 0


def test_a_market_in_which_nothing_happens_is_live():
    assert virtual_time.run(_quiet())
