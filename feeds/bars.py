"""Bars from trades: each trade costs a few comparisons in the running minute, shared by all lengths.

The running minute gathers as a list of its trades; only when it ends, or when somebody reads, it is summed up
and folded into the bars of all intervals. A late trade is a sum of its own, so there is one way into a bar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile

from feeds.events import Bar, Trade
from feeds.missed import MINUTE_US, Missed
from feeds.sums import EXACT, Moment, Sum, above, sum_of
from feeds.symbols import INTERVALS

KEPT = 500
"""Bars kept of each interval: a keyframe's worth."""

# Before any trade: the opening of a venue's candle stands.
_BEFORE: Moment = (-1, 0, "")
# A venue's clock may be ahead of ours; a trade beyond this would close every bar before its time.
_AHEAD_US = 300_000_000


@dataclass(slots=True)
class _Running:
    """One bar. ``final``: it came from the venue's own candles, so trades change it no more. ``ground``: it
    began as such a candle that was running, and some of its trades may have come again; or a trade in it was
    taken back. Only the venue's candle settles it."""

    start_us: int
    first: Moment
    last: Moment
    open: str
    high: str
    low: str
    close: str
    volume: Decimal
    trades: int
    final: bool = False
    ground: bool = False

    def merge(self, more: Sum) -> None:
        if more.first < self.first:
            self.first, self.open = more.first, more.open
        if more.last >= self.last:
            self.last, self.close = more.last, more.close
        if above(more.high, self.high):
            self.high = more.high
        if above(self.low, more.low):
            self.low = more.low
        self.volume = EXACT.add(self.volume, more.volume)
        self.trades += more.trades


class Bars:
    """All bars of one instrument. Methods that change bars return the changed ones, for the sinks.

    ``since_us``: when we began to listen; a bar that began before is incomplete until the venue's own candle
    replaces it. The running minute is reported once, and again only after somebody read, because sinks take
    absolute values; a running bar of 1 minute stands for the running bars of all intervals.
    """

    __slots__ = (
        "instrument",
        "_series",
        "_pending",
        "_last_us",
        "_last_id",
        "_end_us",
        "_missed",
        "_time_us",
        "_asked_us",
        "_reported",
        *("_ahead_us", "_doubted_us", "_wants"),
    )

    def __init__(self, instrument: str, since_us: int) -> None:
        self.instrument = instrument
        self._series: dict[int, dict[int, _Running]] = {interval: {} for interval in INTERVALS}
        self._pending: list[Trade] = []
        self._last_us, self._last_id, self._end_us = -1, "", 0
        self._missed = Missed(since_us)
        self._time_us = 0
        self._asked_us = dict.fromkeys(INTERVALS, 0)
        self._reported = False
        # How far the venue's clock is ahead of ours, as far as that is known.
        self._ahead_us = self._doubted_us = 0
        # What is wanted of the venue's candles: asked far more often than it changes. None: not known.
        self._wants: list[int] | None = None

    def add(self, trade: Trade) -> Iterable[Bar]:
        name, us = trade.trade_id, trade.exchange_us
        if not self._last_us < us < self._end_us and not self._follows(name, us):
            return self._add_slowly(trade)
        self._last_us, self._last_id = us, name
        self._pending.append(trade)
        return () if self._reported else self._report(self._end_us - MINUTE_US)

    def _follows(self, name: str, us: int) -> bool:
        """Whether a trade of the last one's own instant comes after it."""
        return us == self._last_us and not _before(name, self._last_id)

    def _add_slowly(self, trade: Trade) -> list[Bar]:
        us, self._wants = trade.exchange_us, None
        if us > trade.received_ns // 1000 + self._ahead_us + _AHEAD_US and self._doubts(trade):
            return []
        self.fold()
        if us >= self._end_us:
            return self._begin_minute(trade)
        self._put(sum_of((trade,)), us)
        starts = [(interval, _start(us, interval)) for interval in INTERVALS]
        return [self._bar(i, self._series[i][start]) for i, start in starts if start in self._series[i]]

    def _doubts(self, trade: Trade) -> bool:
        """Whether a time so far ahead of our clock is an error. If two tell it, it is our clock."""
        us, ahead_us = trade.exchange_us, trade.exchange_us - trade.received_ns // 1000
        if abs(ahead_us - self._doubted_us) > _AHEAD_US:
            self._doubted_us = ahead_us
            self._missed.lose(us, self._last_us)
            return True
        self._ahead_us = ahead_us
        self._missed.listen_from(us)
        return False

    def _begin_minute(self, trade: Trade) -> list[Bar]:
        start_us = _start(trade.exchange_us, 1)
        self._pending.append(trade)
        self._last_us, self._last_id, self._end_us = trade.exchange_us, trade.trade_id, start_us + MINUTE_US
        return [*self.advance(start_us), *self._report(start_us)]

    def _report(self, start_us: int) -> list[Bar]:
        self.fold()
        self._reported = True
        bar = self._series[1].get(start_us)
        return [] if bar is None else [self._bar(1, bar)]

    def fold(self) -> None:
        """Bring the running minute's bars up to date. Whoever appends calls it now and then: trades wait."""
        if self._pending:
            self._put(sum_of(self._pending), self._last_us)
            self._pending.clear()

    def _put(self, more: Sum, us: int) -> None:
        for interval, series in self._series.items():
            start_us = _start(us, interval)
            bar = series.get(start_us)
            if bar is None:
                self._insert(interval, _Running(start_us, *more))
            elif not bar.final:
                bar.merge(more)

    def _insert(self, interval: int, bar: _Running) -> None:
        series = self._series[interval]
        newest = not series or bar.start_us > next(reversed(series))
        series[bar.start_us] = bar
        if not newest:
            self._arrange(interval)
        elif len(series) > KEPT:
            del series[next(iter(series))]

    def _arrange(self, interval: int) -> None:
        """In order again, and no more than are kept."""
        self._series[interval] = dict(sorted(self._series[interval].items())[-KEPT:])

    def advance(self, now_us: int) -> list[Bar]:
        """The bars that ended by ``now_us`` and had not before."""
        before_us, self._time_us, self._wants = self._time_us, max(self._time_us, now_us), None
        self.fold()
        return [
            self._bar(interval, bar)
            for interval in INTERVALS
            for bar in self._ended(interval, before_us, self._time_us)
        ]

    def _ended(self, interval: int, after_us: int, until_us: int) -> Iterator[_Running]:
        length_us = interval * MINUTE_US
        for start_us, bar in reversed(self._series[interval].items()):
            if start_us + length_us <= after_us:
                return
            if start_us + length_us <= until_us:
                yield bar

    def read(self, interval: int, since_us: int = 0) -> list[Bar]:
        """Oldest first, from ``since_us`` on; the last one may be running."""
        self.fold()
        self._reported = False
        newest = takewhile(lambda bar: bar.start_us >= since_us, reversed(self._series[interval].values()))
        return [self._bar(interval, bar) for bar in newest][::-1]

    def _bar(self, interval: int, bar: _Running) -> Bar:
        end_us = bar.start_us + interval * MINUTE_US
        closed = end_us <= self._time_us
        incomplete = self._doubtful(bar, end_us)
        volume = format(bar.volume, "f")
        prices = (bar.open, bar.high, bar.low, bar.close)
        return Bar(self.instrument, interval, bar.start_us, *prices, volume, bar.trades, closed, incomplete)

    def _doubtful(self, bar: _Running, end_us: int) -> bool:
        """Whether the venue's own candle may say something else."""
        return not bar.final and (bar.ground or self._missed.within(bar.start_us, end_us))

    def hole_begins(self, from_us: int) -> list[Bar]:
        """Trades are missing from ``from_us`` on, until :meth:`hole_ends`."""
        self._wants = None
        if not self._missed.begin(from_us):
            return []
        self.fold()
        return self._touching(from_us)

    def hole_ends(self, to_us: int) -> None:
        """Trades come again from ``to_us`` on, or for the first time."""
        self._wants = None
        self._missed.end(to_us, self._last_us)

    def hole_filled(self) -> list[Bar]:
        """The venue repeated a trade from before the newest hole, and so everything after it."""
        self._wants, from_us = None, self._missed.fill()
        return [] if from_us is None else self._touching(from_us)

    def doubt(self, us: int) -> list[Bar]:
        """A trade of that time was taken back: the bars that hold it wait for the venue's own candles."""
        self._wants = None
        self.fold()
        held = [(interval, self._series[interval].get(_start(us, interval))) for interval in INTERVALS]
        changed = [(interval, bar) for interval, bar in held if bar is not None]
        for interval, bar in changed:
            bar.final, bar.ground = False, True
            self._asked_us[interval] = min(self._asked_us[interval], bar.start_us)
        return [self._bar(interval, bar) for interval, bar in changed]

    def _touching(self, from_us: int) -> list[Bar]:
        starts = [(interval, from_us - interval * MINUTE_US) for interval in INTERVALS]
        series = self._series
        return [self._bar(i, bar) for i, after in starts for s, bar in series[i].items() if s > after]

    def backfill(self, bars: Iterable[Bar]) -> list[Bar]:
        """Put the venue's own candles where ours are missing or incomplete; oldest first. Those from before
        what is kept are no change: readers would be told of all that came after it once more."""
        self._wants = None
        self.fold()
        changed: list[tuple[int, _Running]] = []
        texts: dict[str, str] = {}
        for bar in bars:
            self._missed.answered(bar.interval, self._time_us)
            held = self._series[bar.interval].get(bar.start_us)
            end_us = bar.start_us + bar.interval * MINUTE_US
            if held is not None and not self._doubtful(held, end_us):
                continue
            changed.append((bar.interval, self._take(bar, held, texts.setdefault)))
            # By our clock a minute may be over that runs on by the venue's: it is asked for once more.
            self._asked_us[bar.interval] = self._time_us if bar.closed else min(self._time_us, bar.start_us)
        for interval in {interval for interval, _ in changed}:
            self._arrange(interval)
        return [self._bar(i, bar) for i, bar in changed if bar.start_us in self._series[i]]

    def _take(self, bar: Bar, held: _Running | None, one_of: Callable[[str, str], str]) -> _Running:
        """A closed candle is final, a running one the ground for later trades. Not yet in its place. Of a
        text that comes again, as where one ends and the next begins, ``one_of`` them is kept."""
        first, last, close = _BEFORE, (0, 0, ""), bar.close
        volume, trades = Decimal(bar.volume), bar.trades
        if not bar.closed and held is not None:
            last, close = held.last, held.close
            volume, trades = max(volume, held.volume), max(trades, held.trades)
        ends = first, last
        prices = [one_of(price, price) for price in (bar.open, bar.high, bar.low, close)]
        taken = _Running(bar.start_us, *ends, *prices, volume, trades, bar.closed, not bar.closed)
        if bar.closed:
            self._time_us = max(self._time_us, bar.start_us + bar.interval * MINUTE_US)
        self._series[bar.interval][bar.start_us] = taken
        return taken

    def wanting(self) -> list[int]:
        """Intervals in which a bar has closed incomplete since the venue's candles were put in, or may be
        missing whole."""
        if self._wants is None:
            self._wants = [interval for interval in INTERVALS if any(self._wanted(interval))]
        return self._wants

    def _wanted(self, interval: int) -> Iterator[bool]:
        yield self._missed.due(interval, self._time_us)
        for bar in self._ended(interval, self._asked_us[interval], self._time_us):
            yield self._doubtful(bar, bar.start_us + interval * MINUTE_US)


def _start(us: int, interval: int) -> int:
    return us - us % (interval * MINUTE_US)


def _before(name: str, other: str) -> bool:
    """By their numbers; ids that are none are in the order in which they came."""
    if not name.isdecimal():
        return False
    return name < other if len(name) == len(other) else len(name) < len(other)
