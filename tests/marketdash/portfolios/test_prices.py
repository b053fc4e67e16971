"""Whose prices are rates: markets in things themselves, currencies and stocks too, and no contracts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from marketdash import publish
from marketdash.instruments.catalogue import catalogue
from marketdash.portfolios import prices
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.desk import Desk
from tests.marketdash.portfolios.listing import listed
from tests.marketdash.portfolios.looking import Rows
from tests.marketdash.portfolios.writing import entry, leg

pytestmark = pytest.mark.django_db(transaction=True)

BITCOIN = Book("EUR", "fifo").fold([entry("deposit", leg("BTC", "2", worth="1"))])


def told(bid: str) -> publish.Row:
    return publish.Row("live", "", 0, {"bid": bid, "ask": bid})


QUOTES = {
    "ticker:KRAKEN:BTC/USD": told("60000"),
    "ticker:KRAKEN:EUR/USD": told("1.2"),
    "ticker:KRAKEN:BTC/EUR": told("7"),
    "ticker:KRAKEN:NEW/USD": told("30"),
}


class Ticks:
    """As a hub hands them on."""

    def moved(self) -> set[str]:
        return set(QUOTES)

    def value(self, topic: str) -> publish.Row | None:
        return QUOTES.get(topic)


@pytest.fixture
def followed(assets: Any) -> Any:
    """Bitcoin, the euro and a stock in dollars, and contracts on bitcoin in euros."""
    with listed("BTC/USD", EUR_USD="forex", NEW_USD="equity", BTC_EUR="perpetual"):
        yield


def test_a_currency_is_worth_what_its_forex_market_says(
    followed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(topics: Iterable[str], timeout_s: float) -> Rows:
        return {topic: QUOTES[topic] for topic in topics if topic in QUOTES}

    monkeypatch.setattr(publish, "read", read)
    found = async_to_sync(prices.of_books)([BITCOIN]).of(BITCOIN)

    assert (found.total, found.missing) == (100_000, ())
    [line] = found.holdings
    assert line.rate is not None and line.rate.path == "BTC → USD → EUR"


def test_a_desk_that_hears_ticks_says_the_same(followed: None) -> None:
    desk = Desk(Ticks())
    desk.settle()
    pricing = desk.pricing("EUR", catalogue.version)

    found = {asset: pricing.of(asset) for asset in ("BTC", "USD", "NEW")}
    assert {asset: each and (each.price, each.path) for asset, each in found.items()} == {
        "BTC": (50_000, "BTC → USD → EUR"),
        "USD": (pricing.market.rate("USD").of(1), "USD → EUR"),  # type: ignore[union-attr, arg-type]
        "NEW": (25, "NEW → USD → EUR"),
    }
