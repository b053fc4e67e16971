"""What is held of one instrument: last values, tape, bars, book. Owned by :mod:`feeds.state`."""

from __future__ import annotations

from collections import Counter, deque

from feeds.bars import Bars
from feeds.events import Quote, Stats, Trade
from feeds.keeper import Keeper, Rules
from feeds.symbols import BOOK, TICKER, is_number
from feeds.topics import Topics

TAPE = 1000
"""Trades kept of each instrument."""
_QUOTE = ("bid", "bid_qty", "ask", "ask_qty")
_STATS = ("last", "volume", "high", "low", "change", "change_pct")


class Market:
    """``topics`` says what may be shown of it, ``keeper`` keeps its book."""

    __slots__ = (
        "instrument",
        "topics",
        "keeper",
        "quote",
        "stats",
        "tape",
        "bars",
        "_ids",
        "_fallen",
        "_fallen_us",
        "_checked",
    )

    def __init__(self, instrument: str, rules: Rules, since_us: int) -> None:
        self.instrument = instrument
        self.topics = Topics(instrument)
        self.keeper = Keeper(rules)
        self.quote: Quote | None = None
        self.stats: Stats | None = None
        self.tape: deque[Trade] = deque(maxlen=TAPE)
        self.bars = Bars(instrument, since_us)
        self._ids: dict[str, None] = {}
        self._fallen, self._fallen_us = "", 0
        self._checked: tuple[Quote | None, Stats | None] = (None, None)

    def received_ns(self, channel: str) -> int:
        """When what is now shown was received; 0 when there is nothing."""
        if channel == BOOK:
            return self.keeper.received_ns
        if channel == TICKER:
            return max((held.received_ns for held in (self.quote, self.stats) if held), default=0)
        return self.tape[-1].received_ns if self.tape else 0

    def holds(self, channel: str) -> bool:
        return self.received_ns(channel) > 0

    def record(self, trade: Trade) -> bool:
        """Put a trade on the tape; False when it was there before, also long ago where ids are numbers."""
        name, ids, tape = trade.trade_id, self._ids, self.tape
        if name in ids or (trade.exchange_us <= self._fallen_us and self._fell(name)):
            return False
        if len(tape) == TAPE:
            fallen = tape[0]
            del ids[fallen.trade_id]
            self._fallen, self._fallen_us = fallen.trade_id, fallen.exchange_us
        ids[name] = None
        tape.append(trade)
        return True

    def _fell(self, name: str) -> bool:
        """Whether a trade of that id must have fallen off the tape."""
        return name.isdecimal() and self._fallen.isdecimal() and int(name) <= int(self._fallen)

    def merged(self, stats: Stats) -> Stats:
        """A frame may carry a part of the figures: the others stay."""
        held = self.stats
        if held is None:
            return stats
        return Stats(*(new if new != "" else old for new, old in zip(stats, held, strict=True)))

    def ticker(self, counters: Counter[str]) -> dict[str, str | int]:
        """What is known, by row field. A value that is no proper number is empty, and counted once."""
        if self._checked != (self.quote, self.stats):
            self._check(counters)
        row: dict[str, str | int] = {}
        newest_us = newest_ns = 0
        for names, values in ((_QUOTE, self.quote), (_STATS, self.stats)):
            if values is not None:
                row.update(zip(names, values[1:], strict=False))
                newest_us, newest_ns = max(newest_us, values.exchange_us), max(newest_ns, values.received_ns)
        if self.tape:
            trade = self.tape[-1]
            if "last" not in row or not row["last"] or trade.received_ns > self.stats.received_ns:
                row["last"] = trade.price
            newest_us, newest_ns = max(newest_us, trade.exchange_us), max(newest_ns, trade.received_ns)
        if row:
            row["ts_exchange"], row["ts_received"] = newest_us, newest_ns // 1000
        return row

    def _check(self, counters: Counter[str]) -> None:
        quote, stats = self.quote, self.stats
        if quote is not None and quote is not self._checked[0]:
            self.quote = quote = _clean_quote(quote, counters)
        if stats is not None and stats is not self._checked[1]:
            figures = [_clean(text, signed=at > 3, zero=at != 0) for at, text in enumerate(stats[1:7])]
            counters["refused"] += sum(a != b for a, b in zip(figures, stats[1:7], strict=True))
            self.stats = stats = Stats(stats.instrument, *figures, *stats[7:])
        self._checked = (quote, stats)


def _clean(text: str, *, signed: bool = False, zero: bool = True) -> str:
    digits = text[1:] if signed and text[:1] in ("+", "-") else text
    fit = is_number(digits) and (zero or digits.strip("0."))
    return text if fit else ""


def _clean_quote(quote: Quote, counters: Counter[str]) -> Quote:
    texts = quote[1:5]
    clean = [_clean(text, zero=at % 2 == 1) for at, text in enumerate(texts)]
    if list(texts) != clean:
        counters["refused"] += 1
    if clean[0] and clean[2] and float(clean[0]) > float(clean[2]):
        counters["crossed"] += 1
        clean = ["", "", "", ""]
    return quote._replace(bid=clean[0], bid_qty=clean[1], ask=clean[2], ask_qty=clean[3])
