"""Writes to the catalogue: the starter set, a venue's own list, following and stopping."""

from __future__ import annotations

import pytest

from feeds.codec import InstrumentSpec
from marketdash import publish
from marketdash.instruments import actions
from marketdash.instruments.models import Asset, Instrument, Venue
from marketdash.instruments.starter import STARTERS


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(publish, "notify", lambda kind, *_: sent.append(kind))
    return sent


def spec(native: str, **changed: str) -> InstrumentSpec:
    whole = InstrumentSpec("KRAKEN", native, "spot", "BTC", "USD", "", "0.1", "0.00000001", "trading")
    return whole._replace(**changed)


def test_the_starter_set_is_followed_and_shows_right_digits(database: str) -> None:
    added = actions.add_starters({"KRAKEN": "Kraken", "BINANCE": "Binance", "COINBASE": "Coinbase"})

    assert added == Instrument.objects.filter(enabled=True).count() == sum(map(len, STARTERS.values()))
    yen = Instrument.objects.get(symbol="KRAKEN:USD/JPY")
    assert (yen.kind, yen.tick_size, yen.slug) == ("forex", "0.001", "kraken-usd-jpy")
    assert Asset.objects.get(code="BTC").title == "Bitcoin"


def test_the_starter_set_comes_once_and_for_known_venues_alone(database: str) -> None:
    actions.add_starters({"KRAKEN": "Kraken", "ELSEWHERE": "Elsewhere"})
    Instrument.objects.filter(symbol="KRAKEN:BTC/USD").update(enabled=False)

    assert actions.add_starters({"KRAKEN": "Kraken"}) == 0
    assert not Instrument.objects.get(symbol="KRAKEN:BTC/USD").enabled
    assert not Instrument.objects.filter(venue__name="BINANCE").exists()


def test_a_venues_list_replaces_what_we_knew_and_keeps_what_was_chosen(database: str) -> None:
    actions.add_starters({"KRAKEN": "Kraken"})

    synced = actions.upsert(
        "KRAKEN", "Kraken", [spec("BTC/USD", tick_size="0.01", status="halted"), spec("NEW/USD", base="NEW")]
    )

    assert synced == actions.Synced(listed=2, new=1, delisted=len(STARTERS["KRAKEN"]) - 1, refused=0)
    bitcoin = Instrument.objects.get(symbol="KRAKEN:BTC/USD")
    assert (bitcoin.tick_size, bitcoin.status, bitcoin.enabled) == ("0.01", "halted", True)
    assert not Instrument.objects.get(symbol="KRAKEN:NEW/USD").enabled
    assert Instrument.objects.get(symbol="KRAKEN:ETH/USD").status == "delisted"


def test_what_comes_back_to_the_list_trades_again(database: str) -> None:
    actions.upsert("KRAKEN", "Kraken", [spec("BTC/USD"), spec("ETH/USD")])
    actions.upsert("KRAKEN", "Kraken", [spec("BTC/USD")])

    synced = actions.upsert("KRAKEN", "Kraken", [spec("BTC/USD"), spec("ETH/USD")])

    assert (synced.new, synced.delisted) == (0, 0)
    assert Instrument.objects.get(symbol="KRAKEN:ETH/USD").status == "trading"


def test_an_empty_list_delists_nothing(database: str) -> None:
    actions.upsert("KRAKEN", "Kraken", [spec("BTC/USD")])

    assert actions.upsert("KRAKEN", "Kraken", []) == actions.Synced(0, 0, 0, 0)
    assert Instrument.objects.get().status == "trading"


@pytest.mark.parametrize(
    "changed",
    [
        {"native": "<img src=x onerror=alert(1)>"},
        {"native": ""},
        {"native": "X" * 65},
        {"native": "A\u202eB"},
        {"tick_size": "NaN"},
        {"tick_size": "0"},
        {"tick_size": "1E999"},
        {"lot_size": "-1"},
        {"kind": "lottery"},
        {"status": "unheard of"},
    ],
)
def test_what_cannot_be_carried_is_counted_and_left_out(db: None, changed: dict[str, str]) -> None:
    synced = actions.upsert("KRAKEN", "Kraken", [spec("BTC/USD"), spec("ETH/USD")._replace(**changed)])

    assert synced == actions.Synced(listed=1, new=1, delisted=0, refused=1)


def test_names_that_read_alike_have_slugs_of_their_own(database: str) -> None:
    actions.upsert(
        "KRAKEN", "Kraken", [spec("BTC/USD"), spec("BTC-USD"), spec("BTC.USD"), spec("币安人生USDT")]
    )

    slugs = list(Instrument.objects.values_list("slug", flat=True))

    assert len(set(slugs)) == 4
    assert "kraken-btc-usd" in slugs


def test_thousands_of_instruments_go_in_at_once(database: str, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(120):  # type: ignore[operator]
        synced = actions.upsert("KRAKEN", "Kraken", [spec(f"C{number}/USD") for number in range(3000)])

    assert synced.new == Instrument.objects.count() == 3000
    with django_assert_max_num_queries(120):  # type: ignore[operator]
        assert actions.upsert("KRAKEN", "Kraken", [spec("C0/USD")]).delisted == 2999


@pytest.mark.django_db(transaction=True)
def test_every_write_is_announced_when_it_is_committed(database: str, notices: list[str]) -> None:
    actions.add_starters({"KRAKEN": "Kraken"})
    actions.upsert("KRAKEN", "Kraken", [spec("BTC/USD")])
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
