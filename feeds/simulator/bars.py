"""Bars of one instrument: drawn for the time before the start, built from trades afterwards."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from feeds.simulator.history import DAY_MIN, INTERVALS, History

_KEPT = 1500


@dataclass(slots=True)
class TradedBar:
    """``start_min`` in minutes since 1970; prices and volume in units; ``turnover`` is price × quantity.

    ``bought`` and ``bought_turnover`` count what takers bought; ``first_id`` is 0 without trades.
    """

    start_min: int
    open: int
    high: int
    low: int
    close: int
    volume: int = 0
    turnover: int = 0
    trades: int = 0
    bought: int = 0
    bought_turnover: int = 0
    first_id: int = 0
    last_id: int = 0

    def add(self, price: int, qty: int, *, bought: bool, trade_id: int) -> None:
        if not self.trades:
            self.open = self.high = self.low = price
        self.high, self.low, self.close = max(self.high, price), min(self.low, price), price
        self.volume += qty
        self.turnover += price * qty
        self.trades += 1
        if bought:
            self.bought += qty
            self.bought_turnover += price * qty
        self.first_id, self.last_id = self.first_id or trade_id, trade_id


def joined(bars: list[TradedBar], start_min: int) -> TradedBar:
    """One bar of several in a row."""
    whole = replace(bars[0], start_min=start_min, close=bars[-1].close)
    for bar in bars[1:]:
        whole.high, whole.low = max(whole.high, bar.high), min(whole.low, bar.low)
        whole.volume += bar.volume
        whole.turnover += bar.turnover
        whole.trades += bar.trades
        whole.bought += bar.bought
        whole.bought_turnover += bar.bought_turnover
    return whole


@dataclass(slots=True)
class Scale:
    """What turns relative bars into units: the price at the start, a day's volume, a day's trades."""

    price: float
    volume: float
    trades: float


class BarBook:
    """All intervals of one instrument."""

    def __init__(self, history: History, scale: Scale, origin_min: int) -> None:
        self._history, self._scale, self._origin = history, scale, origin_min
        self._closed: dict[int, deque[TradedBar]] = {each: deque(maxlen=_KEPT) for each in INTERVALS}
        self.running = {each: self._running_at_start(each) for each in INTERVALS}

    def add(self, now_min: int, price: int, qty: int, *, bought: bool, trade_id: int) -> None:
        """Count one trade in every interval."""
        self.roll(now_min)
        for bar in self.running.values():
            bar.add(price, qty, bought=bought, trade_id=trade_id)

    def roll(self, now_min: int) -> None:
        """Close bars that ended before ``now_min``; minutes without a trade are flat at the last close."""
        for interval, bar in self.running.items():
            while now_min >= bar.start_min + interval:
                self._closed[interval].append(bar)
                last = bar.close
                bar = TradedBar(bar.start_min + interval, last, last, last, last)
            self.running[interval] = bar

    def last(self, interval: int, count: int, end_min: int | None = None) -> list[TradedBar]:
        """The last ``count`` bars that start by ``end_min``, oldest first, the running one included."""
        running = self.running[interval]
        bars = [*self._closed[interval], running]
        if end_min is not None:
            bars = [bar for bar in bars if bar.start_min <= end_min]
        bars = bars[-count:]
        start = bars[0].start_min if bars else (end_min or 0) // interval * interval + interval
        while len(bars) < count:
            start -= interval
            bars.insert(0, self.drawn(interval, start))
        return bars

    def drawn(self, interval: int, start_min: int) -> TradedBar:
        """A bar of before the start."""
        shape = self._history.bar(interval, start_min)
        scale = self._scale
        opened, high, low, close = (max(1, round(value * scale.price)) for value in shape[:4])
        activity = self._history.day_activity(start_min // DAY_MIN)
        volume = int(shape.end * scale.volume * activity) - int(shape.begin * scale.volume * activity)
        trades = int(shape.end * scale.trades * activity) - int(shape.begin * scale.trades * activity)
        turnover = volume * (opened + high + low + close) // 4
        return TradedBar(
            start_min, opened, high, low, close, volume, turnover, trades, volume // 2, turnover // 2
        )

    def _running_at_start(self, interval: int) -> TradedBar:
        start = self._origin // interval * interval
        pieces, at = [], start
        while at < self._origin:
            # The longest drawn bar that fits before the origin.
            length = next(
                each for each in reversed(INTERVALS)
                if each <= interval and at % each == 0 and at + each <= self._origin
            )  # fmt: skip
            pieces.append(self.drawn(length, at))
            at += length
        if not pieces:
            price = round(self._scale.price)
            return TradedBar(start, price, price, price, price)
        return joined(pieces, start)
