"""Five hundred instruments on one worker: as soon as the venues allow, within their limits, and exactly."""

from __future__ import annotations

import pytest

from feeds.simulator.listing import listings
from feeds.simulator.program import names_of
from tests.fakes import simulator_process
from tests.fakes.whole_market import UNTROUBLED, following

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]
MARGIN_S = 15
"""For snapshots on their way, for the first price of what is seldom traded, and for a machine that simulates
five exchanges beside the worker."""


async def test_500_instruments_become_live_and_stay_true(report):
    async with simulator_process.running(instruments=500, rate=1500) as simulator:
        async with following(simulator) as market:
            legal_s = market.legal_s()
            took_s = await market.until_live(within_s=legal_s + MARGIN_S)
            await market.until_traded(3000)
            assert market.not_live() == []
            await market.until_true()

            report(f"500 instruments live (the venues' limits alone: {legal_s:.1f} s)", took_s)
            traded = [each.name for each in listings(names_of(500, 2)) if each.kind != "index"]
            assert len(market.instruments) == len(traded)
            assert market.trouble() == UNTROUBLED

        assert await simulator.violations() == {}
