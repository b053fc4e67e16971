"""What a database gives back folds into the same lots, digit by digit, as what was handed to it."""

from __future__ import annotations

import itertools
import random

import pytest
from django.contrib.auth.models import User
from django.db import connection

from marketdash.portfolios import actions, queries
from marketdash.portfolios.accounting.ledger import Entry
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.accounting.pools import METHODS
from marketdash.portfolios.models import Portfolio
from tests.marketdash.portfolios import agreement
from tests.marketdash.portfolios.random_ledgers import MOST, built
from tests.marketdash.portfolios.writing import draft_of
from tests.scoreboard import Score

pytestmark = pytest.mark.django_db
LEDGERS, OF_ONE = 100_000, 40
"""A person may have 50 portfolios."""
LENGTHS = (9, 9, 9, 60)
"""Most ledgers are short, as those folded without a database are: a hundred thousand are done in an hour."""


@pytest.mark.timeout(5 * 3600)
@pytest.mark.fault(
    "F39",
    "Random ledgers are written to {database}, read back, and folded beside an oracle in fractions",
    goal="equal in every digit",
)
def test_random_ledgers_come_back_from_the_database(score: Score, database: str, alice: User) -> None:
    chance, methods, entries, owner = random.Random(score.seed), itertools.cycle(METHODS), 0, alice
    for number in range(score.times(full=LEDGERS, few=5)):
        if number and number % OF_ONE == 0:
            owner = User.objects.create_user(f"owner {number}")
        if not number & (number - 1):  # as often as there are twice as many
            counted()
        portfolio = actions.create(owner, f"Ledger {number}", "EUR")
        accounts = {at: actions.open_account(portfolio, f"Account {at}").pk for at in (1, 2)}
        rows = [chance.randrange(MOST) for _ in range(chance.randrange(1, chance.choice(LENGTHS)))]
        told = [placed(entry, accounts) for entry in built(rows)]
        come_back(portfolio, told, next(methods))
        score.runs, entries = score.runs + 1, entries + len(rows)

    score.note("entries in them", entries, "")


def counted() -> None:
    """A database of many ledgers has looked at its tables. In a test's one transaction none does so by
    itself, and PostgreSQL takes ever worse ways to a ledger's rows."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def come_back(portfolio: Portfolio, told: list[Entry], method: str) -> None:
    """What is read is folded by every method; as a page reads and folds it, by one of them in turn."""
    for at in range(0, len(told), 17):
        actions.record(portfolio, [draft_of(entry) for entry in told[at : at + 17]])

    stored = list(queries.entries(portfolio))

    numbers = {entry.id: row.id for entry, row in zip(told, stored, strict=True)}
    assert stored == [entry._replace(id=numbers[entry.id]) for entry in told]
    agreement.check(stored)
    handed = Book("EUR", method).fold(entry._replace(id=numbers[entry.id]) for entry in told)
    assert agreement.of_book(queries.book(portfolio, method)) == agreement.of_book(handed)


def placed(entry: Entry, accounts: dict[int, int]) -> Entry:
    legs = tuple(leg._replace(account=accounts[leg.account]) for leg in entry.legs)
    return entry._replace(legs=legs)
