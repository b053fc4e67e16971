"""An instrument and bars of it, with everything filled in that a test does not care about."""

from __future__ import annotations

from feeds.events import Bar
from marketdash.history.derive import MINUTE_US, Stored
from marketdash.instruments.models import Instrument, Venue

SYMBOL = "KRAKEN:BTC/USD"
DAY_US = 1440 * MINUTE_US
T0_US = 20_000 * DAY_US
"""Midnight UTC of a day."""


def instrument(native: str = "BTC/USD", *, enabled: bool = True) -> Instrument:
    venue, _ = Venue.objects.get_or_create(name="KRAKEN", defaults={"title": "Kraken"})
    row = Instrument(venue=venue, native=native, base="BTC", quote="USD", tick_size="0.1", enabled=enabled)
    row.save()
    return row


def bar(
    at: int = 0,
    close: str = "64012.1",
    *,
    interval: int = 1,
    symbol: str = SYMBOL,
    incomplete: bool = False,
    volume: str = "1.5",
    trades: int = 3,
) -> Bar:
    """The bar that starts ``at`` intervals after midnight."""
    start_us = T0_US + at * interval * MINUTE_US
    prices = ("64000.0", "64100.0", "63900.0", close)
    return Bar(symbol, interval, start_us, *prices, volume, trades, True, incomplete)


def stored(at: int = 0, close: str = "64012.1", **rest: object) -> Stored:
    made = bar(at, close, **rest)  # type: ignore[arg-type]
    return Stored(*made[2:9], made.incomplete)
