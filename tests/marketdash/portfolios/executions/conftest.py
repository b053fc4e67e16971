from __future__ import annotations

from collections.abc import Iterator

import pytest

from feeds.venues import PRIVATE
from marketdash.instruments.models import Alias, Asset, Venue
from marketdash.portfolios import actions
from marketdash.portfolios.models import Account, Portfolio


@pytest.fixture
def private_venues() -> Iterator[dict[str, str]]:
    """Those with which keys are: Kraken alone, and not the real one."""
    kept = dict(PRIVATE)
    PRIVATE.clear()
    PRIVATE["KRAKEN"] = "tests.fakes.private_codec:Codec"
    yield PRIVATE
    PRIVATE.clear()
    PRIVATE.update(kept)


@pytest.fixture
def accounts(portfolio: Portfolio, kraken: Account, assets: dict[str, Asset]) -> dict[str, Account]:
    """By venue, one at each whose trades files tell of."""
    for code, means in {"XXBT": "BTC", "ZEUR": "EUR", "ZUSD": "USD"}.items():
        Alias.objects.get_or_create(code=code, venue=kraken.venue, defaults={"asset": assets[means]})
    found = {"KRAKEN": kraken}
    for name in ("BINANCE", "COINBASE"):
        venue, _ = Venue.objects.get_or_create(name=name, defaults={"title": name.title()})
        found[name] = actions.open_account(portfolio, name.title(), venue)
    return found
