"""A file of 100,000 rows, and a thousand kills of an import and of its undoing: on both databases."""

from __future__ import annotations

import time

import pytest

from marketdash.instruments.models import Asset
from marketdash.portfolios import actions, folding, queries
from marketdash.portfolios.importing import committing
from marketdash.portfolios.models import Account, Entry, Portfolio
from tests.marketdash.portfolios import killing
from tests.marketdash.portfolios.conftest import alice, assets, kraken, portfolio  # noqa: F401 - fixtures
from tests.marketdash.portfolios.test_import_kills import aliases, check
from tests.scoreboard import Score

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(3600),
    pytest.mark.django_db(transaction=True),
]
ROWS, WITHIN_S, KILLS = 100_000, 60.0, 1000


@pytest.mark.fault(
    "F38",
    "A file of 100,000 rows is imported, brought once more, and taken back, {database}",
    goal="60 s; the second time all duplicates; nothing is left of it",
)
def test_a_hundred_thousand_rows_in_a_minute(
    database: str,
    portfolio: Portfolio,  # noqa: F811
    kraken: Account,  # noqa: F811
    assets: dict[str, Asset],  # noqa: F811
    score: Score,
) -> None:
    aliases(assets, kraken)
    data = killing.ledger(ROWS // 2)
    started_s, worked_s = time.perf_counter(), time.process_time()
    held = actions.bring(portfolio, kraken.pk, "ledgers.csv", data, portfolio.owner)
    looked_s = time.perf_counter() - started_s
    assert (held.new, held.refused) == (ROWS // 2, 0)

    held = committing.work(actions.begin(held))
    whole_s = time.perf_counter() - started_s

    score.took(whole_s)
    score.note("looked at in", looked_s)
    score.note("this process worked", time.process_time() - worked_s)
    assert Entry.objects.count() == ROWS // 2 and folding.folded(portfolio).book.pools
    started_s = time.perf_counter()
    assert actions.bring(portfolio, kraken.pk, "ledgers.csv", data, portfolio.owner).duplicates == ROWS // 2
    score.note("the second time", time.perf_counter() - started_s)
    started_s = time.perf_counter()
    committing.work(actions.undo(held))
    score.note("undone in", time.perf_counter() - started_s)
    assert not list(queries.entries(portfolio))
    assert whole_s < WITHIN_S


@pytest.mark.fault(
    "F38",
    "An import and its undoing are killed at random moments and gone on with, {database}",
    goal="0 lost, 0 twice, the same file again all duplicates",
)
def test_a_thousand_kills(
    database: str,
    portfolio: Portfolio,  # noqa: F811
    kraken: Account,  # noqa: F811
    assets: dict[str, Asset],  # noqa: F811
    score: Score,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(committing, "SHORT", 0)
    monkeypatch.setattr(committing, "AT_ONCE", 20)
    aliases(assets, kraken)
    data, kills, rounds = killing.ledger(300), 0, 0
    while kills < score.times(full=KILLS // 2):
        kills += check(portfolio, kraken, data, KILLS, within_s=0.4, seed=score.seed + rounds)
        rounds += 1

    score.runs = kills
    score.note("imports and undoings that they were of:", 2 * rounds, "")
