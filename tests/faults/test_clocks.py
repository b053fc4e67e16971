"""Clocks that are wrong, links that were away, floods: candles are the exchange's own, and ages are sane."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from feeds import venues
from feeds.codec import Subscription
from feeds.events import Bar
from feeds.simulator.truth import TrueBar
from feeds.state import MarketState
from feeds.symbols import BOOK, OHLC, TICKER, TRADE
from tests.by_venue import LONG
from tests.fakes import virtual_time
from tests.fakes.inside import Inside, inside
from tests.fakes.line import now_s
from tests.faults.test_silence import NOTICED_S, RATE, looked_at, of_each

pytestmark = pytest.mark.timeout(1800)
ALL = (TICKER, TRADE, BOOK)
MINUTE_US = 60_000_000
EACH = 3
"""Orders a second at each instrument: one that is too quiet has minutes without a trade at their edges."""
BAR = ("open", "high", "low", "close", "volume")


def bars_unlike(world: Inside, since_us: int, *, whole: bool = False) -> list[str]:
    """Minutes that ended and are not the exchange's; ``whole``: they may not be called incomplete either."""
    found, now_us = [], world.simulator.clock.now_ns() // 1000
    for name in world.names:
        true = {bar.start_us: bar for bar in world.simulator.bars(name, count=12)}
        held = {bar.start_us: bar for bar in world.feeds[name.partition(":")[0]].state.bars(name, 1)}
        for start_us, bar in true.items():
            if start_us < since_us or start_us + MINUTE_US > now_us - 5_000_000 or not bar.trades:
                continue
            ours = held.get(start_us)
            same = ours is not None and all(
                Decimal(getattr(ours, n)) == Decimal(getattr(bar, n)) for n in BAR
            )
            if whole and (ours is None or ours.incomplete) or not (ours is None or ours.incomplete or same):
                found.append(f"{name} {start_us}: {ours} is not {bar}")
        found += [f"{name} {us}: no such minute" for us in held if us > now_us or us % MINUTE_US]
    return found


def bars_since(world: Inside, name: str, since_us: int) -> list[Bar]:
    return world.feeds[name.partition(":")[0]].state.bars(name, 1, since_us)


class Skewed(virtual_time.LoopClock):
    """Wall time that is off by ``by_s``, which may change."""

    def __init__(self, by_s: float) -> None:
        self.by_s = by_s

    def wall_ns(self) -> int:
        return super().wall_ns() + round(self.by_s * 1e9)


class Closed:
    """A sink that keeps minutes that were called closed and complete: history does not take them back."""

    takes = frozenset({Bar})

    def __init__(self) -> None:
        self.bars: dict[tuple[str, int], Bar] = {}

    def put(self, state: MarketState, bar: Bar) -> None:
        if bar.interval == 1 and bar.closed and not bar.incomplete:
            self.bars[bar.instrument, bar.start_us] = bar

    async def run(self) -> None:
        """Nothing is brought anywhere."""

    def wrong(self, world: Inside) -> list[str]:
        found = []
        for name in world.names:
            for true in world.simulator.bars(name, count=8):
                bar = self.bars.get((name, true.start_us))
                if bar is not None and unlike(bar, true):
                    found.append(f"{name} {true.start_us}: closed as {bar}, true is {true}")
        return found


def unlike(bar: Bar, true: TrueBar) -> bool:
    return any(Decimal(getattr(bar, name)) != Decimal(getattr(true, name)) for name in BAR)


async def skewed(venues: list[str], seed: int, by_s: float, later_s: float) -> list[str]:
    """Minutes that were wrong while our clock was, and then was set."""
    clock = Skewed(by_s)
    told = Closed()
    async with inside(of_each(venues, 1), seed=seed, clock=clock, sinks=[told]) as world:
        world.desire(*ALL, depth=10)
        await world.wait(lambda: world.live(*ALL), 60, RATE)
        since_us = world.simulator.clock.now_ns() // 1000
        await world.trade(100, EACH * len(world.names), step_s=0.5)
        clock.by_s = later_s
        await world.trade(190, EACH * len(world.names), step_s=0.5)
        assert world.live(*ALL)
        assert not any(feed.report().counters.get("crashes", 0) for feed in world.feeds.values())
        assert all(len(bars_since(world, name, since_us)) >= 4 for name in world.names)
        return bars_unlike(world, since_us - 2 * MINUTE_US) + told.wrong(world)


@pytest.mark.parametrize(
    ("by_s", "later_s"),
    [
        (0, 3600),
        *(pytest.param(*skew, marks=LONG) for skew in ((3600, 3600), (-3600, -3600))),
        *(pytest.param(*skew, marks=LONG) for skew in ((0, -3600), (3600, 0), (-3600, 0))),
    ],
)
@pytest.mark.fault(
    "F16",
    "Our clock is off by {by_s} s, then by {later_s} s",
    goal="no trade in a wrong minute; everything stays live",
)
def test_a_clock_that_is_off_moves_no_trade_into_another_minute(score, by_s, later_s):
    for run in range(score.times(20)):
        assert virtual_time.run(skewed(looked_at(score), score.seed + run, by_s, later_s)) == []
    score.runs = score.times(20)


def has_candles(name: str) -> bool:
    """Where a venue gives none of an instrument, what was missed stays missed, and is said to be."""
    venue, _, native = name.partition(":")
    return venues.codec(venue).candles_request(Subscription(OHLC, name, native), 1) is not None


async def away(venues: list[str], seed: int, dark_s: float) -> float:
    """Seconds until all minutes are the exchange's own, after no link could be opened for so long."""
    async with inside(list(filter(has_candles, of_each(venues, 1))), seed=seed) as world:
        world.desire(*ALL, depth=10)
        await world.wait(lambda: world.live(*ALL), 60, RATE)
        await world.trade(random.Random(seed).uniform(60, 120), EACH * len(world.names), step_s=0.25)
        since_us = (world.simulator.clock.now_ns() // 1000) - MINUTE_US
        world.dark = True
        for line in world.lines:
            line.reset()
        await world.trade(dark_s, EACH * len(world.names), step_s=0.25)
        assert bars_unlike(world, since_us) == []  # only what was missed is missing
        world.dark = False
        await world.wait(lambda: world.live(*ALL), 60, 20)
        # The minute in which it came back is over.
        await world.trade(60 - now_s() % 60 + 3, EACH * len(world.names), step_s=0.25)
        over_s = now_s()
        while missing := bars_unlike(world, since_us, whole=True):
            await world.trade(0.25, EACH * len(world.names))
            assert now_s() - over_s < 90, missing[:3]
        assert world.violations() == {}
        return now_s() - over_s


@pytest.mark.fault(
    "F17",
    "No link can be opened for 90 s; in a time of the tests' own",
    goal="minutes are called incomplete, and are the exchange's own within 10 s of their end",
)
def test_minutes_of_an_outage_are_filled(score):
    for run in range(score.times(100)):
        score.took(virtual_time.run(away(looked_at(score), score.seed + run, 90)))

    assert max(score.took_s) <= 10


async def flooded(names: list[str], seed: int) -> None:
    """Twenty times as much for half a minute."""
    rate = RATE * len(names) / len(of_each(NOTICED_S, 3))
    async with inside(names, seed=seed) as world:
        world.desire(*ALL, depth=25)
        await world.wait(lambda: world.live(*ALL), 60, RATE)
        for _ in range(30):
            await world.trade(1, 20 * rate)
            assert world.live(*ALL)
        world.simulator.step(0)
        await world.trade(0.1, 1)
        world.simulator.step(0)
        await world.trade(0.01, 1, step_s=0.01)
        for feed in world.feeds.values():
            counters = feed.report().counters
            assert not [name for name in ("crashes", "gaps", "checksum", "crossed") if counters.get(name)]
        assert sum(link.reconnects for feed in world.feeds.values() for link in feed.links) == 0


@pytest.mark.fault(
    "F20",
    "Twenty times as much happens for half a minute; in a time of the tests' own",
    goal="nothing is interrupted, nothing breaks",
)
def test_a_flood_interrupts_nothing(score):
    names = of_each(looked_at(score), 3 if score.share else 1)
    for run in range(score.times(10)):
        virtual_time.run(flooded(names, score.seed + run))
    score.runs = score.times(10)
