"""What a fill cost against the quote of then, and how long its order took: exact, or unknown. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from marketdash.portfolios.accounting import exact
from marketdash.portfolios.accounting.exact import InvalidNumber, number, precisely

_BASIS_POINTS = Decimal(10_000)


class Measures(NamedTuple):
    """``slippage`` in the quote currency and ``basis_points`` of the quote: more than 0 is worse than the
    best offer of the other side was, less is better. ``latency_us``: from when the exchange took the order,
    both by its clock. None is unknown."""

    slippage: Decimal | None = None
    basis_points: Decimal | None = None
    latency_us: int | None = None


def of(
    side: str, price: str, qty: str, bid: str, ask: str, exchange_us: int, acknowledged_us: int | None
) -> Measures:
    found = _slippage(side, price, qty, ask if side == "buy" else bid)
    latency_us = None if acknowledged_us is None else exchange_us - acknowledged_us
    return Measures(*found, None if latency_us is None or latency_us < 0 else latency_us)


def _slippage(side: str, price: str, qty: str, best: str) -> tuple[Decimal | None, Decimal | None]:
    try:
        paid, amount, offered = (number(text) for text in (price, qty, best))
    except InvalidNumber:
        return None, None
    if offered <= 0:
        return None, None
    with precisely():
        worse = paid - offered if side == "buy" else offered - paid
        return worse * amount, exact.share(worse, _BASIS_POINTS, offered)
