"""What Bitstamp lists here: everything in dollars, a pair of currencies, perpetuals of the majors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from feeds.simulator.assets import ASSETS, FOREX, Listing, price_decimals

VENUE = "BITSTAMP"
_MAJORS = ("BTC", "ETH")
_MOST = 600
_EURO = "EUR/USD"


def markets(assets: Iterable[tuple[str, float]]) -> Iterator[Listing]:
    """The busiest first; they are there by name alone."""
    for rank, (base, price) in enumerate(islice(assets, _MOST), start=1):
        digits = price_decimals(price, 5), 8
        yield Listing(VENUE, f"{base.lower()}usd", "spot", base, "USD", price, *digits, rank)
        if rank == len(_MAJORS):
            yield from _others(rank)


def _others(rank: int) -> Iterator[Listing]:
    base, quote = _EURO.split("/")
    yield Listing(VENUE, "eurusd", "forex", base, quote, FOREX[_EURO], 5, 5, rank + 3)
    for each in _MAJORS:
        price = ASSETS[each]
        digits = price_decimals(price, 5), 5
        native = f"{each.lower()}usd-perp"
        yield Listing(VENUE, native, "perpetual", each, "USD", price, *digits, rank + 4, settle="USD")
