"""What Pyth lists here: of each asset its price in dollars, and some currencies."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from feeds.simulator.assets import ASSETS, FOREX, Listing

VENUE = "PYTH"
CONFIDENCE = 0.0004
"""Of the price: about what its publishers are apart in a calm market."""
_KNOWN = {
    "Crypto.BTC/USD": "e62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43",
    "Crypto.ETH/USD": "ff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace",
    "Crypto.SOL/USD": "ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d",
    "FX.EUR/USD": "a995d00bb36a63cef7fd2c287dc105fc8f3d93779f062f09551b0af3e81ec30b",
}
_RANK = 50
_ALWAYS = "America/New_York;O,O,O,O,O,O,O;"
_WEEKDAYS = "America/New_York;O,O,O,O,0000-1700,C,1700-2400;1224/0000-1700,1231/0000-1700"
"""Prices of currencies go on at weekends here: these hours only say why one that was halted stands still."""


def identifier(symbol: str) -> str:
    """The real one of what is followed from the start, a made-up one of all else."""
    return _KNOWN.get(symbol) or hashlib.sha256(symbol.encode()).hexdigest()


def feeds() -> Iterator[Listing]:
    """Those that are followed from the start first, then all assets, then made-up ones without end."""
    for symbol in _KNOWN:
        yield _feed(symbol)
    for base in ASSETS:
        if f"Crypto.{base}/USD" not in _KNOWN:
            yield _feed(f"Crypto.{base}/USD")
    for number in range(1, 2000):
        yield _feed(f"Crypto.FEED{number:04d}/USD")


def _feed(symbol: str) -> Listing:
    kind, _, pair = symbol.partition(".")
    base, quote = pair.split("/")
    price = FOREX[pair] if kind == "FX" else ASSETS.get(base, 1.0)
    digits = 5 if kind == "FX" else 8
    return Listing(VENUE, identifier(symbol), "index", base, quote, price, digits, 0, _RANK)


def row(listing: Listing) -> dict[str, Any]:
    """As ``/v2/price_feeds`` has it."""
    currency = listing.price_decimals == 5
    kind, pair = "FX" if currency else "Crypto", f"{listing.base}/{listing.quote}"
    return {
        "id": listing.native,
        "attributes": {
            "asset_type": kind,
            "base": listing.base,
            "description": f"{listing.base} / {listing.quote}",
            "display_symbol": pair,
            "generic_symbol": listing.base + listing.quote,
            "quote_currency": listing.quote,
            "schedule": _WEEKDAYS if currency else _ALWAYS,
            "symbol": f"{kind}.{pair}",
        },
    }
