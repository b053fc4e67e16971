"""One instrument of one venue: its true book, its trades, its bars and its day."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from feeds.simulator.assets import Listing
from feeds.simulator.bars import BarBook, Scale
from feeds.simulator.flow import NOTHING, Flow, Taken
from feeds.simulator.history import History
from feeds.simulator.matching import ASK, BID, Change, Fill, MatchingBook
from feeds.simulator.options import worth
from feeds.simulator.stats import RollingDay
from feeds.simulator.walk import Walk

_MINUTE_NS = 60_000_000_000
_TRADES_KEPT = 1000
_SEED_NS = 50_000_000_000
_TOPS_KEPT = 2000


def origin_min(start_ns: int) -> int:
    """The minute up to which the past is drawn; from there on bars are made of trades."""
    return (start_ns - _SEED_NS) // _MINUTE_NS


class TradeRecord(NamedTuple):
    """``bought``: the taker bought. ``market``: it came as a market order."""

    trade_id: int
    bought: bool
    price: int
    qty: int
    time_ns: int
    market: bool


Hit = Callable[[TradeRecord], None]


class Tick(NamedTuple):
    """All that one action changed. ``first_id`` is the update id of the first change."""

    market: Market
    changes: list[Change]
    trades: list[TradeRecord]
    best_moved: bool
    first_id: int
    time_ns: int


class Market:
    """The oracle of one instrument."""

    def __init__(
        self, listing: Listing, walk: Walk, history: History, rng: random.Random, start_ns: int, levels: int
    ) -> None:
        self.listing, self._walk = listing, walk
        self.book = MatchingBook()
        self._owned: dict[int, Hit] = {}
        self.flow = Flow(listing, self.book, rng, levels)
        self._units = 10**listing.price_decimals
        # Venues never agree to the last digit.
        self._basis = 1 + rng.gauss(0, 0.3e-4)
        origin = origin_min(start_ns)
        self.bars = BarBook(history, self._scale(start_ns), origin)
        self.stats = RollingDay(self.bars, origin)
        self.trades: deque[TradeRecord] = deque(maxlen=_TRADES_KEPT)
        self.update_id = 1_000_000 + rng.randrange(1_000_000)
        self.trade_id = 100_000 + rng.randrange(900_000)
        self.last_price = round(self.fair(start_ns))
        self.status = "trading"
        self.flow.fill_book(self.fair(start_ns))
        self._seed_trades(start_ns, rng)
        self._best = self._touch()
        self.tops: deque[tuple[int, tuple[int, int, int, int]]] = deque(
            [(start_ns, self._best)], maxlen=_TOPS_KEPT
        )

    def fair(self, now_ns: int) -> float:
        """What the instrument is worth now, in price units."""
        value = self.underlying(now_ns)
        if self.listing.in_coin:
            dollars = self.dollars(now_ns)
            # Of what is worth nearly nothing the least price is asked.
            value = max(worth(self.listing, dollars, now_ns).price / dollars, 1 / self._units)
        elif self.listing.strike:
            value = worth(self.listing, value, now_ns).price
        return value * self._units * self._basis

    def underlying(self, now_ns: int) -> float:
        """What one of the base is worth in the quote."""
        return self._walk.dollars(self.listing.base, now_ns) / self._walk.dollars(self.listing.quote, now_ns)

    def dollars(self, now_ns: int) -> float:
        """What one of the base is worth in dollars."""
        return self._walk.dollars(self.listing.base, now_ns)

    def act(self, now_ns: int) -> Tick:
        """Let one trader act; returns what changed."""
        return self._tick(self.flow.act(self.fair(now_ns)), now_ns)

    def place(self, side: int, price: int, qty: int, now_ns: int) -> tuple[int, list[Fill], Tick]:
        """Somebody's own order among all others, at price 0 a market order; 0 when none of it rests."""
        if price:
            order, fills = self.book.limit(side, price, qty, rest=True)
        else:
            order, fills = 0, self.book.market(side, qty)
        return order, fills, self._tick(Taken(fills, side, not price), now_ns)

    def own(self, order: int, hit: Hit) -> None:
        """The flow leaves this resting order alone, and ``hit`` is told of each trade against it."""
        self.book.kept.add(order)
        self._owned[order] = hit

    def disown(self, order: int) -> None:
        self.book.kept.discard(order)
        self._owned.pop(order, None)

    def withdraw(self, order: int, now_ns: int) -> Tick:
        """Cancel somebody's own order."""
        self.disown(order)
        self.book.cancel(order)
        return self._tick(NOTHING, now_ns)

    def _tick(self, taken: Taken, now_ns: int) -> Tick:
        changes = self.book.take_changes()
        first_id = self.update_id + 1
        self.update_id += len(changes)
        trades = self._record(taken, now_ns) if taken.fills else []
        best = self._touch()
        moved, self._best = best != self._best, best
        if moved:
            self.tops.append((now_ns, best))
        return Tick(self, changes, trades, moved, first_id, now_ns)

    def roll(self, now_ns: int) -> None:
        """Close bars whose time is over."""
        self.bars.roll(now_ns // _MINUTE_NS)
        self.stats.roll(now_ns // _MINUTE_NS)

    def _touch(self) -> tuple[int, int, int, int]:
        bids, asks = self.book.sides
        bid, ask = bids.best(), asks.best()
        return bid, bids.totals.get(bid, 0), ask, asks.totals.get(ask, 0)

    def _record(self, taken: Taken, now_ns: int) -> list[TradeRecord]:
        bought, minute = taken.side == BID, now_ns // _MINUTE_NS
        made = []
        for fill in taken.fills:
            self.trade_id += 1
            made.append(TradeRecord(self.trade_id, bought, fill.price, fill.qty, now_ns, taken.market))
            self.bars.add(minute, fill.price, fill.qty, bought=bought, trade_id=self.trade_id)
            self.stats.add(minute, fill.price, fill.qty, bought=bought, trade_id=self.trade_id)
        self.trades.extend(made)
        self.last_price = made[-1].price
        for fill, record in zip(taken.fills, made, strict=True):
            if hit := self._owned.get(fill.maker):
                hit(record)
        return made

    def _scale(self, start_ns: int) -> Scale:
        # Turnover falls with the rank, as it does everywhere.
        dollars = 3e8 / self.listing.rank**1.2
        volume = dollars / self.listing.worth * 10**self.listing.qty_decimals
        return Scale(self.fair(start_ns), volume, 60_000 / self.listing.rank + 200)

    def _seed_trades(self, start_ns: int, rng: random.Random) -> None:
        """Fifty trades of just before the start, at the touch, so that no tape begins empty."""
        bid, _, ask, _ = self._touch()
        for time_ns in sorted(start_ns - rng.randrange(1, _SEED_NS) for _ in range(50)):
            bought = rng.random() < 0.5
            qty = max(1, int(self.flow.typical * rng.uniform(0.05, 2)))
            fill = Fill(ask if bought else bid, qty, 0)
            self._record(Taken([fill], BID if bought else ASK, True), time_ns)
