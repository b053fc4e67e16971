"""Options as a catalogue lists them, and rows of their topics."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marketdash import publish
from marketdash.instruments.catalogue import BLANK, Listed

EXPIRY = datetime(2030, 12, 27, 8, tzinfo=UTC)
STAMP_US = int(EXPIRY.timestamp() * 1e6) - 30 * 86_400_000_000
"""Thirty days before it."""

CALL = {
    "bid": "0.0415",
    "bid_qty": "12.5",
    "ask": "0.0425",
    "ask_qty": "1230.0",
    "mark": "0.041993",
    "volume": "153.2",
    "open_interest": "4021.7",
    "bid_iv": "64.12",
    "ask_iv": "65.5",
    "mark_iv": "64.8",
    "delta": "0.38124",
    "gamma": "0.00003",
    "vega": "70.18322",
    "theta": "-75.80216",
    "rho": "18.71",
    "underlying": "BTC-27DEC30",
    "underlying_price": "64012.34",
    "rate": "0.0",
    "ts_exchange": STAMP_US,
    "ts_received": STAMP_US + 1000,
}


def option(strike: str, right: str = "call", expiry: datetime = EXPIRY, **changed: Any) -> Listed:
    native = f"BTC-{expiry:%-d%b%y}-{strike}-{right[0]}".upper()
    whole = BLANK._replace(
        symbol=f"KRAKEN:{native}",
        slug=f"kraken-{native.lower()}",
        venue="KRAKEN",
        venue_title="Kraken",
        native=native,
        kind="option",
        base="BTC",
        quote="USD",
        asset="BTC",
        settle="BTC",
        price_decimals=4,
        qty_decimals=1,
        expiry=expiry,
        strike=strike,
        right=right,
    )
    return whole._replace(**changed)


def row(state: str = "live", reason: str = "", age_us: int = 400_000, **changed: Any) -> publish.Row:
    body = {**CALL, **changed}
    return publish.Row(state, reason, age_us, {name: value for name, value in body.items() if value != ""})
