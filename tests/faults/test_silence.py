"""Exchanges that fall silent, in a time of the tests' own: it is noticed, and quiet is no alarm."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from feeds.state import MarketState, StateChange
from tests.fakes import virtual_time
from tests.fakes.inside import Inside, inside
from tests.fakes.line import now_s
from tests.faults.attack import BYBITS, names_of
from tests.scoreboard import Score

pytestmark = pytest.mark.timeout(1800)
ALL = ("ticker", "trade", "book")
NOTICED_S = {
    "KRAKEN": 6.0,
    "COINBASE": 6.0,
    "BINANCE": 15.0,
    "BINANCE_USDM": 15.0,
    "BINANCE_COINM": 15.0,
    **dict.fromkeys(BYBITS, 15.0),
    "GEMINI": 15.0,
    "KRAKEN_FUTURES": 15.0,
    "OKX": 15.0,
    "COINBASE_EXCHANGE": 6.0,
    "BITSTAMP": 15.0,
    "BITFINEX": 15.0,
}
EACH_KIND = ("KRAKEN", "BINANCE", "COINBASE", "OKX")
"""One of each way in which a link shows that it lives: what the suite looks at where all venues take long."""
RATE = 40


def looked_at(score: Score) -> list[str]:
    """The venues of a run: in the suite few."""
    return list(EACH_KIND if score.share is None else NOTICED_S)


def of_each(venues: Iterable[str], count: int) -> list[str]:
    return [name for venue in venues for name in names_of(venue, count)]


def live_of(world: Inside, venue: str) -> list[str]:
    """Its topics that are shown as live."""
    state = world.feeds[venue].state
    mine = [name for name in world.names if name.startswith(f"{venue}:")]
    return [f"{c}:{n}" for n in mine for c in ALL if state.topic_state(c, n).state == "live"]


class NotLive:
    """A sink that keeps when each topic was said not to be live first."""

    takes = frozenset({StateChange})

    def __init__(self) -> None:
        self.since_s: dict[str, float] = {}

    def put(self, state: MarketState, event: StateChange) -> None:
        if event.state != "live":
            self.since_s.setdefault(f"{event.channel}:{event.instrument}", now_s())

    async def run(self) -> None:
        """Nothing is brought anywhere."""


async def until_not_live(world: Inside, told: NotLive) -> dict[str, float]:
    """Seconds until each topic of a venue was said not to be live, by venue.

    Who is asked again may answer with a picture of before, so that they need not all be so at once.
    """
    began_s = now_s()
    every = {venue: live_of(world, venue) for venue in world.feeds}
    told.since_s.clear()
    while missing := [topic for topics in every.values() for topic in topics if topic not in told.since_s]:
        await world.trade(0.1, RATE, step_s=0.1)
        assert now_s() - began_s < 60, f"still live: {missing[:3]}"
    return {v: max(told.since_s[topic] for topic in topics) - began_s for v, topics in every.items()}


async def _silenced(venues: list[str], seed: int, begin, end) -> tuple[dict[str, float], float]:
    """How long it took to be noticed, and after its end until all was live again."""
    dice = random.Random(seed)
    told = NotLive()
    async with inside(of_each(venues, 3), seed=seed, sinks=[told]) as world:
        world.desire(*ALL, depth=25)
        busy = 3 * len(world.names)  # a quiet market earns patience: none is, and a slow heartbeat's venue
        await world.wait(lambda: world.live(*ALL), 60, busy)
        await world.trade(dice.uniform(30, 45), busy)  # knows that by a hundred gaps
        begin(world)
        gone = await until_not_live(world, told)
        end(world)
        healed_s = await world.wait(lambda: world.live(*ALL), 60, busy)
        assert world.violations() == {}
    return gone, healed_s


def _noted(score, full: int, few: int, begin, end) -> list[dict[str, float]]:
    noticed, venues = [], looked_at(score)
    for run in range(score.times(full, few)):
        gone, healed_s = virtual_time.run(_silenced(venues, score.seed + run, begin, end))
        noticed.append(gone)
        score.took(healed_s)
    for venue in venues:
        score.note(f"{venue} not live after at most", max(gone[venue] for gone in noticed))
    return noticed


@pytest.mark.fault(
    "F01",
    "Exchanges say nothing more, but answer pings and requests; in a time of the test's own",
    goal="not live within 6 s with heartbeats, 15 s without",
)
def test_silence_behind_pongs_is_not_live(score):
    noticed = _noted(
        score,
        100,
        1,
        lambda world: world.simulator.fault("stall", value="all", seconds=3600),
        lambda world: world.simulator.fault("clear"),
    )

    assert all(after_s <= NOTICED_S[venue] for gone in noticed for venue, after_s in gone.items())


async def _silenced_twice(seed: int, spoke_s: float) -> dict[str, float]:
    """How long a second silence was not noticed, that began so long after a first."""
    told = NotLive()
    async with inside(of_each(EACH_KIND, 3), seed=seed, sinks=[told]) as world:
        world.desire(*ALL, depth=25)
        for _ in range(2):
            await world.wait(lambda: world.live(*ALL), 60, RATE)
            await world.trade(spoke_s, RATE)
            world.simulator.fault("stall", value="all", seconds=3600)
            gone = await until_not_live(world, told)
            await world.trade(20, RATE)
            world.simulator.fault("clear")
        return gone


@pytest.mark.fault(
    "F01",
    "Exchanges say nothing more for half a minute, in their first minute, and a few seconds later again",
    goal="the second time too not live within 6 s with heartbeats, 15 s without",
)
def test_a_second_silence_is_noticed_as_soon_as_the_first(score):
    for run in range(score.times(20)):
        gone = virtual_time.run(_silenced_twice(score.seed + run, random.Random(run).uniform(4, 12)))
        score.took(max(gone.values()))
        assert all(after_s <= NOTICED_S[venue] for venue, after_s in gone.items()), gone


def _fall_silent(world: Inside) -> None:
    for line in world.lines:
        line.silent = True


@pytest.mark.fault(
    "F02",
    "Wires fall silent without an end; in a time of the test's own",
    goal="not live within 10 s, 100 of 100 times",
)
def test_a_wire_without_an_other_end_is_not_live(score):
    """A new connection succeeds at once: so what is seen is how long the dead one was believed."""
    limit_s, venues = 10.0, looked_at(score)
    for run in range(score.times(100)):
        lost = virtual_time.run(_cut_off(score.seed + run, venues))
        assert max(lost.values()) <= limit_s
        score.took(max(lost.values()))


async def _cut_off(seed: int, venues: list[str]) -> dict[str, float]:
    """How long until each venue's dead links were given up."""
    async with inside(of_each(venues, 3), seed=seed) as world:
        world.desire(*ALL, depth=25)
        await world.wait(lambda: world.live(*ALL), 60, RATE)
        await world.trade(random.Random(seed).uniform(5, 20), RATE)
        _fall_silent(world)
        cut, began_s, lost = list(world.lines), now_s(), dict[str, float]()
        while len(lost) < len(venues):
            await world.trade(0.1, RATE, step_s=0.1)
            dead = {line.exchange.name for line in cut} - {l.exchange.name for l in cut if l.open}  # noqa: E741
            lost |= {venue: now_s() - began_s for venue in dead if venue not in lost}
            assert now_s() - began_s < 60
        await world.wait(lambda: world.live(*ALL), 60, RATE)
        assert world.violations() == {}
        return lost


@pytest.mark.parametrize(
    ("what", "first"),
    [
        ("of three markets at each venue one trades each few seconds, one each few minutes, one never", 0),
        ("all that is followed are two markets at each venue: one trades each few minutes, one never", 1),
    ],
    ids=["beside others", "alone"],
)
@pytest.mark.fault("F01", "Nothing goes wrong: {what}", goal="no false alarm in 24 hours")
def test_quiet_markets_raise_no_alarm(score, what, first):
    venues, seconds = looked_at(score), score.times(24 * 3600, few=120)

    assert virtual_time.run(_quiet(venues, score.seed, seconds, first)) == {}
    score.runs = seconds


async def _quiet(venues: list[str], seed: int, seconds: int, first: int) -> dict[str, float]:
    """What was not live once it had been, and when; of each venue the markets from ``first`` on are asked."""
    told, names = NotLive(), of_each(venues, 3)
    followed = [name for venue in venues for name in names_of(venue, 3)[first:]]
    async with inside(names, seed=seed, sinks=[told]) as world:
        world.desire(*ALL, depth=25, names=followed)
        await world.wait(lambda: world.live(*ALL, names=followed), 60, RATE)
        for venue in venues:
            _, rare, still = names_of(venue, 3)
            world.simulator.engine.burst(rare, 1 / 60)
            world.simulator.engine.burst(still, 0)
        told.since_s.clear()
        made = {name: world.simulator.market(name).update_id for name in names}
        await world.trade(seconds, rate=0.3 * len(venues), step_s=1)
        stood = [name for name in names if world.simulator.market(name).update_id == made[name]]
        assert {names_of(venue, 3)[2] for venue in venues} <= {*stood}
        assert not any(feed.report().counters.get("crashes") for feed in world.feeds.values())
        return dict(told.since_s)
