from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Inexact, localcontext
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from marketdash import publish
from marketdash.instruments.models import Asset, Venue
from marketdash.portfolios import actions
from marketdash.portfolios.models import Account, Portfolio
from tests.marketdash.portfolios.listing import listed
from tests.marketdash.portfolios.looking import Rows, client
from tests.marketdash.portfolios.writing import draft_of, entry, leg

CODES = ("EUR", "USD", "USDT", "BTC", "ETH", "BNB", "NEW")


@pytest.fixture(autouse=True)
def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is to be told of changes here."""
    monkeypatch.setattr(publish, "_notifier", None)


@pytest.fixture(autouse=True)
def rounding_is_an_error() -> Iterator[None]:
    """Where the ledger's code rounds without a word, by the context of the process: it has one of its own."""
    with localcontext() as context:
        context.traps[Inexact] = True
        yield


@pytest.fixture
def assets(database: str) -> dict[str, Asset]:
    """By code, on each database."""
    return {code: Asset.objects.get_or_create(code=code)[0] for code in CODES}


@pytest.fixture
def alice(assets: Any) -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def bob(assets: Any) -> User:
    return User.objects.create_user("bob")


@pytest.fixture
def charlie(assets: Any) -> User:
    return User.objects.create_user("charlie")


@pytest.fixture
def alice_there(alice: User, rows: Rows) -> Client:
    """Her browser, signed in."""
    return client(alice)


@pytest.fixture
def portfolio(alice: User) -> Portfolio:
    return actions.create(alice, "Savings", "EUR")


@pytest.fixture
def kraken(portfolio: Portfolio) -> Account:
    venue, _ = Venue.objects.get_or_create(name="KRAKEN", defaults={"title": "Kraken"})
    return actions.open_account(portfolio, "Kraken", venue)


@pytest.fixture
def wallet(portfolio: Portfolio) -> Account:
    return actions.open_account(portfolio, "Wallet")


@pytest.fixture
def rows(assets: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rows]:
    """What ``publish.read`` knows, by topic, of BTC/EUR and ETH/BTC."""
    found: Rows = {}

    async def read(topics: Iterable[str], timeout_s: float) -> Rows:
        return {topic: found[topic] for topic in topics if topic in found}

    monkeypatch.setattr(publish, "read", read)
    with listed("BTC/EUR", "ETH/BTC"):
        yield found


@pytest.fixture
def held(portfolio: Portfolio, kraken: Account) -> Portfolio:
    """1000 € in, 2 BTC for 600 of them."""
    pk = kraken.pk
    actions.record(
        portfolio,
        [
            draft_of(entry("deposit", leg("EUR", "1000", account=pk))),
            draft_of(
                entry("buy", leg("BTC", "1", account=pk), leg("EUR", "-200", account=pk)), reference="t.csv:7"
            ),
            draft_of(entry("buy", leg("BTC", "1", account=pk), leg("EUR", "-400", account=pk))),
            draft_of(entry("sell", leg("BTC", "-1", account=pk), leg("EUR", "500", account=pk))),
        ],
    )
    return portfolio
