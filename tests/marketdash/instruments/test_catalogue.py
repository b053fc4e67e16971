"""What the worker is to follow, and the snapshot that pages and sockets read."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from feeds.codec import Subscription
from marketdash.instruments import actions, sync
from marketdash.instruments import catalogue as catalogues
from marketdash.instruments.catalogue import Catalogue, Changes, Listed, subscriptions, wanted
from marketdash.instruments.models import Instrument, Venue
from tests.marketdash.instruments.specs import spec


@pytest.fixture
def starters(database: str) -> None:
    actions.add_starters({"KRAKEN": "Kraken", "BINANCE": "Binance"})


def of(native: str) -> list[Subscription]:
    return [item for item in subscriptions() if item.native == native]


def test_each_channel_that_is_on_is_a_subscription(starters: None) -> None:
    assert of("BTC/USD") == [
        Subscription("ticker", "KRAKEN:BTC/USD", "BTC/USD"),
        Subscription("trade", "KRAKEN:BTC/USD", "BTC/USD"),
        Subscription("book", "KRAKEN:BTC/USD", "BTC/USD", 100),
    ]


def test_bars_need_trades_and_depth_0_is_no_book(starters: None) -> None:
    row = Instrument.objects.filter(symbol="KRAKEN:BTC/USD")

    row.update(ticker=False, trades=False, bars=True, book_depth=0)
    assert [item.channel for item in of("BTC/USD")] == ["trade"]

    row.update(bars=False)
    assert of("BTC/USD") == []


def test_what_is_off_or_gone_is_not_followed(starters: None) -> None:
    Instrument.objects.filter(symbol="KRAKEN:BTC/USD").update(enabled=False)
    Instrument.objects.filter(symbol="KRAKEN:ETH/USD").update(status="delisted")
    Venue.objects.filter(name="BINANCE").update(enabled=False)

    names = {item.instrument for item in subscriptions()}

    assert "KRAKEN:SOL/USD" in names
    assert not names & {"KRAKEN:BTC/USD", "KRAKEN:ETH/USD", "BINANCE:BTCUSDT"}
    assert subscriptions("BINANCE") == []
    assert wanted().delisted == {"KRAKEN:ETH/USD": "Kraken no longer lists it"}


def test_contracts_have_channels_of_their_own_until_they_expire(starters: None) -> None:
    row = Instrument.objects.filter(symbol="KRAKEN:BTC/USD")
    row.update(kind="perpetual", book_depth=0, expiry=None)
    assert [item.channel for item in of("BTC/USD")] == ["ticker", "trade", "mark", "funding", "liquidation"]

    row.update(kind="future", trades=False, bars=False, expiry=datetime(2999, 12, 27, 8, tzinfo=UTC))
    assert [item.channel for item in of("BTC/USD")] == ["ticker", "mark"]

    row.update(kind="option", book_depth=10)
    assert [item.channel for item in of("BTC/USD")] == ["ticker", "book", "mark", "option"]

    row.update(kind="index", trades=True, bars=True)
    assert [item.channel for item in of("BTC/USD")] == ["ticker"]

    row.update(kind="future", expiry=datetime(2025, 12, 26, 8, tzinfo=UTC))
    assert of("BTC/USD") == []
    assert wanted().delisted == {"KRAKEN:BTC/USD": "it expired on 26 Dec 2025"}


@pytest.mark.django_db(transaction=True)
async def test_the_snapshot_is_read_at_first_use_and_when_it_is_old(transactional_db: None) -> None:
    now_s = 0.0
    catalogue = Catalogue(clock=lambda: now_s)
    await _write(actions.add_starters, {"KRAKEN": "Kraken"})
    assert catalogue.all() == []

    await catalogue.ensure()
    bitcoin = catalogue.get("KRAKEN:BTC/USD")
    await _write(actions.set_enabled, ["KRAKEN:BTC/USD"], enabled=False)
    await catalogue.ensure()

    assert bitcoin == Listed(
        symbol="KRAKEN:BTC/USD",
        slug="kraken-btc-usd",
        venue="KRAKEN",
        venue_title="Kraken",
        native="BTC/USD",
        kind="spot",
        base="BTC",
        quote="USD",
        price_decimals=1,
        qty_decimals=8,
        tick_size="0.1",
        status="trading",
        book_depth=100,
        asset="BTC",
        quote_asset="USD",
        names=("Bitcoin", "XBT", "XXBT"),
    )
    assert catalogue.by_slug("kraken-btc-usd") == bitcoin

    now_s = 31.0
    await catalogue.ensure()
    assert catalogue.get("KRAKEN:BTC/USD") is None


@pytest.mark.django_db(transaction=True)
async def test_all_who_find_it_old_at_once_have_it_read_once(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _write(actions.add_starters, {"KRAKEN": "Kraken"})
    read, times = catalogues._read, []
    monkeypatch.setattr(catalogues, "_read", lambda: times.append(1) or read())
    catalogue = Catalogue()

    await asyncio.gather(*(catalogue.ensure() for _ in range(50)))

    assert catalogue.get("KRAKEN:BTC/USD") is not None
    assert len(times) == 1


@pytest.mark.django_db(transaction=True)
async def test_a_page_is_told_what_changed_since_its_version(transactional_db: None) -> None:
    catalogue = Catalogue()
    await _write(actions.add_starters, {"KRAKEN": "Kraken"})
    await catalogue.refresh()
    first, rows = catalogue.version, {row.symbol: row for row in catalogue.all()}
    await catalogue.refresh()
    assert catalogue.version == first
    assert catalogue.since(first) == Changes(first, False, [], [])

    await _write(actions.set_enabled, ["KRAKEN:BTC/USD"], enabled=False)
    await _write(Instrument.objects.filter(symbol="KRAKEN:ETH/USD").update, status="delisted")
    await catalogue.refresh()
    changes = catalogue.since(first)

    assert changes.version == catalogue.version != first
    assert [(row.symbol, row.status) for row in changes.listed] == [("KRAKEN:ETH/USD", "delisted")]
    assert (changes.whole, changes.gone) == (False, ["KRAKEN:BTC/USD"])
    assert catalogue.since("forgotten").whole
    assert len(catalogue.since("forgotten").listed) == len(rows) - 1


@pytest.mark.django_db(transaction=True)
async def test_two_processes_that_read_the_same_say_the_same_version(transactional_db: None) -> None:
    await _write(actions.add_starters, {"KRAKEN": "Kraken"})
    one, other = Catalogue(), Catalogue()
    await one.refresh()
    await other.refresh()

    assert one.version == other.version != ""


@pytest.mark.django_db(transaction=True)
async def test_a_former_name_leads_to_the_new_one(transactional_db: None) -> None:
    def rename() -> None:
        actions.add_starters({"KRAKEN": "Kraken"})
        sync.upsert("KRAKEN", "Kraken", [spec("XBT/USD", base="XBT")])
        Instrument.objects.update(enabled=True)

    catalogue = Catalogue()
    await _write(rename)
    await catalogue.refresh()

    assert catalogue.renamed("KRAKEN:BTC/USD") == "KRAKEN:XBT/USD"
    assert catalogue.by_slug("kraken-btc-usd") == catalogue.get("KRAKEN:XBT/USD")


async def _write(action: object, *args: object, **kwargs: object) -> None:
    from asgiref.sync import sync_to_async

    await sync_to_async(action)(*args, **kwargs)  # type: ignore[arg-type]
