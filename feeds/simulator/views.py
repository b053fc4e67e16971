"""What a subscriber is told of a book: changes in view, or all changes of a stretch of time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from feeds.simulator.market import Tick
from feeds.simulator.matching import BookSide, Change, MatchingBook

_ENDLESS = 1 << 62

Levels = list[tuple[int, int]]


class DepthView:
    """The best ``depth`` levels a side of one book. Levels pushed out of view are not announced."""

    __slots__ = ("_book", "_bounds", "depth")

    def __init__(self, book: MatchingBook, depth: int) -> None:
        self._book, self.depth = book, depth
        self._bounds = [self._bound(side) for side in book.sides]

    def after(self, changes: Sequence[Change]) -> tuple[Levels, Levels]:
        """(bids, asks) to announce, absolute quantities, 0 removes; the book has changed already."""
        return self._side(0, changes), self._side(1, changes)

    def snapshot(self) -> tuple[Levels, Levels]:
        bids, asks = self._book.sides
        return bids.top(self.depth), asks.top(self.depth)

    def _side(self, index: int, changes: Sequence[Change]) -> Levels:
        side = self._book.sides[index]
        before, after = self._bounds[index], self._bound(side)
        self._bounds[index] = after
        told: Levels = []
        for _, price, qty in (change for change in changes if change.side == index):
            if price * side.sign <= (after if qty else before):
                told.append((price, qty))
        if after > before:
            known = {price for price, _ in told}
            told.extend(level for level in self._entering(side, before) if level[0] not in known)
        return told

    def _entering(self, side: BookSide, before: int) -> Levels:
        keys = side.keys[bisect_right(side.keys, before) : self.depth]
        return [(key * side.sign, side.totals[key * side.sign]) for key in keys]

    def _bound(self, side: BookSide) -> int:
        return side.keys[self.depth - 1] if len(side.keys) >= self.depth else _ENDLESS


class Batch:
    """Changed levels since the last depth event of one speed. ``first`` 0: none yet."""

    __slots__ = ("changes", "first", "last")

    def __init__(self) -> None:
        self.first = self.last = 0
        self.changes: dict[tuple[int, int], int] = {}

    def add(self, tick: Tick) -> None:
        self.first = self.first or tick.first_id
        self.last = tick.first_id + len(tick.changes) - 1
        for side, price, qty in tick.changes:
            self.changes[side, price] = qty
