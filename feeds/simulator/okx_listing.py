"""What OKX lists here: spot, perpetuals of both sorts, a future of each major, and options by their names.

Its quantities of contracts are contracts: so much of the base, or so many dollars where they are inverse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product

from feeds.simulator import options
from feeds.simulator.assets import ASSETS, Listing, price_decimals

VENUE = "OKX"
MAJORS = ("BTC", "ETH")
STRIKES, EXPIRIES = 6, 2
_STEP = {"BTC": 2000, "ETH": 50}
_DOLLARS = {"BTC": 100}
_SIZES = {"BTC": "0.01", "ETH": "0.1"}
_NAME = re.compile(r"(BTC|ETH)-USD-(\d\d)(\d\d)(\d\d)(?:-(\d+)-([CP]))?")
_HOUR = 8
_FUTURE_RANK, _OPTION_RANK = 9, 40
_MONTH_MS = 30 * 86_400_000


def busiest() -> Iterator[Listing]:
    """Of each asset spot and a perpetual in tethers; of the majors a perpetual in coin as well."""
    for rank, (base, price) in enumerate(ASSETS.items(), start=1):
        digits = price_decimals(price, 6 if price >= 100 else 5)
        lots = max(0, min(6, price_decimals(1 / price, 1) + 3))
        yield Listing(VENUE, f"{base}-USDT", "spot", base, "USDT", price, digits, lots, rank)
        yield Listing(VENUE, f"{base}-USDT-SWAP", "perpetual", base, "USDT", price, digits, 2, rank, "USDT")
        if base in MAJORS:
            size = _DOLLARS.get(base, 10)
            yield Listing(
                VENUE, f"{base}-USD-SWAP", "perpetual", base, "USD", price, digits, 0, rank + 2, base, size
            )


def expiries(now_ns: int) -> list[datetime]:
    """Fridays at 8 in the morning, UTC: the first is at least a week away."""
    day = datetime.fromtimestamp(now_ns / 1e9, UTC).replace(hour=_HOUR, minute=0, second=0, microsecond=0)
    first = day + timedelta(days=7 + (4 - day.weekday()) % 7)
    return [first + timedelta(days=7 * number) for number in range(EXPIRIES)]


def chains(now_ns: int, assets: int = len(MAJORS)) -> list[str]:
    """Full names of the options of a start, and of a future of each of so many assets."""
    dates = [f"{expiry:%y%m%d}" for expiry in expiries(now_ns)]
    return [f"{VENUE}:{name}" for base in MAJORS[:assets] for name in _of(base, dates)]


def _of(base: str, dates: list[str]) -> Iterator[str]:
    step = _STEP[base]
    middle = round(ASSETS[base] / step) * step
    strikes = [middle + step * (number - STRIKES // 2) for number in range(STRIKES)]
    yield f"{base}-USD-{dates[-1]}"
    for date, strike, right in product(dates, strikes, "CP"):
        yield f"{base}-USD-{date}-{strike}-{right}"


def named(name: str) -> Listing | None:
    """A future or an option by its full name; its price is that of its expiry a month away."""
    venue, _, native = name.partition(":")
    found = _NAME.fullmatch(native)
    if venue != VENUE or found is None:
        return None
    base, year, month, day, strike, right = found.groups()
    try:
        expires = datetime(2000 + int(year), int(month), int(day), _HOUR, tzinfo=UTC)
    except ValueError:
        return None
    expiry_ms, price = round(expires.timestamp() * 1000), ASSETS[base]
    if not strike:
        size = _DOLLARS.get(base, 10)
        digits = price_decimals(price, 6)
        return Listing(
            VENUE, native, "future", base, "USD", price, digits, 0, _FUTURE_RANK, base, size, expiry_ms
        )
    terms = int(strike), "call" if right == "C" else "put"
    option = Listing(
        VENUE, native, "option", base, base, 0.03, 4, 0, _OPTION_RANK, base, 1, expiry_ms, *terms
    )
    begun = options.worth(option, price, (expiry_ms - _MONTH_MS) * 1_000_000)
    return option._replace(price=max(begun.price / price, 0.0005))


def type_of(listing: Listing) -> str:
    words = {"spot": "SPOT", "perpetual": "SWAP", "future": "FUTURES", "option": "OPTION"}
    return words[listing.kind]


def contract_value(listing: Listing) -> str:
    """What the venue calls ``ctVal``: of an option one of the base, a hundredth of it by its multiplier."""
    if listing.strike:
        return "1"
    return str(listing.contract_size) if listing.inverse else _SIZES.get(listing.base, "1")


def family(listing: Listing) -> str:
    return f"{listing.base}-{'USD' if listing.inverse else listing.quote}"
