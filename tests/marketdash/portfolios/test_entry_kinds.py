"""Kinds of entries that few people type, and all who need them need exactly."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from marketdash.portfolios import actions, queries
from marketdash.portfolios.models import Account, Portfolio
from tests.marketdash.portfolios.looking import Rows, client, text
from tests.marketdash.portfolios.test_entry_pages import cells, kept
from tests.marketdash.portfolios.writing import draft_of, entry, leg

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice_there(alice: User, rows: Rows) -> Client:
    return client(alice)


@pytest.fixture
def at(portfolio: Portfolio, kraken: Account) -> str:
    legs = leg("BTC", "2", account=kraken.pk), leg("EUR", "-500", account=kraken.pk)
    actions.record(portfolio, [draft_of(entry("buy", *legs))])
    return f"/portfolios/{portfolio.pk}/entries/"


def reviewed(there: Client, at: str, account: Account, **fields: str) -> str:
    sent = {"account": str(account.pk), "propose": "yes", "nonce": "n", **fields}
    return text(there.post(f"{at}review/", sent))


def test_a_split_changes_the_quantity_and_nothing_else(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account
) -> None:
    form = text(alice_there.get(f"{at}new/?kind=split"))
    assert 'name="amount2"' in form and 'name="asset2"' not in form and 'name="worth"' not in form

    html = reviewed(alice_there, at, kraken, kind="split", amount="2", asset="BTC", amount2="20")
    alice_there.post(f"{at}save/", kept(html))

    assert cells(html, "BTC") == ["BTC", "Kraken", "2", "20"] and "is not known" not in html
    pool = queries.book(portfolio).pools[kraken.pk, "BTC"]
    assert (pool.quantity, pool.cost) == (20, 500)


def test_a_rename_takes_lots_along(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account
) -> None:
    fields = {"kind": "rename", "amount": "2", "asset": "BTC", "amount2": "2000", "asset2": "NEW"}
    html = reviewed(alice_there, at, kraken, **fields)
    alice_there.post(f"{at}save/", kept(html))

    assert cells(html, "BTC") == ["BTC", "Kraken", "2", "0"]
    assert cells(html, "NEW") == ["NEW", "Kraken", "0", "2,000"]
    assert queries.book(portfolio).pools[kraken.pk, "NEW"].cost == 500


def test_funding_is_paid_or_received(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account
) -> None:
    for amount in ("3", "-8"):
        html = reviewed(alice_there, at, kraken, kind="funding", amount=amount, asset="EUR", nonce=amount)
        alice_there.post(f"{at}save/", kept(html))

    assert queries.book(portfolio).tally("funding").value == -5
