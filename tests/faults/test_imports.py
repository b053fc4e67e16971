"""A file of 100,000 rows, and a thousand kills of an import and of its undoing: on both databases."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from marketdash.instruments.models import Asset
from marketdash.portfolios import actions, committing, queries
from marketdash.portfolios.models import Account, Entry, Portfolio
from tests.marketdash.portfolios import killing
from tests.marketdash.portfolios.conftest import alice, assets, kraken, portfolio  # noqa: F401 - fixtures
from tests.marketdash.portfolios.test_import_kills import aliases, check

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(3600),
    pytest.mark.django_db(transaction=True),
]
ROWS, WITHIN_S, KILLS = 100_000, 60.0, 1000


def test_a_hundred_thousand_rows_in_a_minute(
    database: str,
    portfolio: Portfolio,  # noqa: F811
    kraken: Account,  # noqa: F811
    assets: dict[str, Asset],  # noqa: F811
    report: Callable[..., None],
) -> None:
    aliases(assets, kraken)
    data = killing.ledger(ROWS // 2)
    started_s, worked_s = time.perf_counter(), time.process_time()
    held = actions.bring(portfolio, kraken.pk, "ledgers.csv", data, portfolio.owner)
    looked_s = time.perf_counter() - started_s
    assert (held.new, held.refused) == (ROWS // 2, 0)

    held = committing.work(actions.begin(held))
    whole_s = time.perf_counter() - started_s

    report(f"{ROWS} rows looked at ({database})", looked_s)
    report(f"{ROWS} rows imported, with that ({database})", whole_s)
    report(f"of which this process worked ({database})", time.process_time() - worked_s)
    assert Entry.objects.count() == ROWS // 2 and queries.book(portfolio).pools
    started_s = time.perf_counter()
    assert actions.bring(portfolio, kraken.pk, "ledgers.csv", data, portfolio.owner).duplicates == ROWS // 2
    report(
        f"{ROWS} rows looked at a second time, all duplicates ({database})", time.perf_counter() - started_s
    )
    started_s = time.perf_counter()
    committing.work(actions.undo(held))
    report(f"{ROWS} rows undone ({database})", time.perf_counter() - started_s)
    assert not list(queries.entries(portfolio))
    assert whole_s < WITHIN_S


def test_a_thousand_kills(
    database: str,
    portfolio: Portfolio,  # noqa: F811
    kraken: Account,  # noqa: F811
    assets: dict[str, Asset],  # noqa: F811
    report: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(committing, "SHORT", 0)
    monkeypatch.setattr(committing, "AT_ONCE", 20)
    aliases(assets, kraken)
    data, kills, rounds = killing.ledger(300), 0, 0
    while kills < KILLS // 2:
        kills += check(portfolio, kraken, data, KILLS, within_s=0.4, seed=rounds)
        rounds += 1

    report(f"kills that lost nothing and doubled nothing ({database})", kills, "")
    report(f"imports and undoings that they were of ({database})", rounds, "")
