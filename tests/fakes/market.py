"""A market to move by hand or at random: a real state without a feed, whose events go to a sink."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Collection
from typing import Any

from feeds.basics import Basics
from feeds.clock import Clock, SystemClock
from feeds.codec import Subscription
from feeds.events import (
    BASE_UNITS,
    BookDelta,
    BookSnapshot,
    Funding,
    Liquidation,
    Mark,
    OpenInterest,
    OptionQuote,
    Quote,
    Trade,
)
from feeds.state import MarketState
from feeds.symbols import BOOK, CHANNELS, DERIVATIVES, TICKER, TRADE


class Told(Basics):
    """What a state wants to know of its venue: of the usual sort in all else."""

    venue, title = "KRAKEN", "Kraken"
    resync_scope, snapshots, truncate, checksum_levels = "symbol", "stream", False, 0
    channels = (*CHANNELS, *DERIVATIVES)


class Market:
    """A real state of some instruments, moved at random, seeded. ``emit`` is a sink's ``put``; ``contracts``
    are those of them that have a mark price, funding, liquidations and volatilities too."""

    def __init__(
        self,
        emit: Callable[[MarketState, object], None],
        symbols: list[str],
        seed: int = 1,
        clock: Clock | None = None,
        contracts: Collection[str] = (),
    ) -> None:
        self.clock = clock or SystemClock()
        self.symbols, self.contracts = symbols, contracts
        self.state = MarketState(Told(), self.clock, emit=self._emit, resync=lambda _: None)  # type: ignore[arg-type]
        self._put, self._random = emit, random.Random(seed)
        self._ids = itertools.count(1)
        for symbol in symbols:
            native = symbol.partition(":")[2]
            channels = (TICKER, TRADE, BOOK, *(DERIVATIVES if symbol in contracts else ()))
            wanted = [Subscription(channel, symbol, native) for channel in channels]
            self.state.watch(wanted, "link")

    def _emit(self, event: object) -> None:
        self._put(self.state, event)

    def report(self, event: object) -> None:
        """Of the venue, past the state."""
        self._emit(event)

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

    def mark(self, symbol: str, mark: str, index: str = "100.0") -> None:
        now_ns = self.clock.wall_ns()
        self.apply(Mark(symbol, mark, index, "", now_ns // 1000, now_ns))

    def funding(self, symbol: str, rate: str, in_s: int = 3600) -> None:
        now_ns = self.clock.wall_ns()
        next_us = now_ns // 1000 + in_s * 1_000_000
        self.apply(Funding(symbol, rate, next_us, 0, "", now_ns // 1000, now_ns))

    def interest(self, symbol: str, amount: str, unit: str = BASE_UNITS) -> None:
        now_ns = self.clock.wall_ns()
        self.apply(OpenInterest(symbol, amount, unit, now_ns // 1000, now_ns))

    def liquidation(self, symbol: str, price: str, side: str = "sell") -> None:
        now_ns = self.clock.wall_ns()
        self.apply(Liquidation(symbol, side, price, price, "0.5", "0.5", now_ns // 1000, now_ns))

    def option(self, symbol: str, iv: str, delta: str = "0.5") -> None:
        now_ns = self.clock.wall_ns()
        greeks = (delta, "0.00002", "12.5", "-30.25", "4.5")
        told = (iv, iv, iv, *greeks, "C18-27DEC30", "101.5", "0.0")
        self.apply(OptionQuote(symbol, *told, now_ns // 1000, now_ns))

    def begin(self) -> None:
        """Everything live."""
        for symbol in self.contracts:
            self.mark(symbol, "100.2")
            self.funding(symbol, "0.0001")
            self.interest(symbol, "5000.0")
            self.liquidation(symbol, "99.0")
            self.option(symbol, "65.2")
        for symbol in self.symbols:
            self.quote(symbol, "100.0", "101.0")
            self.trade(symbol, "100.5")
            self.book(symbol, [("100.0", "1")], [("101.0", "1")])

    def step(self) -> None:
        """Something happens to some instrument."""
        dice, symbol = self._random, self._random.choice(self.symbols)
        what = dice.randrange(4)
        if symbol in self.contracts and dice.random() < 0.5:
            self._step_contract(symbol, dice)
        elif what == 0:
            self.quote(symbol, f"{dice.randint(900, 999) / 10:.1f}", f"{dice.randint(1001, 1100) / 10:.1f}")
        elif what == 1:
            self.trade(symbol, f"{dice.randint(900, 1100) / 10:.1f}")
        else:
            bid, ask = f"{dice.randint(800, 1000) / 10:.1f}", f"{dice.randint(1010, 1200) / 10:.1f}"
            qty = dice.choice(["0", "0.5", "3.0"])
            self.delta(symbol, [(bid, qty)], [(ask, qty)] if dice.random() < 0.5 else [])

    def _step_contract(self, symbol: str, dice: random.Random) -> None:
        number = f"{dice.randint(900, 1100) / 10:.1f}"
        acts = (self.mark, self.funding, self.interest, self.liquidation, self.option)
        dice.choice(acts)(symbol, number)
