"""Who trades: a seeded stream of limit orders, cancels and market orders around a fair price.

Most limit orders land near the touch, a few far away; sizes are log-normal and often round; market orders
come in clusters; whoever sees a quote on the wrong side of the fair price takes it.
"""

from __future__ import annotations

import math
import random
from typing import NamedTuple

from feeds.simulator.assets import Listing
from feeds.simulator.matching import ASK, BID, Fill, MatchingBook

_NOTIONAL = 900.0
_ROUND_SHARE = 0.35


class Taken(NamedTuple):
    """What one action did. ``side`` is the taker's (BID bought); ``market`` is its order type."""

    fills: list[Fill]
    side: int
    market: bool


NOTHING = Taken([], BID, False)


class Flow:
    """The traders of one instrument."""

    def __init__(self, listing: Listing, book: MatchingBook, rng: random.Random, levels: int) -> None:
        self.book, self.rng, self.levels = book, rng, levels
        price_units = listing.price * 10**listing.price_decimals
        spread = 0.3e-4 if listing.kind == "forex" else 0.5e-4
        self.half = max(0.5, price_units * spread * min(4.0, 0.8 + 0.2 * listing.rank))
        self.typical = max(1.0, _NOTIONAL / listing.worth * 10**listing.qty_decimals)
        if listing.kind == "forex":
            self.typical *= 8
        self._cluster, self._cluster_side = 0, BID

    def fill_book(self, fair: float) -> None:
        """The book before anybody traded: dense at the touch, thin far away."""
        # Prices of few digits cannot hold so many levels.
        levels = min(self.levels, int(fair * 0.6))
        gap = min(0.8 * self.half, fair * 0.2 / max(levels, 1))
        for side, sign in ((BID, -1), (ASK, 1)):
            for rank in range(levels):
                far = self.half + gap * rank + fair * 0.25 * (rank / max(levels, 50)) ** 4
                price = self._whole(fair + sign * far * self.rng.uniform(0.95, 1.05), side)
                if 0 < price < 4 * fair:
                    self.book.limit(side, price, self._size(deep=True), rest=True)
        self.book.take_changes()

    def act(self, fair: float) -> Taken:
        """One action. The book's changes are left for the caller to take."""
        bids, asks = self.book.sides
        bid, ask = bids.best(), asks.best()
        # Half a unit of slack: a price on the grid is never exactly fair.
        if asks.keys and ask < fair - 0.5:
            return self._sweep(BID, fair)
        if bids.keys and bid > fair + 0.5:
            return self._sweep(ASK, fair)
        if not bids.keys or not asks.keys or ask - bid > 6 * self.half + 2:
            return self._narrow(fair, bid, ask)
        return self._usual(fair)

    def _usual(self, fair: float) -> Taken:
        if self._cluster:
            self._cluster -= 1
            return self._market(self._cluster_side)
        dice = self.rng.random()
        crowded = len(self.book.sides[BID].keys) + len(self.book.sides[ASK].keys) > 2 * self.levels
        if dice < 0.08:
            if self.rng.random() < 0.15:
                self._cluster, self._cluster_side = self.rng.randint(2, 9), self.rng.randrange(2)
            return self._market(self.rng.randrange(2))
        if dice < (0.60 if crowded else 0.42):
            return self._cancel()
        return self._place(fair)

    def _sweep(self, side: int, fair: float) -> Taken:
        """Take all that is mispriced, at most a few dozen levels."""
        opposite = self.book.sides[1 - side]
        limit = math.floor(fair) if side == BID else math.ceil(fair)
        qty = 0
        for price, level_qty in opposite.top(40):
            if price * opposite.sign > limit * opposite.sign:
                break
            qty += level_qty
        if not qty:
            return NOTHING
        _, fills = self.book.limit(side, limit, qty, rest=False)
        return Taken(fills, side, False)

    def _narrow(self, fair: float, bid: int, ask: int) -> Taken:
        side = BID if not bid or (ask and fair - bid > ask - fair) else ASK
        sign = -1 if side == BID else 1
        return self._limit(side, fair + sign * self.half * self.rng.uniform(0.8, 1.6))

    def _place(self, fair: float) -> Taken:
        side = self.rng.randrange(2)
        sign = -1 if side == BID else 1
        dice = self.rng.random()
        if dice < 0.65:
            far = self.rng.expovariate(1 / (3 * self.half))
        elif dice < 0.9:
            far = self.rng.expovariate(1 / (40 * self.half))
        else:
            far = min(self.half * 40 * self.rng.paretovariate(0.8), fair * 0.4)
        return self._limit(side, fair + sign * (self.half + far))

    def _limit(self, side: int, price: float) -> Taken:
        units = self._whole(price, side)
        if units <= 0:
            return NOTHING
        _, fills = self.book.limit(side, units, self._size(), rest=True)
        return Taken(fills, side, False)

    def _market(self, side: int) -> Taken:
        return Taken(self.book.market(side, max(1, self._size() // 3)), side, True)

    def _cancel(self) -> Taken:
        side = self.book.sides[self.rng.randrange(2)]
        count = len(side.keys)
        # A book is never emptied by cancels alone.
        if count > max(5, self.levels // 3):
            near = self.rng.random() < 0.5
            rank = int(self.rng.expovariate(1 / 12)) if near else int(self.rng.random() * count)
            price = side.price_at(min(rank, count - 1))
            orders = side.levels[price]
            theirs = (order for order in reversed(orders) if order not in self.book.kept)
            self.book.cancel(next(theirs, 0))
        return NOTHING

    def _whole(self, price: float, side: int) -> int:
        return math.floor(price) if side == BID else math.ceil(price)

    def _size(self, *, deep: bool = False) -> int:
        size = self.typical * math.exp(self.rng.gauss(0.7 if deep else 0.0, 1.3))
        if self.rng.random() < _ROUND_SHARE:
            magnitude = 10 ** math.floor(math.log10(size)) if size >= 1 else 1
            size = max(1, round(size / magnitude)) * magnitude
        return max(1, int(size))
