"""Writes to the catalogue: the starter set, a venue's own list, following and stopping."""

from __future__ import annotations

import pytest

from marketdash import publish, venues
from marketdash.instruments import actions, sync
from marketdash.instruments.models import Asset, Instrument, Venue
from marketdash.instruments.starter import STARTERS
from tests.marketdash.instruments.specs import spec


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(publish, "notify", lambda kind, *_: sent.append(kind))
    return sent


def test_the_starter_set_is_followed_and_shows_right_digits(database: str) -> None:
    added = actions.add_starters(venues.titles())

    assert added == Instrument.objects.filter(enabled=True).count() == sum(map(len, STARTERS.values()))
    yen = Instrument.objects.get(symbol="KRAKEN:USD/JPY")
    assert (yen.kind, yen.tick_size, yen.slug) == ("forex", "0.001", "kraken-usd-jpy")
    inverse = Instrument.objects.get(symbol="BINANCE_COINM:BTCUSD_PERP")
    assert (inverse.kind, inverse.settle, inverse.contract_size) == ("perpetual", "BTC", "100")
    assert Asset.objects.get(code="BTC").title == "Bitcoin"


def test_the_starter_set_comes_once_and_for_known_venues_alone(database: str) -> None:
    actions.add_starters({"KRAKEN": "Kraken", "ELSEWHERE": "Elsewhere"})
    Instrument.objects.filter(symbol="KRAKEN:BTC/USD").update(enabled=False)

    assert actions.add_starters({"KRAKEN": "Kraken"}) == 0
    assert not Instrument.objects.get(symbol="KRAKEN:BTC/USD").enabled
    assert not Instrument.objects.filter(venue__name="BINANCE").exists()


@pytest.mark.django_db(transaction=True)
def test_every_write_is_announced_when_it_is_committed(database: str, notices: list[str]) -> None:
    actions.add_starters({"KRAKEN": "Kraken"})
    sync.upsert("KRAKEN", "Kraken", [spec("BTC/USD")])
    assert notices == ["configure", "configure"]

    found = actions.set_enabled(["KRAKEN:BTC/USD", "KRAKEN:NOWHERE"], enabled=False)

    assert found == ["KRAKEN:BTC/USD"]
    assert len(notices) == 3


def test_a_row_that_an_administrator_makes_is_named_by_its_parts(database: str) -> None:
    venue = Venue.objects.create(name="KRAKEN", title="Kraken")

    row = Instrument(venue=venue, native="BTC/USD", base="BTC", quote="USD")
    row.full_clean()
    row.save()

    assert (row.symbol, row.slug) == ("KRAKEN:BTC/USD", "kraken-btc-usd")
