"""Slots: what changed in a topic since the last row, one per topic and sink.

``put`` is told what happened; ``take`` makes the body of a row that brings readers up to date, None when
there is nothing to say. ``keyframe`` makes a whole one, for all readers; straight after ``take`` it changes
nothing, so that those who have the row need not have the keyframe. Values are absolute and the last one wins,
so rows may be made as seldom as one likes. The law of each slot: a keyframe with the rows after it applied is
the keyframe of now.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from math import inf

from feeds.book import Book
from feeds.events import Bar, BookDelta, BookSnapshot, Level, Trade
from feeds.frames import LIVE, SYNCING, bar_row, book_body, encode
from feeds.side import Side
from feeds.state import MarketState
from feeds.symbols import BOOK, OHLC, TICKER

KEPT_BARS = 500

_LIVE = (LIVE, "")


class Shown:
    """State, reason and phase as readers know them. A phase is in each row from the first one on, since what
    readers were told once has to be taken back."""

    __slots__ = ("channel", "instrument", "_last", "_phased")

    def __init__(self, channel: str, instrument: str) -> None:
        self.channel, self.instrument = channel, instrument
        self._last: tuple[str, str, str] | None = None
        self._phased = False

    def change(self, state: MarketState) -> dict[str, object]:
        """What a row must say about it: nothing while it is as before."""
        before = self._last
        body = self.now(state)
        return {} if before == self._last else body

    def now(self, state: MarketState) -> dict[str, object]:
        topic = state.topic_state(self.channel, self.instrument)
        self._last = (topic.state, topic.reason, topic.phase)
        self._phased = self._phased or bool(topic.phase)
        phase = {"phase": topic.phase} if self._phased else {}
        return {"state": topic.state, "reason": topic.reason, **phase}


class TickerSlot:
    """Prices and 24 h figures. ``hi`` and ``lo`` are the extremes of trades since the previous row."""

    __slots__ = ("instrument", "_sent", "_hi", "_lo", "_shown")

    def __init__(self, instrument: str) -> None:
        self.instrument = instrument
        self._sent: dict[str, str | int] = {}
        self._hi: tuple[float, str] | None = None
        self._lo: tuple[float, str] | None = None
        self._shown = Shown(TICKER, instrument)

    def put(self, event: object) -> None:
        """Any event of the instrument; only trades carry what :meth:`take` cannot read from the state."""
        if type(event) is Trade and not event.replayed:
            price = (float(event.price), event.price)
            if self._hi is None or price > self._hi:
                self._hi = price
            if self._lo is None or price < self._lo:
                self._lo = price

    def take(self, state: MarketState) -> bytes | None:
        row = state.ticker(self.instrument)
        sent, self._sent = self._sent, row
        body: dict[str, object] = {key: value for key, value in row.items() if sent.get(key) != value}
        body.update(self._shown.change(state))
        if self._hi is not None and self._lo is not None:
            body["hi"], body["lo"] = self._hi[1], self._lo[1]
            self._hi = self._lo = None
        return encode(body) if body else None

    def keyframe(self, state: MarketState) -> bytes:
        """Without ``hi`` and ``lo``, which wait for the next row."""
        self._sent = state.ticker(self.instrument)
        return encode({**self._shown.now(state), **self._sent})


class BarSlot:
    """Bars of one interval. A running bar of 1 minute says that the running bars of all intervals moved."""

    __slots__ = ("instrument", "interval", "_since_us", "_shown")

    def __init__(self, instrument: str, interval: int) -> None:
        self.instrument, self.interval = instrument, interval
        self._since_us: int | None = None
        self._shown = Shown(OHLC, instrument)

    def put(self, event: object) -> None:
        if type(event) is not Bar or event.interval not in (1, self.interval):
            return
        start_us = event.start_us - event.start_us % (self.interval * 60_000_000)
        if self._since_us is None or start_us < self._since_us:
            self._since_us = start_us

    def take(self, state: MarketState) -> bytes | None:
        body = self._shown.change(state)
        if self._since_us is None and not body:
            return None
        body["bars"] = self._rows(state, self._since_us) if self._since_us is not None else []
        self._since_us = None
        return encode(body)

    def keyframe(self, state: MarketState) -> bytes:
        self._since_us = None
        return encode({**self._shown.now(state), "bars": self._rows(state, 0)})

    def _rows(self, state: MarketState, since_us: int) -> list[dict[str, str | int | bool]]:
        return [bar_row(bar) for bar in state.bars(self.instrument, self.interval, since_us)[-KEPT_BARS:]]


class _Window:
    """One side as readers have it: every proven level from the best to ``edge``."""

    __slots__ = ("levels", "edge")

    def __init__(self) -> None:
        self.levels: dict[str, str] = {}
        self.edge = inf

    def restart(self, side: Side, count: int) -> list[Level]:
        """Begin again with the best ``count``."""
        best = side.best(count)
        self.levels = dict(best)
        self.edge = side.keys[count - 1] if side.proven() > count else inf
        return best

    def held(self, side: Side) -> int:
        """How many levels of ``side`` are as good as ``edge``."""
        return min(bisect_right(side.keys, self.edge), side.proven())

    def moved(self, side: Side, count: int) -> list[Level]:
        """Another edge: from what readers have to the best ``count``."""
        before = self.levels
        best = self.restart(side, count)
        gone = [(price, "0") for price in before if price not in self.levels]
        return gone + [level for level in best if before.get(level[0]) != level[1]]

    def changed(self, side: Side, touched: Iterable[str]) -> list[Level]:
        """The same edge: what became of the touched prices within it."""
        rows: list[Level] = []
        edge = min(self.edge, side.known)
        for price in touched:
            key, qty = side.look_up(price)
            if key <= edge and qty != self.levels.get(price, ""):
                rows.append((price, qty or "0"))
                self._put(price, qty)
        return rows + self._fallen(side)

    def _fallen(self, side: Side) -> list[Level]:
        """Levels that are gone though nobody touched them: they fell out of a book that is cut."""
        held = self.held(side)
        if len(self.levels) == held:
            return []
        gone = self.levels.keys() - dict(side.rows[:held]).keys()
        for price in gone:
            del self.levels[price]
        return [(price, "0") for price in gone]

    def _put(self, price: str, qty: str) -> None:
        if qty:
            self.levels[price] = qty
        else:
            del self.levels[price]


class BookSlot:
    """Changed levels within a window of the best ``window`` levels a side, let grow to ``slack``.

    A body with ``state`` is whole, and readers forget what they had: a keyframe, or, while the book is not
    live, the state alone. ``replaces`` says whether the last body was such a one.
    """

    __slots__ = ("instrument", "window", "slack", "replaces", "_windows", "_touched", "_restarted", "_state")

    def __init__(self, instrument: str, window: int = 1000, slack: int = 1500) -> None:
        self.instrument, self.window, self.slack = instrument, window, slack
        self.replaces = False
        self._windows = (_Window(), _Window())
        self._touched: tuple[dict[str, str], dict[str, str]] = ({}, {})
        self._restarted = False
        self._state: tuple[str, str] | None = None

    def put(self, event: object) -> None:
        if type(event) is BookSnapshot:
            self._restarted = True
        elif type(event) is BookDelta and not self._restarted:
            bids, asks = self._touched
            bids.update(event.bids)
            asks.update(event.asks)
            # From so many on, comparing the whole window is no dearer.
            self._restarted = len(bids) + len(asks) > 2 * self.slack

    def take(self, state: MarketState) -> bytes | None:
        book = state.book(self.instrument)
        if book is None:
            return self._silent(state, again=False)
        if self._state != _LIVE:
            return self._whole(book)
        sides = zip((book.bids, book.asks), self._windows, self._touched, strict=True)
        bids, asks = (self._rows(side, window, touched) for side, window, touched in sides)
        self._sent(_LIVE, whole=False)
        if not bids and not asks:
            return None
        return encode(book_body(bids, asks, book.exchange_us, book.received_ns // 1000))

    def _rows(self, side: Side, window: _Window, touched: dict[str, str]) -> list[Level]:
        held = window.held(side)
        if held > self.slack or self._restarted:
            return window.moved(side, self.window)
        if held < min(self.window, side.proven()):
            # Half of the slack at a time, so that the edge does not move with each level that goes.
            return window.moved(side, (self.window + self.slack) // 2)
        return window.changed(side, touched)

    def keyframe(self, state: MarketState) -> bytes:
        book = state.book(self.instrument)
        return self._silent(state, again=True) if book is None else self._whole(book)

    def _whole(self, book: Book) -> bytes:
        pairs = zip((book.bids, book.asks), self._windows, strict=True)
        bids, asks = (window.restart(side, self._count(side, window)) for side, window in pairs)
        self._sent(_LIVE, whole=True)
        return encode({"state": LIVE, **book_body(bids, asks, book.exchange_us, book.received_ns // 1000)})

    def _count(self, side: Side, window: _Window) -> int:
        """The edge stays where it is if it may: a reader that needs no keyframe goes on without it."""
        held = window.held(side) if self._state == _LIVE and not self._restarted else 0
        return held if self.window < held <= self.slack else self.window

    def _silent(self, state: MarketState, *, again: bool) -> bytes | None:
        topic = state.topic_state(BOOK, self.instrument)
        if self._state == topic[:2] and not again:
            return None
        if topic.state == LIVE:
            # Crossed between two messages: what readers have stands until the next; who has nothing waits.
            if not again:
                return None
            topic = topic._replace(state=SYNCING, reason="between two messages of the venue")
        self._sent(topic[:2], whole=True)
        phase = {"phase": topic.phase} if topic.phase else {}
        return encode({"state": topic.state, "reason": topic.reason, **phase})

    def _sent(self, state: tuple[str, str], *, whole: bool) -> None:
        self._state, self.replaces, self._restarted = state, whole, False
        for touched in self._touched:
            touched.clear()
