"""An import is killed half-way, for real, and undone the same way: nothing is lost or there twice."""

from __future__ import annotations

import random

import pytest

from marketdash.instruments.models import Alias, Asset
from marketdash.portfolios import actions, queries
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.importing import committing
from marketdash.portfolios.models import Account, Entry, Portfolio
from tests.marketdash.portfolios import killing
from tests.scoreboard import Score

pytestmark = pytest.mark.django_db(transaction=True)


def aliases(assets: dict[str, Asset], account: Account) -> None:
    for code, means in {"XXBT": "BTC", "ZEUR": "EUR"}.items():
        Alias.objects.get_or_create(code=code, venue=account.venue, defaults={"asset": assets[means]})


def check(portfolio: Portfolio, account: Account, data: bytes, most: int, within_s: float, seed: int) -> int:
    """Imported and undone under kills; how many there were."""
    chance = random.Random(seed)
    trades = data.count(b"\n") // 2
    held = actions.begin(actions.bring(portfolio, account.pk, "ledgers.csv", data, portfolio.owner))
    assert held.state == "running"
    kills = killing.killed(lambda: committing.work(held), most, within_s, chance)

    held.refresh_from_db()
    assert (held.state, held.new, held.duplicates) == ("done", trades, 0)
    assert Entry.objects.filter(imported=held.pk).count() == trades
    assert len(list(queries.entries(portfolio))) == trades
    again = actions.bring(portfolio, account.pk, "ledgers.csv", data, portfolio.owner)
    assert (again.new, again.duplicates) == (0, trades)

    undone = actions.undo(held)
    kills += killing.killed(lambda: committing.work(undone), most, within_s, chance)
    assert Import.objects.get(pk=held.pk).state == "undone"
    assert not list(queries.entries(portfolio))
    assert Entry.objects.filter(kind="reversal", corrects__imported=held.pk).count() == trades
    return kills


@pytest.mark.fault(
    "F38",
    "A short import is killed five times and gone on with, {database}",
    goal="0 lost, 0 twice, the same file again all duplicates",
)
def test_killed_for_real(
    portfolio: Portfolio,
    kraken: Account,
    assets: dict[str, Asset],
    monkeypatch: pytest.MonkeyPatch,
    score: Score,
) -> None:
    monkeypatch.setattr(committing, "SHORT", 0)
    monkeypatch.setattr(committing, "AT_ONCE", 10)
    aliases(assets, kraken)

    score.runs = check(portfolio, kraken, killing.ledger(60), most=5, within_s=0.1, seed=score.seed)

    assert score.runs
