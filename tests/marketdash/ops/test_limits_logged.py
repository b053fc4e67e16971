"""A whole feed that an exchange limits, and what the event log says of it."""

from __future__ import annotations

import pytest

from marketdash.ops.incidents import Entry, Journal
from marketdash.ops.watch import LIMIT, LINK, Watch
from tests.fakes import virtual_time
from tests.fakes.inside import inside
from tests.fakes.line import now_s
from tests.faults.attack import names_of
from tests.faults.test_silence import RATE
from tests.faults.told import ALL, begun
from tests.scoreboard import Score

SECONDS = 90


async def _limited(fault: str, seed: int) -> tuple[list[Entry], float]:
    """What was logged, and how long it took until all was live again."""
    journal, barred = Journal("e1"), 0
    watch = Watch(journal)
    async with inside(names_of("BINANCE", 4), seed=seed) as world:
        await begun(world)
        watch.venue(world.feed.report())
        world.simulator.fault(fault, n=1, value="429", seconds=SECONDS)
        for line in world.lines:
            line.reset()
        began_s = now_s()
        while now_s() < began_s + 5 or not world.live(*ALL):
            await world.trade(0.25, RATE)
            watch.venue(report := world.feed.report())
            assert all(link.limited is ("limits us until" in link.reason) for link in report.links)
            barred += sum(link.limited for link in report.links)
            assert now_s() - began_s < SECONDS + 60
        took_s = now_s() - began_s
    assert (barred > 0) is (fault == "refuse")
    return list(journal.pending.values()), took_s


@pytest.mark.parametrize(
    ("what", "fault"), [("REST alone, while links come back,", "rate_limit"), ("a handshake", "refuse")]
)
@pytest.mark.fault(
    "F13",
    "BINANCE: {what} is refused with 429 and Retry-After: 90; the event log",
    goal="one entry, from when until when, with the words",
)
def test_a_limit_is_logged_from_when_until_when(what: str, fault: str, score: Score) -> None:
    for run in range(score.times(20)):
        logged, took_s = virtual_time.run(_limited(fault, score.seed + run))
        [limit] = [entry for entry in logged if entry.kind == LIMIT]
        lasted_s = (limit.ended_us - limit.began_us) / 1e6
        assert limit.text.startswith("the exchange limits us until ")
        assert SECONDS - 1 < lasted_s <= took_s
        assert [entry for entry in logged if entry.kind == LINK and "429" in entry.text] == []
        score.note("longer than named by", lasted_s - SECONDS)
    score.runs = score.times(20)
