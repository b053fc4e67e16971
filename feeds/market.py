"""What is held of one instrument: last values, tape, bars, book. Owned by :mod:`feeds.state`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from operator import attrgetter

from msgspec.structs import replace

from feeds.bars import Bars
from feeds.derived import Derived
from feeds.events import Quote, Stats, Trade, TradeUndone
from feeds.health import TopicHealth
from feeds.keeper import Keeper, Rules
from feeds.symbols import BOOK, DERIVATIVES, STATS, TICKER, plain
from feeds.symbols import topic as topic_text
from feeds.tally import Tally
from feeds.topics import Topics

TAPE = 1000
"""Trades kept of each instrument."""
# Trimming by so many at a time costs next to nothing a trade.
_TRIM_AT = TAPE + 512
_NUMBER = r"[0-9]{1,20}+(?:\.[0-9]{1,20}+)?+"
# Both at once, and what they are not: half the price of two matches. As :func:`feeds.symbols.is_number`.
_NOT_NUMBERS = re.compile(rf"(?!{_NUMBER} {_NUMBER}\Z)").match
_NOT_NUMBER = re.compile(rf"(?!{_NUMBER}\Z)").match
_id_of = attrgetter("trade_id")
_QUOTE = ("bid", "bid_qty", "ask", "ask_qty")
_STATS = ("last", "volume", "high", "low", "change", "change_pct")
prices_of, _figures_of = attrgetter(*_QUOTE), attrgetter(*_STATS)


class Market:
    """``topics`` says what may be shown of it, ``keeper`` keeps its book, ``derived`` what contracts have
    beside.

    ``updates`` counts what came for its ticker.
    """

    __slots__ = (
        "instrument",
        "topics",
        "keeper",
        "quote",
        "stats",
        "bars",
        "tally",
        "derived",
        "_tape",
        "_newest",
        "_price",
        "_ids",
        "_listed",
        "_fallen",
        "_fallen_us",
        "_checked",
        "_sure",
        "updates",
        "_trimmed",
    )

    def __init__(self, instrument: str, rules: Rules, since_us: int) -> None:
        self.instrument = instrument
        self.topics = Topics(instrument)
        self.keeper = Keeper(rules)
        self.quote: Quote | None = None
        self.stats: Stats | None = None
        self.bars = Bars(instrument, since_us)
        self.tally = Tally()
        self.derived = Derived()
        self._tape: list[Trade] = []
        self._newest = self._price = ""
        self._ids: set[str] = set()
        self._listed = 0
        self._fallen, self._fallen_us = "", 0
        self._sure = False
        self._checked: tuple[Quote | None, Stats | None] = (None, None)
        self.updates = self._trimmed = 0

    def heard(self, channel: str) -> int:
        """How many events there were. Trades are not counted one by one: the tape knows."""
        if channel == BOOK:
            return self.keeper.messages
        if channel in DERIVATIVES:
            return self.derived.heard[channel]
        return self.updates if channel == TICKER else self._trimmed + len(self._tape)

    def received_ns(self, channel: str) -> int:
        """When what is now shown was received; 0 when there is nothing."""
        if channel == BOOK:
            return self.keeper.received_ns
        if channel in DERIVATIVES:
            return self.derived.received_ns(channel)
        if channel == TICKER and (self.quote or STATS in self.topics.by_channel):
            # Figures of a day say nothing of best prices: those of now may have been lost since.
            return self.quote.received_ns if self.quote else 0
        if channel in (TICKER, STATS):
            return self.stats.received_ns if self.stats else 0
        return self._tape[-1].received_ns if self._tape else 0

    def stamps(self) -> Iterator[tuple[int, int]]:
        """When the newest quote, trade and change of the book were made, and received."""
        if self.quote is not None:
            yield self.quote.exchange_us, self.quote.received_ns
        if self._tape and not self._tape[-1].replayed:
            yield self._tape[-1].exchange_us, self._tape[-1].received_ns
        if self.keeper.book is not None:
            yield self.keeper.book.exchange_us, self.keeper.book.received_ns

    def holds(self, channel: str) -> bool:
        return self.received_ns(channel) > 0

    def health(self) -> Iterator[TopicHealth]:
        """Of each topic that has readers of its own."""
        for channel, topic in self.topics.by_channel.items():
            if channel == STATS:
                continue
            yield TopicHealth(
                topic_text(channel, self.instrument),
                topic.state,
                topic.reason,
                topic.since_us,
                self.received_ns(channel) // 1000,
                self.heard(channel),
                topic.gaps,
                max(0, topic.proofs - 1),
                topic.last_error,
                topic.phase,
            )

    def proper(self, trade: Trade) -> bool:
        """Whether its price and quantity are plain numbers, the price above zero.

        Most trades are at the price of the one before, which need not be looked at again.
        """
        price = trade.price
        if price == self._price:
            return not _NOT_NUMBER(trade.qty)
        if not is_proper(price, trade.qty):
            return False
        self._price = price
        return True

    def record(self, trade: Trade) -> bool:
        """Put a trade on the tape; False when it was there before, also long ago where ids are numbers.

        An id above all others, by length and then by text, cannot have been here, whatever ids are made of.
        """
        name, newest, tape = trade.trade_id, self._newest, self._tape
        if name > newest and len(name) == len(newest) or len(name) > len(newest):
            self._newest = name
        elif self._was_here(trade, name):
            return False
        tape.append(trade)
        if len(tape) > _TRIM_AT:
            self._trim()
        return True

    def undo(self, event: TradeUndone) -> Trade | None:
        """Take a trade off the tape, or put another in its place; what stood there, None: it is not held.

        It stays known, so that it does not come back with a repetition.
        """
        self._trim()
        places = (at for at in reversed(range(len(self._tape))) if self._tape[at].trade_id == event.trade_id)
        at = next(places, None)
        if at is None:
            return None
        undone, instead = self._tape[at], event.instead
        self._ids.update(map(_id_of, self._tape[self._listed :]))
        if instead is None:
            del self._tape[at]
            self._trimmed += 1
        else:
            self._tape[at] = replace(instead, exchange_us=undone.exchange_us, replayed=undone.replayed)
            self._ids.add(instead.trade_id)
            self._newest = max(self._newest, instead.trade_id, key=_rank)
        self._listed = len(self._tape)
        if self.stats is not None and self.stats.last == undone.price:
            self.stats = replace(self.stats, last="")
        return undone

    def _was_here(self, trade: Trade, name: str) -> bool:
        self._trim()
        self._ids.update(map(_id_of, self._tape[self._listed :]))
        self._listed = len(self._tape)
        return name in self._ids or (trade.exchange_us <= self._fallen_us and self._fell(name))

    def _trim(self) -> None:
        extra = len(self._tape) - TAPE
        if extra > 0:
            fallen = self._tape[extra - 1]
            self._fallen, self._fallen_us = fallen.trade_id, fallen.exchange_us
            if self._ids:
                self._ids.difference_update(map(_id_of, self._tape[:extra]))
            self._listed = max(0, self._listed - extra)
            del self._tape[:extra]
            self._trimmed += extra
            self.bars.fold()

    @property
    def last_trade(self) -> Trade | None:
        return self._tape[-1] if self._tape else None

    def tape(self) -> list[Trade]:
        """The last trades, newest last; to be read and not kept."""
        self._trim()
        return self._tape

    def _fell(self, name: str) -> bool:
        """Whether a trade of that id must have fallen off the tape."""
        return name.isdecimal() and self._fallen.isdecimal() and int(name) <= int(self._fallen)

    def merged(self, stats: Stats) -> Stats:
        """A frame may carry a part of the figures: the others stay, where the venue tells them in parts."""
        held = self.stats
        if held is None or "" not in _figures_of(stats) or self.keeper.rules.codec.whole_figures:
            return stats
        return Stats(
            stats.instrument,
            stats.last or held.last,
            stats.volume or held.volume,
            stats.high or held.high,
            stats.low or held.low,
            stats.change or held.change,
            stats.change_pct or held.change_pct,
            stats.exchange_us,
            stats.received_ns,
            stats.confidence if stats.last else held.confidence,
        )

    def ticker(self, counters: Counter[str]) -> dict[str, str | int]:
        """What is known, by row field. A value that is no proper number is empty, and counted once."""
        if self._checked != (self.quote, self.stats):
            self._check(counters)
        row: dict[str, str | int] = {}
        newest_us = newest_ns = 0
        for names, read, values in ((_QUOTE, prices_of, self.quote), (_STATS, _figures_of, self.stats)):
            if values is not None:
                row.update(zip(names, read(values), strict=True))
                newest_us, newest_ns = max(newest_us, values.exchange_us), max(newest_ns, values.received_ns)
        if self.stats is not None and (self._sure or self.stats.confidence):
            # What readers were told once has to be taken back, so from then on it is in each row.
            self._sure, row["confidence"] = True, self.stats.confidence
        if self._tape:
            trade = self._tape[-1]
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
            told = _figures_of(stats)
            figures = [plain(text, signed=at > 3, zero=at != 0) for at, text in enumerate(told)]
            counters["refused"] += sum(a != b for a, b in zip(figures, told, strict=True))
            sure = plain(stats.confidence)
            counters["refused"] += sure != stats.confidence
            self.stats = stats = replace(
                stats, **dict(zip(_STATS, figures, strict=True)), confidence=sure if figures[0] else ""
            )
        self._checked = (quote, stats)


def _rank(name: str) -> tuple[int, str]:
    return len(name), name


def is_proper(price: str, qty: str) -> bool:
    """Whether both are plain numbers, and the price above zero."""
    return not _NOT_NUMBERS(f"{price} {qty}") and (price >= "1" or bool(price.strip("0.")))


def _clean_quote(quote: Quote, counters: Counter[str]) -> Quote:
    texts = prices_of(quote)
    clean = [plain(text, zero=at % 2 == 1) for at, text in enumerate(texts)]
    if list(texts) != clean:
        counters["refused"] += 1
    if clean[0] and clean[2] and float(clean[0]) > float(clean[2]):
        counters["crossed"] += 1
        clean = ["", "", "", ""]
    return replace(quote, **dict(zip(_QUOTE, clean, strict=True)))
