"""Exchanges fall silent under a whole Marketdash: how long their prices go on looking live to who follows."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.fakes import crowd
from tests.fakes.waiting import wait_until
from tests.faults import whole
from tests.faults.honesty import SILENT_S, agreed, judged
from tests.faults.whole import PAGES, SYMBOLS, Whole
from tests.scoreboard import Score

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
CLIENTS = 60


@pytest.fixture(scope="module")
def marketdash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with whole.running(tmp_path_factory.mktemp("silent"), people=3) as running:
        yield running


@pytest.mark.fault(
    "F01",
    "All exchanges say nothing more, but answer pings, until nothing looks live; 60 clients follow",
    goal="nothing looks live that was not true for 6 s with heartbeats, 15 s without; no socket lost",
)
async def test_silent_exchanges_are_seen_by_who_follows(marketdash: Whole, score: Score) -> None:
    async with (
        marketdash.simulator() as simulator,
        crowd.following(
            marketdash.site.url, simulator, SYMBOLS, count=CLIENTS, pages=PAGES,
            sessions=marketdash.sessions, seed=score.seed,
        ) as followers,
    ):  # fmt: skip
        await wait_until(lambda: followers.fresh, within_s=60, what="everything fresh before")
        followers.begin_again()
        await simulator.tell("stall", value="all")
        await wait_until(lambda: followers.shown == 0, within_s=30, what="nothing live")
        await simulator.tell("clear")
        over_s = time.monotonic()
        await wait_until(lambda: followers.fresh, within_s=90, what="everything fresh again")
        score.took(time.monotonic() - over_s)
        again_s = time.monotonic() + 3  # what was sent before it was asked for again is not made good
        await wait_until(lambda: followers.fresh_since(again_s), within_s=60, what="a while later too")
        await agreed(score, followers, simulator, since_us=time.time_ns() // 1000)
        judged(score, followers, silent=SILENT_S)
        assert not followers.lost()
