"""Both markets followed at the simulator, in a time of the tests' own: all that contracts have is there."""

from __future__ import annotations

from decimal import Decimal
from unittest.mock import patch

import pytest

from feeds.simulator import futures_text
from feeds.simulator.contracts import perpetuals
from feeds.simulator.listing import listed_at
from feeds.symbols import OHLC, channels_of, derivatives_of
from feeds.venues.binance.futures import UsdmCodec
from tests.fakes import virtual_time
from tests.fakes.inside import Inside, inside
from tests.fakes.line import now_s

ALL = tuple(channel for channel in channels_of("perpetual") if channel != OHLC)
RATE = 60


async def followed(world: Inside) -> None:
    world.desire(*ALL, depth=25)
    await world.wait(lambda: world.live(*ALL), 30, RATE)


async def _all_that_contracts_have() -> None:
    async with inside([name for name in perpetuals(2) if name.startswith("BINANCE")]) as world:
        await followed(world)
        await world.trade(70, RATE)
        for name in world.names:
            check(world, name)
        assert world.violations() == {}
        polled = [path for _, path in world.asked if "openInterest" in path]
        assert 4 <= len(polled) <= 12, polled
        assert sum(feed.report().counters.get("crashes", 0) for feed in world.feeds.values()) == 0


def check(world: Inside, name: str) -> None:
    state = world.feeds[name.partition(":")[0]].state
    mark, funding, market = state.mark(name), state.funding(name), world.simulator.market(name)
    places = market.listing.price_decimals + 1
    near = Decimal(futures_text.mark_units(market)).scaleb(-places)
    assert abs(Decimal(mark["mark"]) / near - 1) < Decimal("0.01")
    assert mark.keys() >= {"mark", "index", "settle", "open_interest", "ts_open_interest"}
    assert mark["open_interest_unit"] == ("contracts" if market.listing.inverse else "base")
    assert funding["next"] % 28_800_000_000 == 0 < funding["next"] - funding["ts_exchange"]
    assert abs(Decimal(funding["rate"])) <= Decimal("0.0075")
    assert state.ticker(name).keys() >= {"bid", "ask", "last", "volume", "change_pct"}
    true = {(trade.price, trade.side) for trade in world.simulator.trades(name)}
    liquidations = state.liquidations(name)
    assert {(each.average, each.side) for each in liquidations} <= true
    seconds = [each.exchange_us // 1_000_000 for each in liquidations]
    assert len(seconds) == len(set(seconds)), "the venue shows one of each second"


def test_all_that_contracts_have_is_there_and_true():
    virtual_time.run(_all_that_contracts_have())


async def _on_the_wrong_path() -> tuple[set[str], str, str]:
    wrong = ("market", "/public/stream?streams=btcusdt@miniTicker")
    public = UsdmCodec.paths["book"]
    paths = {channel: public if path == public else wrong for channel, path in UsdmCodec.paths.items()}
    with patch.object(UsdmCodec, "paths", paths):
        async with inside(listed_at("BINANCE_USDM", 2)) as world:
            world.desire(*ALL, depth=25)
            began_s, reasons, live = now_s(), set[str](), set[str]()
            while now_s() < began_s + 60:
                await world.trade(0.5, RATE)
                live |= {channel for channel in ALL if now_s() > began_s + 20 and world.live(channel)}
                reasons |= {link.last_error for link in world.feed.links if link.last_error}
            return live, " ".join(reasons), world.feed.state.topic_state("mark", world.names[0]).reason


def test_a_path_that_agrees_and_never_sends_is_found_and_named():
    live, reasons, words = virtual_time.run(_on_the_wrong_path())

    assert live <= {"book"}, "what the other path brings is live; a ticker is of both"
    assert "is this the right path?" in reasons
    assert "path" in words or "waiting" in words


@pytest.mark.parametrize("venue", ["BINANCE_USDM", "BINANCE_COINM"])
def test_a_contract_that_stops_is_halted_and_no_other_one(venue: str):
    async def halted() -> tuple[str, str]:
        async with inside(listed_at(venue, 3)) as world:
            kinds = {name: world.simulator.market(name).listing.kind for name in world.names}
            world.desire("book", "trade")
            await world.wait(lambda: world.live("book", "trade"), 30, RATE)
            assert {derivatives_of(kind)[0] for kind in kinds.values()} == {"mark"}
            first, second, _ = world.names
            world.simulator.fault("halt", symbol=first)
            await world.trade(2, RATE)
            state = world.feed.state
            return state.topic_state("book", first).state, state.topic_state("book", second).state

    assert virtual_time.run(halted()) == ("halted", "live")


async def _all_at_once() -> None:
    async with inside(listed_at("BINANCE_USDM", 64)) as world:
        world.desire(*ALL, depth=100)
        await world.wait(lambda: world.live("book", "trade"), 90, RATE)
        await world.trade(65, RATE, step_s=0.5)
        assert world.violations() == {}
        assert {name for name in world.names if "open_interest" not in world.feed.state.mark(name)} == set()


def test_all_contracts_at_once_keep_the_venues_limits():
    """Streams, messages a second, weight: a picture of each book, and the open interest of each in turn."""
    virtual_time.run(_all_at_once())
