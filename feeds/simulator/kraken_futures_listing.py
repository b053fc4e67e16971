"""What Kraken's derivatives list here: a perpetual of each asset in dollars.

Of the majors one that is settled in its coin as well, and a future of either sort.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from feeds.simulator.assets import ASSETS, Listing, price_decimals
from feeds.simulator.kraken_text import OLD_NAMES

VENUE = "KRAKEN_FUTURES"
_MAJORS = ("BTC", "ETH")
# Years ahead: none expires while it is simulated.
_DATE, _HOUR = "361226", 16
_FUTURE_RANK = 9
_NAME = re.compile(rf"{VENUE}:(FF|FI)_(XBT|ETH)USD_(\d\d)(\d\d)(\d\d)")


def contracts() -> Iterator[Listing]:
    """The busiest first."""
    for rank, (base, price) in enumerate(ASSETS.items(), start=1):
        yield _contract("PF", base, price, rank)
        if base in _MAJORS:
            yield _contract("PI", base, price, rank + 2)
            yield _contract("FF", base, price, rank + _FUTURE_RANK, _DATE)
            yield _contract("FI", base, price, rank + _FUTURE_RANK, _DATE)


def named(name: str) -> Listing | None:
    """A future of a major by its full name, whatever its date."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    base = "BTC" if found[2] == "XBT" else found[2]
    try:
        return _contract(found[1], base, ASSETS[base], _FUTURE_RANK, "".join(found.groups()[2:]))
    except ValueError:
        return None


def _contract(sort: str, base: str, price: float, rank: int, date: str = "") -> Listing:
    """Inverse ones are of a dollar each."""
    inverse = sort[1] == "I"
    native = f"{sort}_{OLD_NAMES.get(base, base)}USD" + (f"_{date}" if date else "")
    expires = datetime.strptime(date, "%y%m%d").replace(hour=_HOUR, tzinfo=UTC) if date else None
    expiry_ms = round(expires.timestamp() * 1000) if expires else 0
    digits = price_decimals(price, 6 if price >= 100 else 5)
    lots = 0 if inverse else max(0, min(4, price_decimals(1 / price, 1) + 2))
    return Listing(
        VENUE, native, "future" if expiry_ms else "perpetual", base, "USD", price, digits, lots, rank,
        settle=base if inverse else "USD", expiry_ms=expiry_ms,
    )  # fmt: skip
