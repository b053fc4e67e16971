"""One order book: prices and quantities as the exchange wrote them, put in order only when somebody reads.

A delta costs two dictionary updates. Order, validity and crossing are settled by :meth:`Book.problem`, which
whoever publishes asks first: with a checksum or truncation that is after each delta, else at the flush.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from decimal import Decimal
from math import inf

from feeds.events import BookDelta, BookSnapshot, Level
from feeds.symbols import is_number

APPLIED, DUPLICATE, GAP = 0, 1, 2
"""What became of a delta: in the book; already in it; proof that something before it is missing."""

# Beyond so many unread changes a full sort is cheaper than finding each one's place.
_MAX_PENDING = 20_000
# A deleted level stays as a zero until the side is settled, or until it has so many entries too many.
_SLACK = 4096
# Up to so many characters two different prices are two different floats.
_FLOAT_DIGITS = 16
_ALL_PLAIN = re.compile(r"(?:[0-9]{1,20}(?:\.[0-9]{1,20})? )*").fullmatch


class Side:
    """One side's levels. ``sign`` is -1 for bids, so that the smallest key is always the best.

    ``keys`` and ``texts`` are the order as :meth:`settle` left it; ``known`` is the last key that is proven.
    """

    __slots__ = ("levels", "sign", "keys", "texts", "known", "broken", "_pending", "_waiting", "_purge_at")

    def __init__(self, levels: Iterable[Level], sign: int, limit: int) -> None:
        self.levels = dict(levels)
        self.sign = sign
        self.keys: list[float] = []
        self.texts: list[str] = []
        self.broken = ""
        self._pending: list[Iterable[Level]] | None = None
        self._waiting = 0
        self._purge_at = len(self.levels) + _SLACK
        self.known = self._worst() if limit and len(self.levels) >= limit else inf

    def _worst(self) -> float:
        try:
            return max(self.sign * float(price) for price in self.levels)
        except ValueError:
            self.broken = "refused"
            return inf

    def apply(self, changes: Iterable[Level]) -> None:
        self.levels.update(changes)
        if self._pending is None:
            if len(self.levels) > self._purge_at:
                self._purge()
            return
        self._pending.append(changes)
        self._waiting += len(changes)
        if self._waiting > _MAX_PENDING:
            self._pending = None

    def settle(self) -> str:
        """Bring the order up to date; what is wrong with a number, ``""`` when nothing is."""
        if self._pending is None:
            self._sort()
        elif self._pending:
            for changes in self._pending:
                for price, _ in changes:
                    self._place(price)
        else:
            return self.broken
        self._pending, self._waiting = [], 0
        return self.broken

    def _purge(self) -> None:
        self.levels = {price: qty for price, qty in self.levels.items() if qty.strip("0.")}
        self._purge_at = 2 * len(self.levels) + _SLACK

    def _sort(self) -> None:
        levels = self.levels
        if not _ALL_PLAIN(" ".join((*levels, *levels.values(), ""))):
            self.broken = "refused"
            return
        self._purge()
        self.texts = sorted(self.levels, key=float, reverse=self.sign < 0)
        if any(len(text) > _FLOAT_DIGITS for text in self.texts):
            self.texts.sort(key=Decimal, reverse=self.sign < 0)
        self.keys = [self.sign * float(text) for text in self.texts]
        if self.sign * (self.keys[0 if self.sign > 0 else -1] if self.keys else self.sign) <= 0:
            self.broken = "refused"

    def _place(self, price: str) -> None:
        qty = self.levels.get(price)
        if qty is None:
            return  # changed twice since the last time, and removed by then
        if not is_number(qty) or not is_number(price):
            self.broken = "refused"
            return
        key = self.sign * float(price)
        at = self._index(price, key)
        present = at < len(self.texts) and self.texts[at] == price
        if not qty.strip("0."):
            del self.levels[price]
            if present:
                del self.keys[at], self.texts[at]
        elif not present:
            self.keys.insert(at, key)
            self.texts.insert(at, price)
            if key == 0:
                self.broken = "refused"

    def _index(self, price: str, key: float) -> int:
        """Where the price is or belongs; prices that are one float are told apart digit by digit."""
        at = bisect_left(self.keys, key)
        while at < len(self.keys) and self.keys[at] == key and self.texts[at] != price:
            if self.sign * Decimal(self.texts[at]) >= self.sign * Decimal(price):
                break
            at += 1
        return at

    def cut(self, depth: int) -> None:
        for price in self.texts[depth:]:
            del self.levels[price]
        del self.texts[depth:], self.keys[depth:]

    def proven(self) -> int:
        """How many of the ordered levels may be shown."""
        return len(self.keys) if self.known == inf else bisect_right(self.keys, self.known)

    def best(self, count: int) -> list[Level]:
        levels = self.levels
        return [(price, levels[price]) for price in self.texts[: min(count, self.proven())]]


class Book:
    """Built from a snapshot, moved by deltas, replaced by the next snapshot.

    ``depth``: cut both sides to so many levels after each delta (0: keep all). ``last``: the sequence it
    stands at. ``exchange_us`` and ``received_ns`` are the newest event's.
    """

    __slots__ = ("bids", "asks", "depth", "last", "exchange_us", "received_ns")

    def __init__(self, snapshot: BookSnapshot, depth: int = 0) -> None:
        self.bids = Side(snapshot.bids, -1, 0 if depth else snapshot.depth)
        self.asks = Side(snapshot.asks, 1, 0 if depth else snapshot.depth)
        self.depth = depth
        self.last = snapshot.last
        self.exchange_us, self.received_ns = snapshot.exchange_us, snapshot.received_ns

    def apply(self, delta: BookDelta) -> int:
        """APPLIED, DUPLICATE or GAP (nothing was changed), by the one rule of :class:`BookDelta`."""
        _, bids, asks, first, last, previous, _, exchange_us, received_ns = delta
        if previous is not None:
            if previous != self.last:
                return DUPLICATE if last <= self.last else GAP
        elif first:
            if last <= self.last:
                return DUPLICATE
            if first > self.last + 1:
                return GAP
        if bids:
            self.bids.apply(bids)
        if asks:
            self.asks.apply(asks)
        self.last = last
        self.exchange_us, self.received_ns = exchange_us, received_ns
        if self.depth:
            self._truncate()
        return APPLIED

    def _truncate(self) -> None:
        for side in (self.bids, self.asks):
            side.settle()
            if len(side.texts) > self.depth:
                side.cut(self.depth)

    def problem(self) -> str:
        """Why it must not be read: ``refused`` (a number), ``crossed`` or ``""``. Settles the order."""
        if self.bids.settle() or self.asks.settle():
            return "refused"
        bids, asks = self.bids.keys, self.asks.keys
        return "crossed" if bids and asks and -bids[0] >= asks[0] else ""

    def best(self, count: int) -> tuple[list[Level], list[Level]]:
        """The best ``count`` proven levels of each side, best first. Ask :meth:`problem` before."""
        return self.bids.best(count), self.asks.best(count)

    def known_to(self) -> tuple[str, str]:
        """The worst proven bid and ask; ``""`` where the whole side is known."""
        return self._edge(self.bids), self._edge(self.asks)

    def _edge(self, side: Side) -> str:
        count = side.proven()
        return "" if side.known == inf or not count else side.texts[count - 1]

    def thin(self, depth: int) -> bool:
        """Whether fewer than ``depth`` proven levels are left although the venue has more: fetch again."""
        return any(side.known != inf and side.proven() < depth for side in (self.bids, self.asks))
