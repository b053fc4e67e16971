"""24-hour figures: a window of quarter-hour buckets, seeded from the drawn past."""

from __future__ import annotations

from collections import deque

from feeds.simulator.bars import BarBook, TradedBar, joined

_BUCKET_MIN, _BUCKETS = 15, 96


class RollingDay:
    """The last 24 hours of one instrument, to the quarter of an hour."""

    def __init__(self, bars: BarBook, origin_min: int) -> None:
        start = origin_min // _BUCKET_MIN * _BUCKET_MIN
        drawn = [bars.drawn(_BUCKET_MIN, start - i * _BUCKET_MIN) for i in range(_BUCKETS, 0, -1)]
        self._bucket = _copy(bars.running[_BUCKET_MIN])
        self._closed: deque[TradedBar] = deque(drawn, maxlen=_BUCKETS)
        self._whole = joined([*self._closed, self._bucket], start)

    def add(self, now_min: int, price: int, qty: int, *, bought: bool, trade_id: int) -> None:
        self.roll(now_min)
        self._bucket.add(price, qty, bought=bought, trade_id=trade_id)
        self._whole.add(price, qty, bought=bought, trade_id=trade_id)

    def roll(self, now_min: int) -> None:
        """Let quarters of an hour that are older than a day go."""
        if now_min < self._bucket.start_min + _BUCKET_MIN:
            return
        while now_min >= self._bucket.start_min + _BUCKET_MIN:
            self._closed.append(self._bucket)
            last = self._bucket.close
            self._bucket = TradedBar(self._bucket.start_min + _BUCKET_MIN, last, last, last, last)
        self._whole = joined([*self._closed, self._bucket], self._bucket.start_min)

    @property
    def day(self) -> TradedBar:
        return self._whole

    @property
    def average(self) -> int:
        """Volume-weighted average price in units."""
        return self._whole.turnover // self._whole.volume if self._whole.volume else self._whole.close


def _copy(bar: TradedBar) -> TradedBar:
    return joined([bar], bar.start_min)
