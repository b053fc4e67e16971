from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from marketdash.instruments.assets import settle_all
from marketdash.instruments.models import Alias, Asset, Instrument, Venue

LISTED = (
    ("KRAKEN", "BTC/USD", "BTC", "USD", "spot", True),
    ("KRAKEN", "ETH/USD", "ETH", "USD", "spot", True),
    ("KRAKEN", "DOGE/USD", "DOGE", "USD", "spot", True),
    ("KRAKEN", "SOL/EUR", "SOL", "EUR", "spot", False),
    ("BINANCE", "BTCUSDT", "BTC", "USDT", "spot", True),
    ("BINANCE", "ETHUSDT", "ETH", "USDT", "spot", True),
    ("COINBASE", "BTC-USD", "BTC", "USD", "spot", True),
    ("BINANCE_USDM", "ADAUSDT", "ADA", "USDT", "perpetual", True),
)
NAMES = {"BTC": ("Bitcoin", "XBT"), "DOGE": ("Dogecoin", "XDG"), "ETH": ("Ethereum", "XETH")}


@pytest.fixture
def instruments(database: str) -> dict[str, Instrument]:
    """By full name; SOL/EUR is not followed."""
    for code, (title, other) in NAMES.items():
        asset, _ = Asset.objects.update_or_create(code=code, defaults={"title": title})
        Alias.objects.get_or_create(asset=asset, code=other)
    found = {}
    for venue, native, base, quote, kind, enabled in LISTED:
        held, _ = Venue.objects.get_or_create(name=venue, defaults={"title": venue.capitalize()})
        row = Instrument(venue=held, native=native, base=base, quote=quote, kind=kind, enabled=enabled)
        row.save()
        found[row.symbol] = row
    settle_all()
    return found


@pytest.fixture(autouse=True)
def public(settings: Any) -> None:
    settings.PUBLIC_MARKETS = True


@pytest.fixture
def alice(instruments: dict[str, Instrument]) -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def charlie(instruments: dict[str, Instrument]) -> User:
    return User.objects.create_user("charlie")


@pytest.fixture
def administrator(instruments: dict[str, Instrument]) -> User:
    return User.objects.create_superuser("root")
