"""What the frames of Gemini's streams mean. https://developer.gemini.com/websocket/streams

What comes by REST and belongs to what a stream tells is remembered, and told with its next frame: so that
the frame proves it, and a link that is gone takes it along.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from feeds.events import (
    BUY,
    SELL,
    BookDelta,
    BookSnapshot,
    Event,
    Funding,
    Mark,
    Quote,
    Stats,
    Trade,
)
from feeds.symbols import is_number
from feeds.venues.gemini import shapes
from feeds.venues.gemini.naming import instrument
from feeds.venues.gemini.shapes import micros

# As text, every plain spelling of zero is at most this and every positive price is above it.
_ZERO = "0." + 18 * "0"
_MINUTE_US = 60_000_000
# A quotient has no end: a rate is told to so many digits behind the point.
_RATE = Decimal("1e-12")
# An index is asked for each minute, of what is watched four times as often.
_INDEX_NS = 90_000_000_000


# How far behind the trades of the stream a last price by REST may be.
_BEHIND_NS = 60_000_000_000


class Figures(NamedTuple):
    """Of a day, as REST told them."""

    last: str
    high: str
    low: str
    change: str
    change_pct: str
    received_ns: int


class Memory:
    """What REST said and no frame has told yet: figures of a day once, an index with each mark."""

    def __init__(self) -> None:
        self.figures: dict[str, Figures] = {}
        self._traded: dict[str, tuple[str, int]] = {}
        self._indexes: dict[str, tuple[str, int]] = {}

    def traded(self, name: str, price: str, received_ns: int) -> None:
        self._traded[name] = price, received_ns

    def last(self, name: str, day: Figures) -> str:
        """That of the stream, unless its last trade is so old that REST must know of it."""
        price, at_ns = self._traded.get(name, ("", 0))
        return price if at_ns > day.received_ns - _BEHIND_NS else day.last

    def keep_index(self, name: str, price: str, received_ns: int) -> None:
        self._indexes[name] = price, received_ns

    def index(self, name: str, now_ns: int) -> str:
        """``""`` where it is too old, or none was told."""
        price, at_ns = self._indexes.get(name, ("", 0))
        return price if now_ns - at_ns < _INDEX_NS else ""


def read_depth(frame: bytes, received_ns: int) -> list[Event]:
    """The first one after a subscription is the whole book, and nothing says so but its numbers.

    ``u`` is the number of the last thing that happened to any book of the venue, so a change goes from where
    the change before it ended (``U``) to a later one: only the whole book goes from its number to the same.
    """
    found = shapes.depth(frame)
    if found.u < found.U:
        raise ValueError(f"expected u from {found.U} on, found {found.u}")
    name, us = instrument(found.s), micros(found.E)
    if found.u == found.U:
        return [BookSnapshot(name, found.b, found.a, 0, found.u, None, us, received_ns)]
    return [BookDelta(name, found.b, found.a, found.U + 1, found.u, None, None, us, received_ns)]


def read_best(frame: bytes, received_ns: int, memory: Memory) -> list[Event]:
    """``{"u":…,"E":…,"s":"btcusd","b":"45000.50","B":"1.25",…}``; and figures of a day that wait for it."""
    found = shapes.best(frame)
    name, us = instrument(found.s), micros(found.E)
    bid = (found.b, found.B) if found.b > _ZERO else ("", "")
    ask = (found.a, found.A) if found.a > _ZERO else ("", "")
    quote = Quote(name, *bid, *ask, us, received_ns)
    if not memory.figures or (day := memory.figures.pop(name, None)) is None:
        return [quote]
    figures = day.high, day.low, day.change, day.change_pct
    return [quote, Stats(name, memory.last(name, day), "", *figures, us, received_ns)]


def read_trade(frame: bytes, received_ns: int, memory: Memory) -> list[Event]:
    """``m`` true: the buyer was the maker, so that somebody sold. The venue's own samples print it so:
    https://github.com/gemini/developer-platform/blob/main/samples/python/ws_trades.py"""
    found = shapes.trade(frame)
    side = SELL if found.m else BUY
    name, us = instrument(found.s), micros(found.E)
    memory.traded(name, found.p, received_ns)
    return [Trade(name, str(found.t)[:64], side, found.p, found.q, us, received_ns)]


def read_mark(frame: bytes, received_ns: int, memory: Memory) -> list[Event]:
    """``p`` is the mark. ``i`` is an index in units that differ by contract and are told nowhere: it is left
    alone, and REST's is told instead."""
    found = shapes.mark(frame)
    name = instrument(found.s)
    return [Mark(name, found.p, memory.index(name, received_ns), "", micros(found.E), received_ns)]


def read_payment(frame: bytes, received_ns: int) -> list[Event]:
    """What will be charged at ``T``, for one unit of the base, as a fraction of what that is worth.

    The rate that stands beside it (``r``) is in per cent and cut off. Once it was charged it is of the past.
    """
    found = shapes.payment(frame)
    if found.R:
        return []
    us, due_us = micros(found.E), micros(found.T)
    rate = fraction(found.f, found.p)
    return [Funding(instrument(found.s), rate, due_us, found.i * _MINUTE_US, "", us, received_ns)]


def fraction(amount: str, price: str) -> str:
    """Of the price of one, exact to the twelfth place. Raises ValueError."""
    if not is_number(amount.removeprefix("-")) or not is_number(price) or not price.strip("0."):
        raise ValueError(f"expected an amount and a price, found {amount!r:.40} and {price!r:.40}")
    rate = (Decimal(amount) / Decimal(price)).quantize(_RATE).normalize()
    return f"{rate:f}" if rate else "0"
