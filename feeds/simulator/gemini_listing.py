"""What Gemini lists here: each asset in dollars, and of the majors a perpetual in its own dollar."""

from __future__ import annotations

from collections.abc import Iterator

from feeds.simulator.assets import ASSETS, FOREX, Listing, price_decimals

VENUE = "GEMINI"
_MAJORS = ("BTC", "ETH", "SOL", "XRP", "AVAX")
_EURO = "EUR/USD"


def markets() -> Iterator[Listing]:
    """The busiest first."""
    for rank, (base, price) in enumerate(ASSETS.items(), start=1):
        digits = price_decimals(price, 7 if price >= 10_000 else 6 if price >= 100 else 5)
        yield Listing(VENUE, f"{base}USD", "spot", base, "USD", price, digits, 8 if price >= 1 else 2, rank)
        if base in _MAJORS:
            lots = max(0, min(4, price_decimals(1 / price, 1) + 2))
            yield Listing(
                VENUE, f"{base}GUSDPERP", "perpetual", base, "GUSD", price, max(0, digits - 1), lots,
                rank + 2, settle="GUSD",
            )  # fmt: skip
    yield Listing(VENUE, _EURO.replace("/", ""), "forex", "EUR", "USD", FOREX[_EURO], 5, 6, len(ASSETS))
