"""Levels that the venue removed and we were not told so, where no number and no checksum reaches."""

from __future__ import annotations

import pytest

from feeds.state import MarketState, StateChange
from feeds.symbols import BOOK
from tests.fakes import virtual_time
from tests.fakes.inside import Inside, inside
from tests.fakes.line import now_s
from tests.faults.attack import names_of

pytestmark = pytest.mark.timeout(1800)
DEPTH, LEVELS, RATE, STEP_S = 100, 160, 30, 0.2
HEALED_S = 60.0
LEAST = 0.001
"""Kraken's REST leaves out what is less."""


class Lost:
    """A sink that keeps whose book was not live for a moment."""

    takes = frozenset({StateChange})

    def __init__(self) -> None:
        self.names: list[str] = []

    def put(self, state: MarketState, event: StateChange) -> None:
        if event.channel == BOOK and event.state != "live":
            self.names.append(event.instrument)

    async def run(self) -> None:
        """Nothing is brought anywhere."""


def ghosts(world: Inside, name: str) -> set[str]:
    """Prices that we show and that are not there. A crossed book is none that is shown."""
    book, true = world.feed.state.book(name), world.simulator.book(name)
    if book is None:
        return set()
    assert book.problem() == ""
    sides = zip(book.best(DEPTH), (true.bids, true.asks), strict=True)
    return {price for ours, theirs in sides for price, qty in set(ours) - set(theirs) if float(qty) >= LEAST}


async def raised(world: Inside, name: str) -> None:
    """Trade until the exchange's removal of a level did not reach us and the level stands in our book."""
    while True:
        world.simulator.fault("ghost", symbol=name)
        while any(len(line.faults) for line in world.lines):
            await world.trade(STEP_S, RATE, STEP_S)
        await world.trade(STEP_S, RATE, STEP_S)
        if ghosts(world, name):
            return


async def haunted(seed: int, count: int) -> tuple[list[float], int]:
    """How long so many ghosts of one book were shown, one after another; how many audits failed."""
    lost = Lost()
    async with inside(names_of("KRAKEN", 4), seed=seed, levels=LEVELS, sinks=[lost]) as world:
        world.desire(BOOK, depth=DEPTH)
        feed, shown_s = world.feed, []
        feed.state.preferred = feed.auditor.watched = frozenset(world.names)
        await world.wait(lambda: world.live(BOOK), 60, RATE)
        name = world.names[seed % len(world.names)]
        lost.names.clear()
        for _ in range(count):
            await raised(world, name)
            began_s = now_s()
            while ghosts(world, name):
                await world.trade(STEP_S, RATE, STEP_S)
                assert now_s() - began_s < 10 * HEALED_S, ghosts(world, name)
            shown_s.append(now_s() - began_s)
            await world.wait(lambda: world.live(BOOK), 60, RATE)
        assert set(lost.names) == {name}
        assert world.violations() == {}
        return shown_s, feed.report().counters.get("audit", 0)


@pytest.mark.fault(
    "F07",
    "KRAKEN: a level is removed and the message does not come, deeper than the checksum; the book is watched",
    goal="gone within 60 s, no crossed book shown, no other book interrupted",
)
def test_a_level_that_is_gone_is_not_shown_for_long(score):
    count = score.times(1000, few=4)
    score.took_s, failed = virtual_time.run(haunted(score.seed, count))
    score.runs = count

    score.note("books begun anew by audits", failed, "")
    assert failed
    assert max(score.took_s) <= HEALED_S
