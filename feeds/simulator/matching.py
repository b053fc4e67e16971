"""A limit order book with price-time priority, in whole units of price and quantity. Knows no venue.

Sides are :data:`BID` and :data:`ASK`. A side's prices are kept sorted under a key that grows away from the
touch (``-price`` for bids, ``price`` for asks), so that rank 0 is always the best level.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import NamedTuple

BID, ASK = 0, 1


class Fill(NamedTuple):
    """One match: the maker's price, the quantity, and the maker's order."""

    price: int
    qty: int
    maker: int


class Change(NamedTuple):
    """A level after an operation; ``qty`` 0 means that it is gone."""

    side: int
    price: int
    qty: int


class BookSide:
    """Levels of one side: orders in the order they came, totals, and prices by rank."""

    __slots__ = ("keys", "levels", "sign", "totals")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.keys: list[int] = []
        self.levels: dict[int, dict[int, int]] = {}
        self.totals: dict[int, int] = {}

    def best(self) -> int:
        """The best price, 0 when the side is empty."""
        return self.keys[0] * self.sign if self.keys else 0

    def price_at(self, rank: int) -> int:
        return self.keys[rank] * self.sign

    def top(self, count: int) -> list[tuple[int, int]]:
        """(price, quantity) of the best ``count`` levels, all of them with 0."""
        sign, totals = self.sign, self.totals
        return [(key * sign, totals[key * sign]) for key in (self.keys[:count] if count else self.keys)]

    def add(self, price: int, order: int, qty: int) -> None:
        level = self.levels.get(price)
        if level is None:
            self.levels[price] = {order: qty}
            self.totals[price] = qty
            insort(self.keys, price * self.sign)
        else:
            level[order] = qty
            self.totals[price] += qty

    def take(self, price: int, order: int, qty: int) -> None:
        """Take ``qty`` from an order; an empty order and an empty level disappear."""
        level = self.levels[price]
        level[order] -= qty
        self.totals[price] -= qty
        if not level[order]:
            del level[order]
        if not level:
            del self.levels[price], self.totals[price]
            del self.keys[bisect_left(self.keys, price * self.sign)]


class MatchingBook:
    """Orders in, fills and changed levels out."""

    __slots__ = ("_changed", "_next_order", "kept", "orders", "sides")

    def __init__(self) -> None:
        # Orders that only their owner cancels.
        self.kept: set[int] = set()
        self.sides = (BookSide(-1), BookSide(1))
        self.orders: dict[int, tuple[int, int]] = {}
        self._next_order = 1
        self._changed: dict[tuple[int, int], None] = {}

    def limit(self, side: int, price: int, qty: int, *, rest: bool = True) -> tuple[int, list[Fill]]:
        """Match up to ``price``; what is left rests unless told not to. The order is 0 when nothing rests."""
        if price <= 0 or qty <= 0:
            raise ValueError(f"order: price and quantity must be positive, found {price} and {qty}")
        fills = self._match(side, price, qty)
        left = qty - sum(fill.qty for fill in fills)
        if not left or not rest:
            return 0, fills
        order, self._next_order = self._next_order, self._next_order + 1
        self.orders[order] = (side, price)
        self.sides[side].add(price, order, left)
        self._changed[side, price] = None
        return order, fills

    def market(self, side: int, qty: int) -> list[Fill]:
        """Match whatever is there, up to ``qty``."""
        opposite = self.sides[1 - side]
        worst = opposite.price_at(-1) if opposite.keys else 0
        return self._match(side, worst, qty) if worst else []

    def cancel(self, order: int) -> int:
        """Remove an order; returns the quantity that was left, 0 when there is no such order."""
        found = self.orders.pop(order, None)
        if found is None:
            return 0
        side, price = found
        left = self.sides[side].levels[price][order]
        self.sides[side].take(price, order, left)
        self._changed[side, price] = None
        return left

    def take_changes(self) -> list[Change]:
        """Levels touched since the last call, each once, in the order they were first touched."""
        changed, self._changed = self._changed, {}
        totals = (self.sides[BID].totals, self.sides[ASK].totals)
        return [Change(side, price, totals[side].get(price, 0)) for side, price in changed]

    def _match(self, side: int, limit: int, qty: int) -> list[Fill]:
        opposite = self.sides[1 - side]
        fills: list[Fill] = []
        bound = limit * opposite.sign
        while qty and opposite.keys and opposite.keys[0] <= bound:
            price = opposite.best()
            maker, resting = next(iter(opposite.levels[price].items()))
            taken = min(qty, resting)
            opposite.take(price, maker, taken)
            if taken == resting:
                del self.orders[maker]
            self._changed[1 - side, price] = None
            fills.append(Fill(price, taken, maker))
            qty -= taken
        return fills
