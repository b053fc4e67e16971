"""A book held against the venue's picture of it by REST, which has no number and may be old.

A level is evidence only if it stood still on our side: from a time that the picture is not older than, until
all that the picture can show has reached us. What moved meanwhile says nothing, and neither do prices beyond
what is proven here or shown there.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from functools import cached_property
from math import inf
from typing import NamedTuple

from feeds.book import Book
from feeds.events import BookDelta, BookSnapshot, Level
from feeds.side import Side

# The venue's books by REST and by stream may be stamped by two of its clocks, one of them in whole seconds.
_STAMPS_US = 1_000_000

CLEARED, DOUBTED, FAILED, UNCLEAR = "cleared", "doubted", "failed", "unclear"


class Difference(NamedTuple):
    """One level, ``side`` being bid or ask. Quantities are as they were written, ``""`` where none is."""

    side: str
    price: Decimal
    ours: str
    theirs: str

    @property
    def place(self) -> tuple[str, Decimal]:
        return self.side, self.price

    def __str__(self) -> str:
        ours, theirs = self.ours or "nothing", self.theirs or "nothing"
        return f"{self.side} {self.price.normalize():f}: {ours} here, {theirs} there"


class Witness:
    """Notes what moves in ``book`` from now on. ``since_us`` is the venue's time that it stood at then."""

    __slots__ = ("book", "since_us", "bids", "asks", "_short")

    def __init__(self, book: Book) -> None:
        self.book, self.since_us = book, book.exchange_us
        self.bids: set[str] = set()
        self.asks: set[str] = set()
        self._short = _short(book, book.bids), _short(book, book.asks)

    def saw(self, event: BookDelta) -> None:
        for level in event.bids:
            self.bids.add(level[0])
        for level in event.asks:
            self.asks.add(level[0])

    def dates(self, picture: BookSnapshot) -> bool:
        """Whether the picture is surely newer than the witness: it shows what was not there before."""
        return bool(self.since_us) and picture.exchange_us >= self.since_us + _STAMPS_US

    def differences(self, picture: BookSnapshot) -> list[Difference]:
        """Levels that stood still and that the picture shows otherwise, best first, bids before asks.

        Ask :meth:`feeds.book.Book.problem` before.
        """
        book = self.book
        short_bids = self._short[0] and _short(book, book.bids)
        short_asks = self._short[1] and _short(book, book.asks)
        bids = _Compared("bid", book.bids, short_bids, picture.bids, picture.depth)
        asks = _Compared("ask", book.asks, short_asks, picture.asks, picture.depth)
        return [*bids.differences(self.bids), *asks.differences(self.asks)]


class Audit:
    """One book's audit, over as many pictures as it takes. ``found``: what speaks against the book so far.

    ``proven``: how many of the best levels a checksum proves. A level has to differ in two pictures one after
    the other, of which the last is surely newer than the witness: by what it shows, or because it was asked
    for ``late``, so long after the audit began that no cache can hold it any more.
    """

    def __init__(self, witness: Witness, proven: int) -> None:
        self.witness, self._proven = witness, proven
        self.found: list[Difference] = []
        self._pictures = 0

    def verdict(self, picture: BookSnapshot, *, late: bool) -> str:
        """CLEARED, DOUBTED (ask again), FAILED, or UNCLEAR: what speaks against it is not to be believed."""
        found = self.witness.differences(picture)
        doubted = {each.place for each in self.found}
        self.found = [each for each in found if not self._pictures or each.place in doubted]
        self._pictures += 1
        if not self.found:
            return CLEARED
        if self._pictures == 1:
            return DOUBTED
        if self.witness.dates(picture) or (late and not self._contradicts_checksum()):
            return FAILED
        return UNCLEAR if late else DOUBTED

    def _contradicts_checksum(self) -> bool:
        """Whether one of them is at or before the worst of the levels that a checksum proves."""
        book, count = self.witness.book, self._proven
        sides = {"bid": book.bids, "ask": book.asks}
        edges = {name: _edge(side.sign, side.best(count)) for name, side in sides.items()}
        return any(sides[each.side].sign * each.price <= edges[each.side] for each in self.found)


def _short(book: Book, side: Side) -> bool:
    """Whether nothing was cut off: for a moment between two messages a side may be one level short."""
    return not book.depth or len(side.keys) < book.depth


def _edge(sign: int, levels: Collection[Level]) -> Decimal:
    """The key of the worst level; below all keys where there is none."""
    prices = [price for price, _ in levels]
    return (
        sign * Decimal(max(prices, key=lambda price: sign * float(price))) if prices else Decimal("-Infinity")
    )


class _Compared:
    """One side, ours and theirs by price without its last zeros, and how far both are known."""

    def __init__(self, name: str, side: Side, short: bool, theirs: Collection[Level], asked: int) -> None:
        ours = side.best(len(side.keys))
        self.name, self.sign = name, side.sign
        self.ours = {_plain(price): qty for price, qty in ours}
        self.theirs = {_plain(price): qty for price, qty in theirs}
        self.edge = Decimal("Infinity")
        if side.known != inf or not short:
            self.edge = _edge(side.sign, ours)
        # Busy servers were seen to send a few levels of many, which is not all that there is.
        if 0 < asked <= len(theirs) or not theirs or 2 * len(theirs) < len(ours):
            self.edge = min(self.edge, _edge(side.sign, theirs))

    def differences(self, moved: Collection[str]) -> list[Difference]:
        still = (self.ours.keys() | self.theirs.keys()) - set(map(_plain, moved))
        about = float(self.edge)  # a price that is not beyond the edge is not so rounded either
        near = [(price, self.ours.get(price, ""), self.theirs.get(price, ""))
                for price in still if self.sign * float(price) <= about]  # fmt: skip
        found = [(Decimal(price), *pair) for price, *pair in near if self._differ(*pair)]
        found.sort(reverse=self.sign < 0)
        return [Difference(self.name, *each) for each in found if self.sign * each[0] <= self.edge]

    def _differ(self, ours: str, theirs: str) -> bool:
        """REST may write fewer digits than the stream, and leave out what is nothing in those digits."""
        if "." in theirs and ours.startswith(theirs):
            return False  # nearly always, and a fraction of the price
        unit = _unit(theirs) if theirs else self._coarsest
        return abs(Decimal(ours or 0) - Decimal(theirs or 0)) >= unit

    @cached_property
    def _coarsest(self) -> Decimal:
        return max(map(_unit, self.theirs.values()), default=Decimal(0))


def _plain(price: str) -> str:
    return price.rstrip("0").rstrip(".") if "." in price else price


def _unit(text: str) -> Decimal:
    """One in the last place: ``2.059`` → 0.001."""
    return Decimal(1).scaleb(min(0, int(Decimal(text).as_tuple().exponent)))
