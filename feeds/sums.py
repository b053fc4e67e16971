"""Trades of one minute summed up: one step in the bars of all lengths."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from decimal import Context, Decimal, localcontext
from operator import attrgetter
from typing import NamedTuple

from feeds.events import Trade

_price_of, _qty_of = attrgetter("price"), attrgetter("qty")
# Up to so many characters two different prices are two different floats.
_FLOAT_DIGITS = 16
# Sums stay exact far beyond any volume: 20 digits on either side of the point and room for the count.
EXACT = Context(prec=60)
Moment = tuple[int, int, str]
"""(exchange time, length of the id, id): trades of one instant are in the order of their numeric ids, or
as they came where ids are no numbers."""


class Sum(NamedTuple):
    """Trades of one minute, in order, as one step in a bar."""

    first: Moment
    last: Moment
    open: str
    high: str
    low: str
    close: str
    volume: Decimal
    trades: int


def _moment(trade: Trade) -> Moment:
    name = trade.trade_id
    return (trade.exchange_us, len(name), name) if name.isdecimal() else (trade.exchange_us, 0, "")


def sum_of(trades: Sequence[Trade]) -> Sum:
    first, last = trades[0], trades[-1]
    prices = dict.fromkeys(map(_price_of, trades))
    key = _key_of(prices)
    with localcontext(EXACT):
        volume = sum(map(Decimal, map(_qty_of, trades)), Decimal(0))
    high, low = max(prices, key=key), min(prices, key=key)
    return Sum(_moment(first), _moment(last), first.price, high, low, last.price, volume, len(trades))


def _key_of(prices: Collection[str]) -> Callable[[str], float | Decimal]:
    """What tells any two of them apart: floats do while texts are short."""
    return float if max(map(len, prices)) <= _FLOAT_DIGITS else Decimal


def above(price: str, other: str) -> bool:
    if price == other:
        return False
    key = _key_of((price, other))
    return key(price) > key(other)
