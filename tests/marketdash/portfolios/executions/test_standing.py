"""Which markets are followed for an account: of a new one all, later those in which it may trade."""

from __future__ import annotations

import pytest

from marketdash.instruments.models import Asset, Instrument
from marketdash.portfolios import actions
from marketdash.portfolios.executions import standing
from marketdash.portfolios.models import Account, Portfolio
from tests.marketdash.portfolios.writing import draft_of, entry, leg

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("database")
def test_of_an_account_of_which_nothing_is_known_all_are_followed(
    portfolio: Portfolio, accounts: dict[str, Account], assets: dict[str, Asset]
) -> None:
    account = accounts["KRAKEN"]
    for base, quote, enabled in (("BTC", "EUR", True), ("ETH", "USD", True), ("ETH", "BTC", False)):
        named = {"base": base, "quote": quote, "base_asset": assets[base], "quote_asset": assets[quote]}
        Instrument.objects.update_or_create(
            **{"venue": account.venue, "native": f"{base}/{quote}", "kind": "spot"},
            defaults={**named, "enabled": enabled},
        )

    first = standing.markets(account).names
    actions.record(portfolio, [draft_of(entry("deposit", leg("EUR", "5", account=account.pk)))])

    assert {"KRAKEN:BTC/EUR", "KRAKEN:ETH/USD"} <= first and "KRAKEN:ETH/BTC" not in first
    assert "KRAKEN:BTC/EUR" in standing.markets(account).names
    assert "KRAKEN:ETH/USD" not in standing.markets(account).names
