"""What venues announce of a symbol or of all, in a time of the tests' own: delisting, maintenance."""

from __future__ import annotations

import pytest

from feeds.symbols import BOOK, TRADE
from tests.by_venue import by_venue
from tests.fakes import virtual_time
from tests.fakes.inside import inside
from tests.faults.attack import names_of
from tests.faults.told import ALL, RATE, Told, begun

pytestmark = pytest.mark.timeout(1800)


async def delisted(seed: int, venue: str) -> list[str]:
    """Whoever else was not live for more than 2 s after one symbol was no longer known."""
    told = Told()
    async with inside(names_of(venue, 6), seed=seed, sinks=[told]) as world:
        world.simulator.fault("bad_symbol", symbol=world.names[2], value="batch")
        others = [name for name in world.names if name != world.names[2]]
        world.desire(*ALL, depth=25)
        await world.wait(lambda: world.live(*ALL, names=others), 60, RATE)
        await world.trade(10, RATE)
        told.changes.clear()
        await world.trade(60, RATE)
        assert world.feed.state.topic_state(BOOK, world.names[2]).state != "live"
        assert world.violations() == {}
        return told.named(others)


@pytest.mark.parametrize("venue", by_venue("KRAKEN"))
@pytest.mark.fault(
    "F14",
    "{venue}: does not know one of the symbols, and refuses whole requests because of it",
    goal="no other symbol is interrupted",
)
def test_a_symbol_that_is_not_known_disturbs_no_other(score, venue):
    for run in range(score.times(20)):
        assert virtual_time.run(delisted(score.seed + run, venue)) == []
    score.runs = score.times(20)


async def vanished(seed: int, venue: str) -> tuple[list[str], float]:
    """Who else was interrupted when one symbol was no longer there, and how long a new link took after it."""
    told = Told()
    async with inside(names_of(venue, 6), seed=seed, sinks=[told]) as world:
        await begun(world, told)
        feed, gone = world.feed, world.names[2]
        others = [name for name in world.names if name != gone]
        world.simulator.fault("delist", symbol=gone)
        world.simulator.fault("bad_symbol", symbol=gone, value="batch")
        await world.trade(30, RATE)
        disturbed = [
            f"{e.channel} {e.instrument} {e.state}" for _, e in told.changes if e.instrument in others
        ]
        for line in world.lines:
            line.reset()
        await world.trade(0.05, RATE)
        back_s = await world.wait(lambda: world.live(TRADE, BOOK, names=others), 60, RATE)
        feed.desire([item for item in world.desire(*ALL, depth=25) if item.instrument in others])
        feed.state.delist({gone: "it is not listed any more"})
        await world.trade(5, RATE)
        told.changes.clear()
        await world.trade(30, RATE)
        assert {feed.state.topic_state(channel, gone).state for channel in ALL} == {"delisted"}
        disturbed += told.named(others)
        assert world.violations() == {}
        return disturbed, back_s


@pytest.mark.parametrize("venue", by_venue("KRAKEN"))
@pytest.mark.fault(
    "F14",
    "{venue}: delists a symbol that is followed, and refuses whole requests because of it",
    goal="no other symbol is interrupted; that one is said to be delisted",
)
def test_a_symbol_that_is_delisted_takes_no_other_along(score, venue):
    found = [virtual_time.run(vanished(score.seed + run, venue)) for run in range(score.times(100))]
    score.runs = len(found)

    score.note("after a reset the others were back in at most", max(back_s for _, back_s in found))
    assert [name for disturbed, _ in found for name in disturbed] == []


async def maintained(seed: int) -> float:
    """Seconds until all was live after maintenance during which links were cut."""
    async with inside(names_of("KRAKEN", 4), seed=seed) as world:
        await begun(world)
        state = world.feed.state
        world.simulator.fault("maintenance")
        await world.wait(lambda: state.topic_state(BOOK, world.names[0]).state == "halted", 3, RATE)
        assert state.topic_state(BOOK, world.names[0]).reason == "maintenance"
        for line in world.lines:
            line.reset()
        world.simulator.fault("refuse", n=1000)
        connects = len(world.connects)
        await world.trade(300, rate=1, step_s=1)
        assert len(world.connects) - connects <= 1 + 300 / 30
        world.simulator.fault("clear")
        return await world.wait(lambda: world.live(*ALL), 120, RATE)


@pytest.mark.fault(
    "F15",
    "KRAKEN: maintenance of five minutes, in which links end and none opens",
    goal="halted with the venue's word; no more than a connection in 30 s",
)
def test_maintenance_is_halted_and_no_storm(score):
    for run in range(score.times(20)):
        score.took(virtual_time.run(maintained(score.seed + run)))


async def reopened(seed: int) -> float:
    """Seconds from ``online`` until all was live, on a link that stood."""
    async with inside(names_of("KRAKEN", 4), seed=seed) as world:
        await begun(world)
        world.simulator.fault("maintenance", value="cancel_only")
        await world.trade(20, rate=1)
        state = world.feed.state
        assert {state.topic_state(c, n)[:2] for c in ALL for n in world.names} == {("halted", "cancel_only")}
        world.simulator.fault("maintenance", value="online")
        return await world.wait(lambda: world.live(*ALL), 60, RATE)


@pytest.mark.fault("F15", "KRAKEN: cancel_only, then online", goal="halted with the word; live in 3 s")
def test_who_is_online_again_is_live_at_once(score):
    for run in range(score.times(100)):
        score.took(virtual_time.run(reopened(score.seed + run)))

    assert max(score.took_s) <= 3
