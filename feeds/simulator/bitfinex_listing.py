"""What Bitfinex lists here: each asset in dollars, and perpetuals of the majors in dollars of Tether.

Pairs of two codes of three letters are written together, others with a colon (``tBTCUSD``, ``tAVAX:USD``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from feeds.simulator.assets import ASSETS, Listing, price_decimals

VENUE = "BITFINEX"
_MAJORS = ("BTC", "ETH", "SOL", "XRP", "ADA", "DOGE", "LTC", "DOT", "LINK", "AVAX")
# Prices have five significant digits, amounts eight decimals.
_DIGITS, _LOT = 5, 8


def pair(base: str, quote: str) -> str:
    return f"{base}{quote}" if len(base) == len(quote) == 3 else f"{base}:{quote}"


def markets(others: Iterable[tuple[str, float]]) -> Iterator[Listing]:
    """The busiest first; ``others`` are assets beyond the known ones, with their prices."""
    for rank, (base, price) in enumerate(ASSETS.items(), start=1):
        yield _listing(f"t{pair(base, 'USD')}", "spot", base, "USD", price, rank)
        if base in _MAJORS:
            yield _listing(f"t{base}F0:USTF0", "perpetual", base, "USDT", price, rank + 1)
    for rank, (base, price) in enumerate(others, start=len(ASSETS)):
        yield _listing(f"t{pair(base, 'USD')}", "spot", base, "USD", price, rank)


def _listing(native: str, kind: str, base: str, quote: str, price: float, rank: int) -> Listing:
    digits = price_decimals(price, _DIGITS)
    settle = quote if kind == "perpetual" else ""
    return Listing(VENUE, native, kind, base, quote, price, digits, _LOT, rank, settle=settle)
