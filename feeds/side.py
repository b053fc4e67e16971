"""One side of an order book: levels in a dictionary until somebody reads, then each in its place.

Prices are told apart by their digits and ordered as numbers; what is not plain breaks the side.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection
from decimal import Decimal
from math import inf
from operator import itemgetter

from feeds.codec import Best
from feeds.events import Level

# Beyond so many unread changes a full sort is cheaper than finding each one's place.
_MAX_PENDING = 20_000
# A deleted level stays as a zero until the side is settled or tidied, or has so many entries too many.
_SLACK = 4096
# Up to so many characters two different prices are two different floats.
_FLOAT_DIGITS = 16
# As :func:`feeds.symbols.is_number`, turned round, because a match that is found costs more than none.
_NO_NUMBER = re.compile(r"(?![0-9]{1,20}+(?:\.[0-9]{1,20}+)?+\Z)").match
_ALL_PLAIN = re.compile(r"(?: [0-9]{1,20}+(?:\.[0-9]{1,20}+)?+)*+ ?").fullmatch
_ANY_ZERO = re.compile(r" 0[0.]* ").search

Levels = Collection[Level]


class Side:
    """One side's levels. ``sign`` is -1 for bids, so that the smallest key is always the best.

    ``keys`` and ``rows`` are the order as :meth:`settle` left it; ``known`` is the last key that is proven;
    ``moved_to`` is the best place that changed since somebody last set it back. Until somebody reads, levels
    are in a dictionary without order; after it, changes wait in a list for the next reader.
    """

    __slots__ = (
        *("sign", "keys", "rows", "known", "broken", "moved_to"),
        *("_levels", "_pending", "_waiting", "_purge_at", "_top"),
    )

    def __init__(self, levels: Levels, sign: int, limit: int) -> None:
        self.sign = sign
        self.keys: list[float] = []
        self.rows: list[Level] = []
        self.broken = False
        self.moved_to = 0
        self._levels: dict[str, str] | None = dict(levels)
        self._pending: list[Levels] = []
        self._waiting = 0
        self._purge_at = len(levels) + _SLACK
        self._top = Best()
        self.known = self._worst(levels) if limit and len(levels) >= limit else inf

    def _worst(self, levels: Levels) -> float:
        try:
            numbers = map(float, map(itemgetter(0), levels))
            return max(numbers) if self.sign > 0 else -min(numbers)
        except ValueError:
            self.broken = True
            return inf

    def apply(self, changes: Levels) -> None:
        """Take the changes in; their order waits for :meth:`settle`."""
        if self._levels is not None:
            self._levels.update(changes)
            if len(self._levels) > self._purge_at:
                self.tidy()
            return
        self._pending.append(changes)
        self._waiting += len(changes)
        if self._waiting > _MAX_PENDING:
            self._levels = self._unordered()

    def _unordered(self) -> dict[str, str]:
        levels = dict(self.rows)
        for changes in self._pending:
            levels.update(changes)
        self.keys, self.rows, self._pending, self._waiting = [], [], [], 0
        return levels

    def _purge(self, levels: dict[str, str]) -> dict[str, str]:
        # A price of zero stays, whatever is said of it: a removal from there was meant for another price.
        self._levels = {
            price: qty for price, qty in levels.items() if qty.strip("0.") or not price.strip("0.")
        }
        self._purge_at = 2 * len(self._levels) + _SLACK
        return self._levels

    def tidy(self) -> None:
        """Keep no more than there is, though nobody reads: what was deleted, or changed since, goes."""
        if self._levels is None and self._waiting > len(self.rows):
            self._levels = self._unordered()
        if self._levels is not None:
            if _text(self._levels) is None:
                self.broken = True
            self._purge(self._levels)

    def settle(self) -> None:
        """Bring the order up to date; ``broken`` says whether a number was not a proper one."""
        if self._levels is None and self._waiting > len(self.rows):
            self._levels = self._unordered()
        if self._levels is not None:
            self._sort(self._levels)
        elif self._pending:
            for changes in self._pending:
                self.place(changes)
            self._pending, self._waiting = [], 0

    def _sort(self, levels: dict[str, str]) -> None:
        self.moved_to = 0
        text = _text(levels)
        if text is None or _twice(levels):
            self.broken = True
            return
        if _ANY_ZERO(text):
            levels = self._purge(levels)
        self.keys, self.rows = self._ordered(levels)
        self.broken |= bool(self.keys) and not self.keys[0 if self.sign > 0 else -1]
        self._levels = None

    def _ordered(self, levels: dict[str, str]) -> tuple[list[float], list[Level]]:
        rows = list(levels.items())
        if max(map(len, levels), default=0) > _FLOAT_DIGITS:
            rows.sort(key=lambda level: self.sign * Decimal(level[0]))
        keys = [self.sign * key for key in map(float, map(itemgetter(0), rows))]
        order = sorted(keys)
        if keys != order:
            rows = [rows[at] for at in sorted(range(len(keys)), key=keys.__getitem__)]
        return order, rows

    def place(self, changes: Levels) -> None:
        """Take the changes in, each at its place."""
        keys, rows, sign = self.keys, self.rows, self.sign
        for change in changes:
            price, qty = change
            try:
                key = sign * float(price)
            except ValueError:
                self.broken = True
                return
            at = bisect_left(keys, key)
            held = at < len(keys) and rows[at][0] == price
            if not held and at < len(keys) and keys[at] == key:
                at, held = self._told_apart(at, price)
            if at < self.moved_to:
                self.moved_to = at
            # A price that is held was looked at when it came.
            if _NO_NUMBER(qty) or not (held or not _NO_NUMBER(price)):
                self.broken = True
                return
            if qty < "1" and not qty.strip("0."):
                if held:
                    del keys[at], rows[at]
                else:
                    self.broken |= not key
            elif held:
                rows[at] = change
            else:
                keys.insert(at, key)
                rows.insert(at, change)
                self.broken |= not key

    def _told_apart(self, at: int, price: str) -> tuple[int, bool]:
        """Where a price is or belongs among others that are the same float: digit by digit.

        The same number in other digits breaks the side: which of the two is meant nobody can say.
        """
        key, exact = self.keys[at], self.sign * Decimal(price)
        while at < len(self.keys) and self.keys[at] == key:
            if self.rows[at][0] == price:
                return at, True
            other = self.sign * Decimal(self.rows[at][0])
            self.broken |= other == exact
            if other > exact:
                break
            at += 1
        return at, False

    def cut(self, depth: int) -> None:
        del self.keys[depth:], self.rows[depth:]

    def proven(self) -> int:
        """How many of the ordered levels may be shown."""
        return len(self.keys) if self.known == inf else bisect_right(self.keys, self.known)

    def look_up(self, price: str) -> tuple[float, str]:
        """The key of a proper price and the quantity there, ``""`` where there is none."""
        key = self.sign * float(price)
        at = bisect_left(self.keys, key)
        while at < len(self.keys) and self.keys[at] == key:
            if self.rows[at][0] == price:
                return key, self.rows[at][1]
            at += 1
        return key, ""

    def top(self, count: int) -> Best:
        """The best ``count``: the same object while none of them changed."""
        if self.moved_to < count or len(self._top) > count:
            self._top, self.moved_to = Best(self.rows[:count]), count
        return self._top

    def best(self, count: int) -> list[Level]:
        return self.rows[: count if self.known == inf else min(count, self.proven())]


def _text(levels: dict[str, str]) -> str | None:
    """All of them, blanks around each number; None where something is none."""
    text = f" {' '.join(levels)} {' '.join(levels.values())} " if levels else ""
    # A blank within one of them would make two numbers of it.
    return text if _ALL_PLAIN(text) and text.count(" ") <= 2 * len(levels) + 1 else None


def _twice(prices: Collection[str]) -> bool:
    """Whether one price is among them in two spellings."""
    if len(set(map(float, prices))) == len(prices):
        return False
    return len(set(map(Decimal, prices))) < len(prices)
