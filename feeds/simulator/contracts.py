"""The contracts that are simulated, beside what is traded for itself: perpetuals and a quarter of each major.

They are made only where somebody asks for them: each is a whole market, with a book of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from feeds.simulator.assets import ASSETS, Listing, price_decimals

VENUES = ("BINANCE_USDM", "BINANCE_COINM")
# Years ahead: none expires while it is simulated.
_QUARTER, _QUARTER_MS = "361226", 2_113_891_200_000
_MAJORS = 2
_HUNDRED = "BTC"
"""The asset whose inverse contract is worth 100 dollars; all others' are worth ten."""


def contracts() -> Iterator[Listing]:
    """The busiest first, of all venues in turn."""
    for rank, (base, price) in enumerate(ASSETS.items(), start=1):
        for venue in VENUES:
            yield _contract(venue, base, price, rank, "")
            if rank <= _MAJORS:
                yield _contract(venue, base, price, rank + 8, _QUARTER)


def perpetuals(assets: int) -> list[str]:
    """Names of the perpetuals of so many assets."""
    found = (listing.name for listing in contracts() if listing.kind == "perpetual")
    return list(islice(found, assets * len(VENUES)))


def _contract(venue: str, base: str, price: float, rank: int, quarter: str) -> Listing:
    inverse = venue == "BINANCE_COINM"
    quote, size = ("USD", 100 if base == _HUNDRED else 10) if inverse else ("USDT", 1)
    tail = f"_{quarter}" if quarter else "_PERP" if inverse else ""
    digits = price_decimals(price, 6 if price >= 100 else 5)
    lots = 0 if inverse else max(0, min(3, price_decimals(1 / price, 1) + 1))
    return Listing(
        venue, f"{base}{quote}{tail}", "future" if quarter else "perpetual", base, quote, price, digits,
        lots, rank, settle=base if inverse else quote, contract_size=size,
        expiry_ms=_QUARTER_MS if quarter else 0,
    )  # fmt: skip
