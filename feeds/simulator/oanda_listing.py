"""What OANDA lists here: currencies, gold and silver, and a contract for difference that nobody follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from feeds.simulator.assets import FOREX, Listing

VENUE = "OANDA"
_METALS = {"XAU/USD": 4060.0, "XAG/USD": 51.4}
_RANK = 8
CFD: dict[str, Any] = {
    "name": "SPX500_USD", "type": "CFD", "displayName": "US SPX 500", "pipLocation": 0,
    "displayPrecision": 1, "tradeUnitsPrecision": 1, "minimumTradeSize": "0.1",
}  # fmt: skip


def pairs() -> Iterator[Listing]:
    """Those of a site's first day first, then all others, then made-up ones without end."""
    for pair, price in FOREX.items():
        yield _pair(pair, price, 3 if price > 20 else 5)
    for pair, price in _METALS.items():
        yield _pair(pair, price, 3)
    for number in range(1, 500):
        yield _pair(f"X{number:03d}/USD", 1.0 + number / 1000, 5)


def _pair(pair: str, price: float, decimals: int) -> Listing:
    base, quote = pair.split("/")
    return Listing(VENUE, f"{base}_{quote}", "forex", base, quote, price, decimals, 0, _RANK)


def row(listing: Listing) -> dict[str, Any]:
    """As ``/v3/accounts/…/instruments`` has it."""
    pip = -2 if listing.price_decimals == 3 else -4
    return {
        "name": listing.native, "type": "METAL" if listing.base in ("XAU", "XAG") else "CURRENCY",
        "displayName": f"{listing.base}/{listing.quote}", "pipLocation": pip,
        "displayPrecision": listing.price_decimals, "tradeUnitsPrecision": 0, "minimumTradeSize": "1",
        "maximumTrailingStopDistance": "1.00000", "minimumTrailingStopDistance": "0.00050",
        "maximumPositionSize": "0", "maximumOrderUnits": "100000000", "marginRate": "0.02",
    }  # fmt: skip
