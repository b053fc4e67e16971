"""A market to move by hand or at random: a real state without a feed, whose events go to a sink."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from feeds.clock import Clock, SystemClock
from feeds.codec import Subscription
from feeds.events import BookDelta, BookSnapshot, Quote, Trade
from feeds.state import MarketState
from feeds.symbols import BOOK, TICKER, TRADE

CODEC = SimpleNamespace(
    venue="KRAKEN",
    title="Kraken",
    resync_scope="symbol",
    snapshots="stream",
    truncate=False,
    checksum_levels=0,
)


class Market:
    """A real state of some instruments, moved at random, seeded. ``emit`` is a sink's ``put``."""

    def __init__(
        self,
        emit: Callable[[MarketState, object], None],
        symbols: list[str],
        seed: int = 1,
        clock: Clock | None = None,
    ) -> None:
        self.clock = clock or SystemClock()
        self.symbols = symbols
        self.state = MarketState(CODEC, self.clock, emit=self._emit, resync=lambda _: None)  # type: ignore[arg-type]
        self._put, self._random = emit, random.Random(seed)
        self._ids = itertools.count(1)
        for symbol in symbols:
            native = symbol.partition(":")[2]
            wanted = [Subscription(channel, symbol, native) for channel in (TICKER, TRADE, BOOK)]
            self.state.watch(wanted, "link")

    def _emit(self, event: object) -> None:
        self._put(self.state, event)

    def apply(self, event: Any) -> None:
        self.state.apply(event, "link")

    def quote(self, symbol: str, bid: str, ask: str = "9999.0") -> None:
        now_ns = self.clock.wall_ns()
        self.apply(Quote(symbol, bid, "1.0", ask, "2.0", now_ns // 1000, now_ns))

    def trade(self, symbol: str, price: str) -> None:
        now_ns = self.clock.wall_ns()
        self.apply(Trade(symbol, str(next(self._ids)), "buy", price, "0.5", now_ns // 1000, now_ns))

    def book(self, symbol: str, bids: list[Any], asks: list[Any]) -> None:
        now_ns = self.clock.wall_ns()
        self.apply(BookSnapshot(symbol, bids, asks, 0, 0, None, now_ns // 1000, now_ns))

    def delta(self, symbol: str, bids: list[Any], asks: list[Any]) -> None:
        now_ns = self.clock.wall_ns()
        self.apply(BookDelta(symbol, bids, asks, 0, 0, None, None, now_ns // 1000, now_ns))

    def begin(self) -> None:
        """Everything live."""
        for symbol in self.symbols:
            self.quote(symbol, "100.0", "101.0")
            self.trade(symbol, "100.5")
            self.book(symbol, [("100.0", "1")], [("101.0", "1")])

    def step(self) -> None:
        """Something happens to some instrument."""
        dice, symbol = self._random, self._random.choice(self.symbols)
        what = dice.randrange(4)
        if what == 0:
            self.quote(symbol, f"{dice.randint(900, 999) / 10:.1f}", f"{dice.randint(1001, 1100) / 10:.1f}")
        elif what == 1:
            self.trade(symbol, f"{dice.randint(900, 1100) / 10:.1f}")
        else:
            bid, ask = f"{dice.randint(800, 1000) / 10:.1f}", f"{dice.randint(1010, 1200) / 10:.1f}"
            qty = dice.choice(["0", "0.5", "3.0"])
            self.delta(symbol, [(bid, qty)], [(ask, qty)] if dice.random() < 0.5 else [])
