from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from marketdash.instruments.models import Asset, Venue
from marketdash.portfolios import actions
from marketdash.portfolios.models import Account, Portfolio

CODES = ("EUR", "USD", "USDT", "BTC", "ETH", "BNB", "NEW")


@pytest.fixture
def assets(database: str) -> dict[str, Asset]:
    """By code, on each database."""
    return {code: Asset.objects.get_or_create(code=code)[0] for code in CODES}


@pytest.fixture
def alice(assets: Any) -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def charlie(assets: Any) -> User:
    return User.objects.create_user("charlie")


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
