"""What one of each asset is worth in one currency, worked out once for all who hold it. Pure.

All functions run under :func:`marketdash.portfolios.accounting.exact.precisely`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from marketdash.portfolios.accounting.exact import ONE, PLACES, places, plain
from marketdash.portfolios.valuing.valuation import Market, Rate, Step

FAR = PLACES + 1
"""Places of a price that has too many of them, or is a quotient: a value is rounded then."""


class Earlier(NamedTuple):
    """What a market's ``base`` cost a day ago, in its quote."""

    base: str
    price: Decimal


@dataclass(slots=True)
class Priced:
    """One of an asset, for all who hold it. ``earlier``: what it was a day ago, along the same path.

    A stale price says nothing of a day. ``age_us`` is None where no market is asked: the currency is worth
    itself. ``text`` is the price's, ``places`` are its places where it is all of the rate. ``course`` is the
    same object, and so is ``earlier``, while only the price moves: along the same path, in the same state.
    ``said`` is for whoever puts it into words for all of them.
    """

    rate: Rate
    price: Decimal
    text: str
    is_live: bool
    age_us: int | None
    path: str
    by: tuple[str, ...]
    earlier: tuple[Decimal, Decimal] | None
    places: int
    course: object = field(compare=False)
    said: Any = field(default=None, compare=False)


class Pricing:
    """``now`` has all that were asked for, as of the last :meth:`settle`. None: no market leads from it. An
    asset's is the same object until something of it came anew.
    """

    def __init__(self, market: Market, earlier: Mapping[str, Earlier]) -> None:
        self.market, self._earlier = market, earlier
        self.now: dict[str, Priced | None] = {}

    def of(self, asset: str) -> Priced | None:
        self.settle()
        if asset not in self.now:
            self.now[asset] = self._made(asset)
        return self.now[asset]

    def settle(self) -> None:
        """Take in what the market heard."""
        moved, self.market.moved = self.market.moved, set()
        for asset in moved & self.now.keys() if moved else ():
            self.now[asset] = self._made(asset)

    def _made(self, asset: str) -> Priced | None:
        rate = self.market.rate(asset)
        return None if rate is None else _priced(rate, self._earlier, self.now.get(asset))


def _priced(rate: Rate, earlier: Mapping[str, Earlier], before: Priced | None) -> Priced:
    is_live, course, then = rate.is_live, None, None
    if before is not None and _is_same_way(rate.steps, before.rate.steps):
        by, path, course = before.by, before.path, before.course
    else:
        by, path = tuple([step.symbol for step in rate.steps]), rate.path
    if is_live:
        then = _a_day_ago(rate.steps, earlier)
        if before is not None and then == before.earlier:
            then = before.earlier
    if before is None or before.is_live != is_live or (before.earlier is None) != (then is None):
        course = None
    price, text, places = _price(rate)
    age_us = rate.age_us if by else None
    return Priced(rate, price, text, is_live, age_us, path, by, then, places, course or object())


def _is_same_way(steps: Sequence[Step], before: Sequence[Step]) -> bool:
    return len(steps) == len(before) and all(
        one[:3] == other[:3] for one, other in zip(steps, before, strict=True)
    )


def _price(rate: Rate) -> tuple[Decimal, str, int]:
    if rate.under is ONE or rate.under == ONE:
        text = plain(rate.over)
        digits = places(text)
        if digits <= PLACES:
            return Decimal(text), text, digits
    price = rate.of(ONE)
    return price, plain(price), FAR


def _a_day_ago(steps: Iterable[Step], earlier: Mapping[str, Earlier]) -> tuple[Decimal, Decimal] | None:
    over = under = ONE
    for step in steps:
        then = earlier.get(step.symbol)
        if then is None or not then.price:
            return None
        if then.base == step.source:
            over = then.price if over is ONE else over * then.price
        else:
            under *= then.price
    return over, under
