"""What the worker is to follow, and the snapshot that pages and sockets read."""

from __future__ import annotations

import pytest

from feeds.codec import Subscription
from marketdash.instruments import actions
from marketdash.instruments.catalogue import Catalogue, Listed, subscriptions
from marketdash.instruments.models import Instrument, Venue


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
    )
    assert catalogue.by_slug("kraken-btc-usd") == bitcoin

    now_s = 31.0
    await catalogue.ensure()
    assert catalogue.get("KRAKEN:BTC/USD") is None


async def _write(action: object, *args: object, **kwargs: object) -> None:
    from asgiref.sync import sync_to_async

    await sync_to_async(action)(*args, **kwargs)  # type: ignore[arg-type]
