"""When equity is noted: as a minute begins, and within it while the database is away."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from marketdash.portfolios.equity import equity
from tests.fakes import read_only


async def test_the_next_minute_is_waited_for() -> None:
    clock = [125.0]

    async def sleep(seconds: float) -> None:
        clock[0] += min(seconds, 41.0)

    await equity.next_minute(lambda: clock[0], sleep)

    assert clock == [180.0]


@pytest.mark.parametrize(
    ("how", "problem"), [("away", OperationalError("it is restarted")), ("read-only", read_only.refusal())]
)
@pytest.mark.fault(
    "F28",
    "The database is {how} when equity is to be noted, for 20 s of a minute",
    goal="the minute has its point",
)
async def test_a_database_that_is_away_costs_no_minute(score, how, problem) -> None:
    """The clock is injected: each wait is a second."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async def work() -> None:
        if sum(waited) < 20:
            raise problem

    await equity.within_the_minute(work, sleep)
    score.took(sum(waited))
    assert sum(waited) == 20

    waited.clear()
    with pytest.raises(OperationalError):
        await equity.within_the_minute(_never_back, sleep)
    assert 40 < sum(waited) < 60


async def _never_back() -> None:
    raise OperationalError("the database is away")
