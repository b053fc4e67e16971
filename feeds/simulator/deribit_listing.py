"""What Deribit lists here: perpetuals of each asset, a future and chains of options of the two majors.

Options have dates, and dates pass: those of a start are the next two Fridays that are a week away. Any
contract is there by its name, whatever its date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product

from feeds.simulator import options
from feeds.simulator.assets import ASSETS, Listing, price_decimals

VENUE = "DERIBIT"
INVERSE = ("BTC", "ETH")
"""The assets with contracts that are settled in themselves; all others' are in USDC."""
STRIKES, EXPIRIES = 12, 2
_STEP = {"BTC": 1000, "ETH": 50}
_NAME = re.compile(r"(BTC|ETH)-(\d{1,2})([A-Z]{3})(\d\d)(?:-(\d+)-([CP]))?")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_HOUR = 8
_FUTURE_RANK, _OPTION_RANK = 9, 40
_MONTH_MS = 30 * 86_400_000


def perpetuals() -> Iterator[Listing]:
    """The busiest first."""
    for rank, (base, price) in enumerate(ASSETS.items(), start=1):
        digits = price_decimals(price, 6 if price >= 100 else 5)
        if base in INVERSE:
            yield Listing(
                VENUE, f"{base}-PERPETUAL", "perpetual", base, "USD", price, digits, 1, rank, settle=base
            )
        else:
            native = f"{base}_USDC-PERPETUAL"
            yield Listing(VENUE, native, "perpetual", base, "USDC", price, digits, 1, rank, settle="USDC")


def expiries(now_ns: int) -> list[datetime]:
    """Fridays at 8 in the morning, UTC: the first is at least a week away."""
    day = datetime.fromtimestamp(now_ns / 1e9, UTC).replace(hour=_HOUR, minute=0, second=0, microsecond=0)
    first = day + timedelta(days=7 + (4 - day.weekday()) % 7)
    return [first + timedelta(days=7 * number) for number in range(EXPIRIES)]


def chains(now_ns: int, assets: int = len(INVERSE)) -> list[str]:
    """Full names of all options that are listed at a start, and of a future on each of so many assets."""
    dates = list(map(_date, expiries(now_ns)))
    return [f"{VENUE}:{name}" for base in INVERSE[:assets] for name in _of(base, dates)]


def _of(base: str, dates: list[str]) -> Iterator[str]:
    step = _STEP[base]
    middle = round(ASSETS[base] / step) * step
    strikes = [middle + step * (number - STRIKES // 2) for number in range(STRIKES)]
    yield f"{base}-{dates[-1]}"
    for date, strike, right in product(dates, strikes, "CP"):
        yield f"{base}-{date}-{strike}-{right}"


def _date(found: datetime) -> str:
    return f"{found.day}{_MONTHS[found.month - 1]}{found:%y}"


def named(name: str) -> Listing | None:
    """A future or an option by its full name; its price is that of its expiry a month away."""
    venue, _, native = name.partition(":")
    found = _NAME.fullmatch(native)
    if venue != VENUE or found is None or found[3] not in _MONTHS:
        return None
    base, day, month, year, strike, right = found.groups()
    expires = datetime(2000 + int(year), _MONTHS.index(month) + 1, int(day), _HOUR, tzinfo=UTC)
    expiry_ms, price = round(expires.timestamp() * 1000), ASSETS[base]
    digits = price_decimals(price, 6)
    if not strike:
        return Listing(
            VENUE, native, "future", base, "USD", price, digits, 1, _FUTURE_RANK, base, 1, expiry_ms
        )  # fmt: skip
    terms = int(strike), "call" if right == "C" else "put"
    option = Listing(
        VENUE, native, "option", base, base, 0.03, 4, 1, _OPTION_RANK, base, 1, expiry_ms, *terms
    )
    begun = options.worth(option, price, (expiry_ms - _MONTH_MS) * 1_000_000)
    return option._replace(price=max(begun.price / price, 0.0005))
