"""A hundred thousand random ledgers, every method, against the oracle in fractions: an hour or so."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, seed, settings

from marketdash.portfolios.accounting.ledger import Entry
from tests.marketdash.portfolios import agreement
from tests.marketdash.portfolios.random_ledgers import ledgers
from tests.scoreboard import Score

pytestmark = [pytest.mark.faults, pytest.mark.timeout(4 * 3600)]
LEDGERS, SEEDS = 100_000, range(20)


@pytest.mark.fault(
    "F39",
    "Random ledgers of every kind, by all four methods, beside an oracle in fractions, 20 seeds",
    goal="equal in every digit",
)
def test_random_ledgers_agree_with_the_oracle(score: Score) -> None:
    entries = sum(agreed(score, score.seed - 1 + number) for number in SEEDS)

    score.note("entries in them", entries, "")
    assert score.runs >= score.times(full=LEDGERS)


def agreed(score: Score, number: int) -> int:
    """How many entries there were."""
    counted = 0

    @seed(number)
    @settings(
        max_examples=score.times(full=LEDGERS) // len(SEEDS),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(ledgers)
    def agree(entries: list[Entry]) -> None:
        nonlocal counted
        agreement.check(entries)
        score.runs += 1
        counted += len(entries)

    agree()
    return counted
