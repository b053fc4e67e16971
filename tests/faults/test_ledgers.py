"""A hundred thousand random ledgers, every method, against the oracle in fractions: an hour or so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, seed, settings

from marketdash.portfolios.ledger import Entry
from tests.marketdash.portfolios import agreement
from tests.marketdash.portfolios.random_ledgers import ledgers

pytestmark = [pytest.mark.faults, pytest.mark.timeout(4 * 3600)]
LEDGERS, SEEDS = 100_000, range(20)


@pytest.mark.parametrize("number", SEEDS)
def test_random_ledgers_agree_with_the_oracle(number: int, report: Callable[..., None]) -> None:
    counted = [0, 0]

    @seed(number)
    @settings(
        max_examples=LEDGERS // len(SEEDS),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(ledgers)
    def agree(entries: list[Entry]) -> None:
        agreement.check(entries)
        counted[0] += 1
        counted[1] += len(entries)

    agree()

    report(f"seed {number}: ledgers that agree", counted[0], "")
    report(f"seed {number}: entries in them", counted[1], "")
    assert counted[0] >= LEDGERS // len(SEEDS)
