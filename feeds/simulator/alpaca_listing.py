"""What Alpaca lists here: some shares, the symbol of its test, and made-up ones without end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zlib import crc32

from feeds.simulator.assets import Listing

VENUE = "ALPACA"
SHARES: dict[str, float] = {
    "AAPL": 226.4, "MSFT": 417.2, "FAKEPACA": 131.6, "SPY": 597.1, "NVDA": 141.9, "AMZN": 207.8,
    "GOOGL": 171.2, "META": 561.3, "TSLA": 342.7, "BRK.B": 474.6, "JPM": 248.1, "KO": 63.9, "F": 11.1,
}  # fmt: skip
_RANK = 6


def shares() -> Iterator[Listing]:
    """The best known first."""
    for symbol, price in SHARES.items():
        yield _share(symbol, price)
    for number in range(1, 1000):
        yield _share(f"SIM{number:03d}", 40.0 + number % 60)


def _share(symbol: str, price: float) -> Listing:
    return Listing(VENUE, symbol, "equity", f"{symbol}:share", "USD", price, 2, 0, _RANK)


def row(listing: Listing, *, tradable: bool) -> dict[str, Any]:
    """As ``/v2/assets`` has it."""
    return {
        "id": f"00000000-0000-4000-8000-{crc32(listing.native.encode()):012d}", "class": "us_equity",
        "exchange": "NASDAQ", "symbol": listing.native, "name": f"{listing.native} Common Stock",
        "status": "active", "tradable": tradable, "marginable": True, "maintenance_margin_requirement": 30,
        "shortable": True, "easy_to_borrow": True, "fractionable": True, "attributes": [],
    }  # fmt: skip
