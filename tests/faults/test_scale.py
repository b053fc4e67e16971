"""Five hundred instruments on one worker: as soon as the venues allow, within their limits, and exactly."""

from __future__ import annotations

import pytest

from feeds.simulator.listing import listings
from feeds.simulator.program import names_of
from tests.fakes import simulator_process
from tests.fakes.whole_market import UNTROUBLED, following

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]
MARGIN_S = 60
"""For snapshots on their way, for the first change of what is seldom traded, some twenty seconds, and for a
machine that simulates all exchanges beside the worker."""


@pytest.mark.fault(
    "F12",
    "500 instruments and all contracts are asked for over real sockets",
    goal="live as soon as limits and first changes allow (+ 60 s); no gap, no limit broken, all true",
)
async def test_500_instruments_become_live_and_stay_true(score):
    async with simulator_process.running(instruments=500, rate=1500) as simulator:
        async with following(simulator) as market:
            legal_s = market.legal_s()
            took_s = await market.until_live(within_s=legal_s + MARGIN_S)
            await market.until_traded(3000)
            assert market.not_live() == []
            await market.until_true()

            score.took(took_s)
            score.note("the limits alone take", legal_s)
            traded = [each.name for each in listings(names_of(500, 2)) if each.kind != "index"]
            score.note("instruments", len(traded), "")
            assert len(market.instruments) == len(traded)
            assert market.trouble() == UNTROUBLED

        assert await simulator.violations() == {}
