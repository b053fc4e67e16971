"""Our feed of Gemini on the simulated one, in a time of the tests' own."""

from __future__ import annotations

from typing import Any

from feeds.codec import Subscription
from feeds.simulator.listing import listed_at
from feeds.symbols import channels_of
from feeds.venues.gemini.public import GeminiCodec
from tests.fakes import virtual_time
from tests.fakes.inside import Inside, inside
from tests.fakes.line import now_s

RATE = 60
SPOT, PERP = "GEMINI:BTCUSD", "GEMINI:BTCGUSDPERP"


def wanted(names: list[str]) -> list[Subscription]:
    """Everything that each of them has."""
    return [
        Subscription(channel, name, name.partition(":")[2], 100 * (channel == "book"))
        for name in names
        for channel in channels_of("perpetual" if name.endswith("PERP") else "spot")
        if channel in GeminiCodec.channels
    ]


def states(world: Inside, subscriptions: list[Subscription]) -> set[str]:
    state = world.feed.state
    return {state.topic_state(item.channel, item.instrument).state for item in subscriptions}


async def _both_kinds() -> None:
    names = [SPOT, PERP]
    async with inside(names) as world:
        subscriptions, state = wanted(names), world.feed.state
        world.feed.desire(subscriptions)
        await world.wait(lambda: states(world, subscriptions) == {"live"}, 120, RATE)
        await world.wait(lambda: "index" in state.mark(PERP) and state.ticker(SPOT).get("change"), 60, RATE)

        assert state.mark(PERP).keys() >= {"mark", "index", "open_interest"}
        assert state.mark(PERP)["open_interest_unit"] == "base"
        assert state.funding(PERP)["interval"] == 3_600_000_000
        assert state.ticker(SPOT).keys() >= {"bid", "ask", "last", "high", "low", "change_pct"}
        for name in names:
            book = world.simulator.book(name, 10)
            assert tuple(state.book(name).best(10)) == (book.bids, book.asks)
        assert state.counters["gaps"] == state.counters["refused"] == 0
        assert world.violations() == {}


def test_all_channels_of_both_kinds_are_live_and_their_books_true() -> None:
    virtual_time.run(_both_kinds())


async def _many() -> None:
    names = listed_at("GEMINI", 60)
    async with inside(names, levels=10) as world:
        subscriptions = [item for item in wanted(names) if item.channel != "funding"]
        world.feed.desire(subscriptions)
        started_s = now_s()
        await world.wait(lambda: states(world, subscriptions) == {"live"}, 120, 10 * RATE)

        assert len(names) == 60 and world.violations() == {}
        assert len(world.feed.sessions) == 1
        assert now_s() - started_s < 60


def test_all_that_is_listed_at_once_keeps_the_venues_limits() -> None:
    """120 requests a minute by REST: https://developer.gemini.com/rate-limit"""
    virtual_time.run(_many())


async def _lost() -> tuple[int, int, int]:
    async with inside([SPOT, PERP]) as world:
        world.desire("book", depth=100)
        await world.wait(lambda: world.live("book"), 30, RATE)
        world.simulator.fault("gap", venue="GEMINI", symbol="BTCUSD")
        state = world.feed.state
        await world.wait(lambda: state.counters["gaps"] == 1, 30, RATE)
        await world.wait(lambda: world.live("book"), 30, RATE)
        [session] = world.feed.sessions.values()
        await world.trade(5, 0)
        book = world.simulator.book(SPOT, 10)
        assert tuple(state.book(SPOT).best(10)) == (book.bids, book.asks)
        return len(world.asked), session.health.reconnects, state.counters["gaps"]


def test_a_change_that_is_lost_brings_that_book_again_on_the_same_link() -> None:
    """No request by REST, and nothing of the others is interrupted."""
    assert virtual_time.run(_lost()) == (0, 0, 1)


async def _quiet() -> tuple[int, set[str]]:
    async with inside([SPOT, PERP]) as world:
        items = [item for item in wanted([SPOT]) if item.channel != "ohlc"]
        world.feed.desire(items)
        await world.wait(lambda: states(world, items) == {"live"}, 60, RATE)
        for _ in range(300):
            await world.trade(1, 0, step_s=1)
        return sum(link.reconnects for link in world.feed.links), states(world, items)


def test_a_link_on_which_nothing_trades_lives_by_its_pulse() -> None:
    assert virtual_time.run(_quiet()) == (0, {"live"})


async def _refused() -> tuple[Any, ...]:
    names = [SPOT, PERP, "GEMINI:ETHUSD"]
    async with inside(names) as world:
        world.simulator.fault("bad_symbol", symbol="GEMINI:ETHUSD")
        world.desire("ticker", "book", depth=10)
        await world.wait(lambda: world.live("ticker", "book", names=[SPOT, PERP]), 60, RATE)
        return tuple(world.feed.state.topic_state("book", "GEMINI:ETHUSD")[:2])


def test_what_is_not_listed_is_down_in_the_venues_words_and_alone() -> None:
    words = "refused: -1013 Invalid stream name: ethusd@depth@100ms"
    assert virtual_time.run(_refused()) == ("down", words)
