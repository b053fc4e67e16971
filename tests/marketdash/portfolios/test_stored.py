"""What a database gives back folds into the same lots, digit by digit, as what was handed to it."""

from __future__ import annotations

import random

import pytest

from marketdash.portfolios import actions, queries
from marketdash.portfolios.accounting.ledger import Entry
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.accounting.pools import METHODS
from marketdash.portfolios.models import Account, Portfolio
from tests.marketdash.portfolios import agreement
from tests.marketdash.portfolios.random_ledgers import MOST, built
from tests.marketdash.portfolios.writing import draft_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(5))
def test_random_ledgers_come_back_from_the_database(
    seed: int, portfolio: Portfolio, kraken: Account, wallet: Account
) -> None:
    chance = random.Random(seed)
    accounts = {1: kraken.pk, 2: wallet.pk}
    told = [placed(entry, accounts) for entry in built([chance.randrange(MOST) for _ in range(60)])]
    for at in range(0, len(told), 17):
        actions.record(portfolio, [draft_of(entry) for entry in told[at : at + 17]])

    stored = list(queries.entries(portfolio))

    numbers = {entry.id: row.id for entry, row in zip(told, stored, strict=True)}
    assert stored == [entry._replace(id=numbers[entry.id]) for entry in told]
    agreement.check(stored)
    for method in METHODS:
        handed = Book("EUR", method).fold(entry._replace(id=numbers[entry.id]) for entry in told)
        assert agreement.of_book(queries.book(portfolio, method)) == agreement.of_book(handed)


def placed(entry: Entry, accounts: dict[int, int]) -> Entry:
    legs = tuple(leg._replace(account=accounts[leg.account]) for leg in entry.legs)
    return entry._replace(legs=legs)
