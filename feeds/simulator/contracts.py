"""What is simulated beside the busiest spot markets: contracts on the majors, Bybit's markets, options.

They are made only where somebody asks for them by name: each is a whole market, with a book of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from feeds.simulator import options
from feeds.simulator.assets import ASSETS, Listing, made_up, price_decimals

VENUES = ("BINANCE_USDM", "BINANCE_COINM", "BYBIT_LINEAR", "BYBIT_INVERSE")
# Years ahead: none expires while it is simulated.
_QUARTER_MS = 2_113_891_200_000
_MAJORS = 2
_INVERSE = ("BINANCE_COINM", "BYBIT_INVERSE")
# Of an asset, perpetual and quarter.
_NATIVE = {
    "BINANCE_USDM": ("{base}USDT", "{base}USDT_361226"),
    "BINANCE_COINM": ("{base}USD_PERP", "{base}USD_361226"),
    "BYBIT_LINEAR": ("{base}USDT", "{base}USDT-26DEC36"),
    "BYBIT_INVERSE": ("{base}USD", "{base}USDZ36"),
}
_HUNDRED = "BTC"
"""The asset whose inverse contract is worth 100 dollars at Binance, all others' ten; Bybit's are one each."""


def contracts() -> Iterator[Listing]:
    """The busiest first, of all venues in turn; spot and options of Bybit too."""
    for rank, (base, price) in enumerate(ASSETS.items(), start=1):
        yield _spot(base, price, rank)
        for venue in VENUES:
            yield _contract(venue, base, price, rank, quarter=False)
            if rank <= _MAJORS:
                yield _contract(venue, base, price, rank + 8, quarter=True)
        if rank == _MAJORS:
            yield from options.chain("BYBIT_OPTION", "USDT", "{base}-{expiry}-{strike}-{right}-USDT", 0, 2)


_MADE_UP_RANK = 50


def named(name: str) -> Listing | None:
    """A perpetual, or a spot market of Bybit, of an asset that was made up: ``BYBIT_LINEAR:SIM0123USDT``."""
    if (found := made_up(name)) is None:
        return None
    venue, base, price = found
    if venue in VENUES:
        made = _contract(venue, base, price, _MADE_UP_RANK, quarter=False)
    else:
        made = _spot(base, price, _MADE_UP_RANK)
    return made if made.name == name else None


def perpetuals(assets: int) -> list[str]:
    """Names of the perpetuals of so many assets."""
    found = (listing.name for listing in contracts() if listing.kind == "perpetual")
    return list(islice(found, assets * len(VENUES)))


def beside(assets: int) -> list[str]:
    """What a demonstration has beside: perpetuals of so many assets, Bybit's spot, and the options of one."""
    bases = list(ASSETS)[:assets]
    others = [listing for listing in contracts() if listing.kind in ("spot", "option")]
    spot = [listing.name for listing in others if listing.kind == "spot" and listing.base in bases]
    chain = [listing.name for listing in others if listing.kind == "option" and listing.base in bases[:1]]
    return [*perpetuals(assets), *spot, *chain]


def _spot(base: str, price: float, rank: int) -> Listing:
    lots = max(0, min(6, price_decimals(1 / price, 1) + 3))
    return Listing("BYBIT", f"{base}USDT", "spot", base, "USDT", price, price_decimals(price, 6), lots, rank)


def _contract(venue: str, base: str, price: float, rank: int, *, quarter: bool) -> Listing:
    inverse, bybit = venue in _INVERSE, venue.startswith("BYBIT")
    quote, size = ("USD", 1 if bybit else 100 if base == _HUNDRED else 10) if inverse else ("USDT", 1)
    digits = price_decimals(price, 6 if price >= 100 else 5)
    lots = 0 if inverse else max(0, min(3, price_decimals(1 / price, 1) + 1))
    native = _NATIVE[venue][quarter].format(base=base)
    return Listing(
        venue, native, "future" if quarter else "perpetual", base, quote, price, digits, lots, rank,
        settle=base if inverse else quote, contract_size=size, expiry_ms=_QUARTER_MS if quarter else 0,
    )  # fmt: skip
