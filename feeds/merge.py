"""Slots: what changed in a topic since the last row, one per topic and sink.

``put`` is told what happened, ``take`` returns the body of one row that brings a reader up to date, None when
there is nothing to say, and ``keyframe`` a whole one that changes nothing here. Values are absolute and the
last one wins, so that rows may be made as seldom as one likes. The law of each: a keyframe with the rows
after it applied is the keyframe of now.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from feeds.book import Book, Side
from feeds.events import Bar, BookDelta, BookSnapshot, Level, Trade
from feeds.frames import LIVE, bar_row, book_body, encode, trade_row
from feeds.symbols import BOOK, OHLC, TICKER, TRADE

KEPT_BARS = 500


class State(Protocol):
    """The part of :class:`feeds.state.MarketState` that slots read."""

    def ticker(self, instrument: str) -> dict[str, str | int]: ...

    def book(self, instrument: str) -> Book | None: ...

    def trades(self, instrument: str) -> object: ...

    def bars(self, instrument: str, interval: int, since_us: int = 0) -> list[Bar]: ...

    def topic_state(self, channel: str, instrument: str) -> NamedTuple: ...


class _Shown:
    """State and reason as readers know them, and what a row must say about a change."""

    __slots__ = ("channel", "instrument", "_last")

    def __init__(self, channel: str, instrument: str) -> None:
        self.channel, self.instrument = channel, instrument
        self._last: tuple[str, str] | None = None

    def now(self, state: State) -> dict[str, object]:
        topic = state.topic_state(self.channel, self.instrument)
        return {"state": topic.state, "reason": topic.reason} if topic.reason else {"state": topic.state}

    def change(self, state: State) -> dict[str, object]:
        topic = state.topic_state(self.channel, self.instrument)
        if self._last == topic[:2]:
            return {}
        self._last = topic[:2]
        return {"state": topic.state, "reason": topic.reason}


class TickerSlot:
    """Prices and 24 h figures. ``hi`` and ``lo`` are the extremes of trades since the previous row."""

    __slots__ = ("instrument", "_sent", "_hi", "_lo", "_shown")

    def __init__(self, instrument: str) -> None:
        self.instrument = instrument
        self._sent: dict[str, str | int] = {}
        self._hi: tuple[float, str] | None = None
        self._lo: tuple[float, str] | None = None
        self._shown = _Shown(TICKER, instrument)

    def put(self, event: object) -> None:
        """Any event of the instrument; only trades carry what :meth:`take` cannot read from the state."""
        if type(event) is Trade and not event.replayed:
            price = (float(event.price), event.price)
            if self._hi is None or price > self._hi:
                self._hi = price
            if self._lo is None or price < self._lo:
                self._lo = price

    def take(self, state: State) -> bytes | None:
        row = state.ticker(self.instrument)
        sent, self._sent = self._sent, row
        body: dict[str, object] = {key: value for key, value in row.items() if sent.get(key) != value}
        body.update(self._shown.change(state))
        if self._hi is not None and self._lo is not None:
            body["hi"], body["lo"] = self._hi[1], self._lo[1]
            self._hi = self._lo = None
        return encode(body) if body else None

    def keyframe(self, state: State) -> bytes:
        return encode({**self._shown.now(state), **state.ticker(self.instrument)})


class TradeSlot:
    """The newest trades, oldest first; ``skipped`` says how many more there were since the previous row."""

    __slots__ = ("instrument", "cap", "_fresh", "_skipped", "_shown")

    def __init__(self, instrument: str, cap: int = 200) -> None:
        self.instrument, self.cap = instrument, cap
        self._fresh: list[Trade] = []
        self._skipped = 0
        self._shown = _Shown(TRADE, instrument)

    def put(self, event: object) -> None:
        if type(event) is Trade:
            self._fresh.append(event)
            if len(self._fresh) >= 2 * self.cap:
                self._drop_oldest()

    def _drop_oldest(self) -> None:
        self._skipped += max(0, len(self._fresh) - self.cap)
        del self._fresh[: -self.cap]

    def take(self, state: State) -> bytes | None:
        self._drop_oldest()
        body = self._shown.change(state)
        if not self._fresh and not body:
            return None
        body["trades"] = [trade_row(trade) for trade in self._fresh]
        if self._skipped:
            body["skipped"] = self._skipped
        self._fresh, self._skipped = [], 0
        return encode(body)

    def keyframe(self, state: State) -> bytes:
        newest = list(state.trades(self.instrument))[-self.cap :]
        return encode({**self._shown.now(state), "trades": [trade_row(trade) for trade in newest]})


class BarSlot:
    """Bars of one interval. A running bar of 1 minute says that the running bars of all intervals moved."""

    __slots__ = ("instrument", "interval", "_since_us", "_shown")

    def __init__(self, instrument: str, interval: int) -> None:
        self.instrument, self.interval = instrument, interval
        self._since_us: int | None = None
        self._shown = _Shown(OHLC, instrument)

    def put(self, event: object) -> None:
        if type(event) is not Bar or event.interval not in (1, self.interval):
            return
        start_us = event.start_us - event.start_us % (self.interval * 60_000_000)
        if self._since_us is None or start_us < self._since_us:
            self._since_us = start_us

    def take(self, state: State) -> bytes | None:
        body = self._shown.change(state)
        if self._since_us is None and not body:
            return None
        body["bars"] = self._rows(state, self._since_us) if self._since_us is not None else []
        self._since_us = None
        return encode(body)

    def keyframe(self, state: State) -> bytes:
        return encode({**self._shown.now(state), "bars": self._rows(state, 0)})

    def _rows(self, state: State, since_us: int) -> list[dict[str, str | int | bool]]:
        return [bar_row(bar) for bar in state.bars(self.instrument, self.interval, since_us)[-KEPT_BARS:]]


class _Window:
    """One side as readers have it: all levels from the best to ``edge``, which is the last one sent."""

    __slots__ = ("levels", "edge")

    def __init__(self) -> None:
        self.levels: dict[str, str] = {}
        self.edge = 0.0

    def whole(self, side: Side, count: int) -> list[Level]:
        """Begin again with the best ``count``."""
        best = side.best(count)
        self.levels = dict(best)
        self.edge = side.keys[len(best) - 1] if best else 0.0
        return best

    def differences(self, side: Side, count: int) -> list[Level]:
        """From what readers have to the best ``count``."""
        before = self.levels
        best = self.whole(side, count)
        gone = [(price, "0") for price in before if price not in self.levels]
        return gone + [level for level in best if before.get(level[0]) != level[1]]


class BookSlot:
    """Changed levels within a window of the best ``window`` levels a side, let grow to ``slack``.

    While the book is not live a row says only that, and readers forget theirs; what follows is whole.
    ``replaces`` says whether the body that :meth:`take` returned last was a whole one.
    """

    __slots__ = ("instrument", "window", "slack", "replaces", "_bids", "_asks", "_touched", "_all", "_state")

    def __init__(self, instrument: str, window: int = 1000, slack: int = 1500) -> None:
        self.instrument, self.window, self.slack = instrument, window, slack
        self.replaces = False
        self._bids, self._asks = _Window(), _Window()
        self._touched: list[BookDelta] = []
        self._all = False
        self._state: tuple[str, str] | None = None

    def put(self, event: object) -> None:
        if type(event) is BookDelta:
            if not self._all:
                self._touched.append(event)
                if len(self._touched) > self.slack:
                    self._all, self._touched = True, []
        elif type(event) is BookSnapshot:
            self._all, self._touched = True, []

    def take(self, state: State) -> bytes | None:
        book = state.book(self.instrument)
        if book is None:
            return self._silent(state)
        self.replaces = self._state != (LIVE, "")
        if self.replaces:
            return self._whole(book)
        bids = self._side(book.bids, self._bids, [delta.bids for delta in self._touched])
        asks = self._side(book.asks, self._asks, [delta.asks for delta in self._touched])
        self._touched, self._all = [], False
        if not bids and not asks:
            return None
        return encode(book_body(bids, asks, book.exchange_us, book.received_ns // 1000))

    def _silent(self, state: State) -> bytes | None:
        topic = state.topic_state(BOOK, self.instrument)
        if self._state == topic[:2]:
            return None
        self._state, self.replaces = topic[:2], True
        self._touched, self._all = [], False
        return encode({"state": topic.state, "reason": topic.reason})

    def _whole(self, book: Book) -> bytes:
        self._state, self._touched, self._all = (LIVE, ""), [], False
        bids, asks = self._bids.whole(book.bids, self.window), self._asks.whole(book.asks, self.window)
        return encode({"state": LIVE, **book_body(bids, asks, book.exchange_us, book.received_ns // 1000)})

    def _side(self, side: Side, window: _Window, touched: list[list[Level]]) -> list[Level]:
        return window.differences(side, self.window)

    def keyframe(self, state: State) -> bytes:
        book = state.book(self.instrument)
        if book is None:
            topic = state.topic_state(BOOK, self.instrument)
            return encode({"state": topic.state, "reason": topic.reason})
        bids, asks = book.best(self.window)
        return encode({"state": LIVE, **book_body(bids, asks, book.exchange_us, book.received_ns // 1000)})
