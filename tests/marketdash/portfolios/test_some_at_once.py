"""A ledger is read some entries at a time: the same entries, however many that is, and no more in memory."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketdash.portfolios import actions, queries, reading
from marketdash.portfolios.accounting.drafts import DraftRate
from marketdash.portfolios.models import Account, Portfolio
from tests.marketdash.portfolios.random_ledgers import MOST, built
from tests.marketdash.portfolios.test_folding import bought
from tests.marketdash.portfolios.test_stored import placed
from tests.marketdash.portfolios.writing import draft_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mixed(portfolio: Portfolio, kraken: Account, wallet: Account) -> Portfolio:
    """Recorded in another order than it happened, many at the same time; some reversed, some corrected, some
    with a rate that was stated later."""
    chance = random.Random(7)
    told = built([chance.randrange(MOST) for _ in range(60)])
    drafts = [draft_of(placed(each, {1: kraken.pk, 2: wallet.pk})) for each in told]
    drafts = [replace(each, at_us=each.at_us // 20_000_000 * 20_000_000) for each in drafts]
    chance.shuffle(drafts)
    rows = actions.record(portfolio, drafts).entries
    for row in chance.sample(rows, 12):
        actions.reverse(portfolio, row.pk)
    for each in chance.sample(list(queries.entries(portfolio)), 5):
        actions.correct(portfolio, each.id, bought(kraken, each.at_us)[0])
    lacking = [each for each in queries.entries(portfolio) if not each.rates]
    for each in lacking[::4]:
        actions.state_rate(portfolio, each.id, DraftRate("ETH", "EUR", "7", "typed"))
    return portfolio


@pytest.mark.parametrize("named", [0, 500])
@pytest.mark.parametrize("at_once", [1, 2, 7, 38, 60])
def test_however_many_are_read_at_once_they_are_the_same(
    mixed: Portfolio, at_once: int, named: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list(queries.entries(mixed))
    within, last = reading.reach(mixed), whole[20]
    monkeypatch.setattr(reading, "AT_ONCE", at_once)
    monkeypatch.setattr(reading, "_SOME", named)

    assert list(queries.entries(mixed)) == whole
    assert list(reading.entries(mixed, within, (last.at_us, last.id))) == whole[21:]


def test_what_counts_is_counted_and_named_as_it_is_read(mixed: Portfolio) -> None:
    whole, within = list(queries.entries(mixed)), reading.reach(mixed)

    for at, after in enumerate([reading.START, *((each.at_us, each.id) for each in whole)]):
        rows = reading.counting(mixed, within, after)
        assert list(rows.values_list("pk", flat=True)) == [each.id for each in whole[at:]]
    assert reading.things(mixed, within) == {
        (leg.asset, leg.instrument) for each in whole for leg in each.legs
    }


def test_no_more_is_read_than_is_asked_for(
    portfolio: Portfolio, kraken: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.record(portfolio, bought(kraken, *range(20)))
    monkeypatch.setattr(reading, "AT_ONCE", 4)

    def legs_read(most: int) -> tuple[int, int]:
        read: list[Any] = []
        made = reading._leg
        with monkeypatch.context() as patch, CaptureQueriesContext(connection) as asked:
            patch.setattr(reading, "_leg", lambda row: read.append(row) or made(row))
            assert len(list(islice(queries.entries(portfolio), most))) == most
        return len(read), len(asked)

    assert [legs_read(most)[0] for most in (1, 4, 5, 20)] == [8, 8, 16, 40]
    assert legs_read(4)[1] == 6


def test_what_is_recorded_between_two_parts_is_not_read(
    portfolio: Portfolio, kraken: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = actions.record(portfolio, bought(kraken, *range(10, 18))).entries
    monkeypatch.setattr(reading, "AT_ONCE", 3)
    reader = queries.entries(portfolio)
    found = [next(reader), next(reader)]
    actions.record(portfolio, bought(kraken, 12, 15, 30))
    actions.reverse(portfolio, made[-1].pk)
    actions.correct(portfolio, made[5].pk, bought(kraken, 15)[0])
    actions.state_rate(portfolio, made[6].pk, DraftRate("BTC", "EUR", "7", "typed"))
    found += reader

    assert [each.id for each in found] == [row.pk for row in made]
    assert not any(rate.source == "typed" for each in found for rate in each.rates)
