"""Our feed of OANDA on the simulated one, in a time of the tests' own, and over real sockets."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from feeds.candles import Candles
from feeds.clock import SystemClock
from feeds.codec import Subscription
from feeds.credentials import Credentials
from feeds.recorder import Recorder
from feeds.replay import Replay, ReplayClock
from feeds.rest import Rest, fetch_instruments
from feeds.simulator import Simulator
from feeds.simulator.listing import listed_at
from feeds.simulator.oanda import ACCOUNT, TOKEN
from feeds.symbols import TICKER, TRADE
from feeds.venuefeed import VenueFeed
from feeds.venues.oanda.messages import CLOSED
from feeds.venues.oanda.public import OandaCodec
from tests.by_venue import LONG
from tests.fakes import virtual_time
from tests.fakes.feed import running
from tests.fakes.inside import Inside, inside
from tests.fakes.waiting import wait_until

RATE = 40
EUR, GBP = "OANDA:EUR_USD", "OANDA:GBP_USD"
MINUTE_US = 60_000_000


def wanted(names: list[str]) -> list[Subscription]:
    return [Subscription(TICKER, name, name.partition(":")[2]) for name in names]


def state_of(world: Inside, name: str) -> tuple[str, str]:
    return world.feed.state.topic_state(TICKER, name)[:2]


async def live(world: Inside, *names: str) -> None:
    world.feed.desire(wanted([*names]))
    await world.wait(lambda: all(state_of(world, name) == ("live", "") for name in names), 60, RATE)


async def _followed() -> None:
    async with inside([EUR, GBP, "OANDA:USD_JPY"]) as world:
        await live(world, *world.names)
        row = world.feed.state.ticker(EUR)
        [top] = world.simulator.tops([EUR], world.simulator.clock.now_ns())["tops"][EUR]

        assert row.keys() == {"bid", "bid_qty", "ask", "ask_qty", "ts_exchange", "ts_received"}
        await world.wait(lambda: world.feed.state.ticker(EUR) != row, 60, RATE)
        assert len(top.bid.partition(".")[2]) == len(row["bid"].partition(".")[2]) == 5
        [link] = world.feed.links
        assert link.decode_errors == 0
        trades = world.feed.state.topic_state(TRADE, EUR)
        assert (trades.state, trades.reason) == ("down", "OANDA tells no trades")
        assert world.violations() == {}


async def _quiet() -> None:
    """Some minutes without a price: heartbeats are enough to know that the link stands."""
    async with inside([EUR]) as world:
        await live(world, EUR)
        await asyncio.sleep(1200)
        assert state_of(world, EUR) == ("live", "")
        assert len(world.connects) == 1


async def _silent() -> None:
    async with inside([EUR]) as world:
        await live(world, EUR)
        world.simulator.fault("stall", venue="OANDA", value="all")
        for line in world.lines:
            line.silent = True
        await world.wait(lambda: state_of(world, EUR)[0] == "stale", 12, RATE)
        world.simulator.fault("clear", venue="OANDA")
        await world.wait(lambda: state_of(world, EUR) == ("live", ""), 60, RATE)


async def _closed() -> None:
    """Part of a weekend: prices stand, none can be traded, and nothing is stale."""
    async with inside([EUR, GBP]) as world:
        await live(world, EUR, GBP)
        world.simulator.fault("halt", symbol=EUR)
        await world.wait(lambda: state_of(world, EUR) == ("halted", CLOSED), 10, RATE)
        assert state_of(world, GBP) == ("live", "")
        assert world.feed.state.ticker(EUR)["bid"]
        await asyncio.sleep(1200)
        assert state_of(world, EUR) == ("halted", CLOSED)
        assert len(world.connects) == 1

        for line in world.lines:
            line.abort()
        await world.wait(lambda: len(world.connects) == 2, 60, RATE)
        await world.wait(lambda: state_of(world, EUR) == ("halted", CLOSED), 10, RATE)
        world.simulator.fault("maintenance", symbol=EUR, value="online")
        await world.wait(lambda: state_of(world, EUR) == ("live", ""), 10, RATE)


async def _changed() -> None:
    """One instrument more is another stream, and the old one serves until that one does."""
    async with inside([EUR, GBP]) as world:
        await live(world, EUR)
        changes: list[str] = []
        world.feed.desire(wanted([EUR, GBP]))
        for _ in range(100):
            await world.trade(0.05, RATE)
            changes.append(state_of(world, EUR)[0])
        assert set(changes) == {"live"}
        assert state_of(world, GBP) == ("live", "")
        assert len(world.connects) == 2
        assert len(world.simulator.exchanges["OANDA"].links) == 1
        assert world.violations() == {}


async def _refused() -> None:
    async with inside([EUR]) as world:
        world.feed.codec.credentials = Credentials(TOKEN, "another account")
        world.feed.desire(wanted([EUR]))
        await asyncio.sleep(3600)
        assert 5 <= len(world.connects) <= 7
        assert "refused the key (HTTP 403)" in world.feed.report().reason
        assert state_of(world, EUR)[0] in ("down", "syncing")


async def _delisted() -> None:
    """One instrument that there is not makes the venue refuse all that are asked for with it."""
    names = listed_at("OANDA", 9)
    bad = names[4]
    async with inside(names) as world:
        world.simulator.fault("bad_symbol", symbol=bad)
        good = [name for name in names if name != bad]
        world.feed.desire(wanted(names[:8]))
        await world.wait(lambda: all(state_of(world, name) == ("live", "") for name in good[:7]), 60, RATE)
        await world.wait(lambda: state_of(world, bad)[0] == "down", 60, RATE)
        assert state_of(world, bad)[1].startswith("refused: StreamRefused: HTTP 400")

        world.feed.desire(wanted(names))
        await world.wait(lambda: state_of(world, names[8]) == ("live", ""), 60, RATE)
        asked = len(world.connects)
        await asyncio.sleep(300)
        assert len(world.connects) == asked
        assert all(state_of(world, name) == ("live", "") for name in good)

        world.simulator.fault("clear", venue="OANDA")
        await world.wait(lambda: state_of(world, bad) == ("live", ""), 600, RATE)
        assert world.violations() == {}


async def _added() -> None:
    """Nor does it disturb a stream that it is added to."""
    names = listed_at("OANDA", 4)
    async with inside(names) as world:
        await live(world, *names[:3])
        world.simulator.fault("bad_symbol", symbol=names[3])
        world.feed.desire(wanted(names))
        seen = set()
        for _ in range(400):
            await world.trade(0.05, RATE)
            seen |= {state_of(world, name) for name in names[:3]}
        assert seen == {("live", "")}
        assert state_of(world, names[3])[0] == "down"


async def _many() -> None:
    names = listed_at("OANDA", 500)
    async with inside(names, levels=10) as world:
        await live(world, *names)
        assert world.violations() == {}
        assert len(world.simulator.exchanges["OANDA"].links) <= 16


@pytest.mark.parametrize(
    "play",
    [
        _followed,
        _quiet,
        _silent,
        _closed,
        _changed,
        _refused,
        _delisted,
        _added,
        pytest.param(_many, marks=LONG),
    ],
)
def test_a_feed_of_quotes(play: Any) -> None:
    virtual_time.run(play())


def keyed() -> OandaCodec:
    codec = OandaCodec()
    codec.credentials = Credentials(TOKEN, ACCOUNT)
    return codec


def both_live(feed: VenueFeed) -> bool:
    return all(feed.state.topic_state(TICKER, name)[0] == "live" for name in (EUR, GBP))


async def test_over_sockets_it_is_followed_recorded_broken_and_replayed(tmp_path: Path):
    path = tmp_path / "oanda.jsonl.gz"
    async with Simulator(instruments=[EUR, GBP], rate=60, seed=3) as simulator:
        urls = simulator.ws_url("OANDA"), simulator.rest_url("OANDA")
        with Recorder(path) as recorder:
            feed = VenueFeed(keyed(), [], SystemClock(), urls=urls, tee=recorder)
            feed.desire(wanted([EUR, GBP]))
            async with running(feed.run()):
                await wait_until(lambda: both_live(feed))
                for number, kind in enumerate(("reset", "half_close", "close"), 1):
                    assert simulator.fault(kind, venue="OANDA") == 1
                    await wait_until(lambda n=number: feed.links[0].reconnects == n, what=kind)
                    await wait_until(lambda: both_live(feed), what=f"live after {kind}")
                errors = feed.links[0].decode_errors
                simulator.fault("garbage", venue="OANDA", n=2)
                await wait_until(lambda: feed.links[0].decode_errors == errors + 2)
        last = {name: feed.state.ticker(name)["bid"] for name in (EUR, GBP)}

    replay = Replay(path, {"OANDA": OandaCodec()}, ReplayClock())
    await replay.play(0)
    found = replay.states["OANDA"]
    assert {name: found.ticker(name)["bid"] for name in (EUR, GBP)} == last
    assert replay.counters["undecodable"] == 2


async def test_the_simulated_list_and_candles_are_read_as_the_real_ones():
    codec = keyed()
    async with (
        Simulator(instruments=[EUR, "OANDA:USD_JPY", "OANDA:XAU_USD"], rate=1) as simulator,
        Rest(codec, SystemClock(), url=simulator.rest_url("OANDA")) as rest,
    ):
        specs = await fetch_instruments(codec, rest)
        now_us = SystemClock().wall_ns() // 1000
        until_us = now_us - now_us % MINUTE_US
        [subscription] = wanted([EUR])
        candles = Candles(codec, rest, SystemClock())
        page = await candles.page(subscription, 1, until_us - 100 * MINUTE_US, until_us)
        truth = simulator.bars(EUR, 1, 110)

    assert [(each.native, each.kind, each.tick_size) for each in specs] == [
        ("EUR_USD", "forex", "0.00001"),
        ("USD_JPY", "forex", "0.001"),
        ("XAU_USD", "forex", "0.001"),
    ]
    assert len(page.bars) >= 99
    known = {bar.start_us: (bar.open, bar.high, bar.low, bar.close) for bar in truth}
    assert {
        bar.start_us: (bar.open, bar.high, bar.low, bar.close) for bar in page.bars
    }.items() <= known.items()
    assert {bar.volume for bar in page.bars} == {"0"}
