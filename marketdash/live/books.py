"""A hub's copy of an order book, and the depths that viewers cut from it. Pure.

The worker publishes changed levels of a wide window; a viewer watches the best 10 to 1,000. A :class:`Cut`
is the track of one depth: at each of its flush points it compares the best levels with those of the point
before, so a level that was pushed out is removed and one that moved up is added, whatever came in between.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

import msgspec

from marketdash.live.bodies import Body, merge_levels
from marketdash.live.views import APPLIED, UNCONFIRMED, Position, Track, Written, judge, lapsed_at

LIVE = "live"
# Up to so many characters two different prices are two different floats.
_FLOAT_DIGITS = 16

Side: TypeAlias = dict[str, str]

_encode = msgspec.json.Encoder().encode


class Ladder:
    """One side, best first. ``sign`` is -1 for bids, so that the best has the smallest key."""

    __slots__ = ("levels", "_sign", "_key", "_keys", "_prices")

    def __init__(self, sign: int, levels: list[list[str]]) -> None:
        self.levels: dict[str, str] = dict(levels)  # type: ignore[arg-type]
        self._sign = sign
        self._sort()

    def _sort(self) -> None:
        short = all(len(price) <= _FLOAT_DIGITS for price in self.levels)
        self._key: Callable[[str], Any] = float if short else Decimal
        pairs = sorted((self._sign * self._key(price), price) for price in self.levels)
        self._keys = [key for key, _ in pairs]
        self._prices = [price for _, price in pairs]

    def apply(self, changes: list[list[str]]) -> None:
        for price, qty in changes:
            if qty == "0":
                self._remove(price)
            elif price in self.levels:
                self.levels[price] = qty
            else:
                self._insert(price, qty)

    def _insert(self, price: str, qty: str) -> None:
        self.levels[price] = qty
        if len(price) > _FLOAT_DIGITS and self._key is float:
            self._sort()
            return
        key = self._sign * self._key(price)
        at = bisect_left(self._keys, key)
        self._keys.insert(at, key)
        self._prices.insert(at, price)

    def _remove(self, price: str) -> None:
        if self.levels.pop(price, None) is not None:
            at = bisect_left(self._keys, self._sign * self._key(price))
            del self._keys[at], self._prices[at]

    def best(self, count: int) -> dict[str, str]:
        levels = self.levels
        return {price: levels[price] for price in self._prices[:count]}


class BookReplica(Written):
    """One book as the bus tells it. ``state`` other than live means that there are no levels."""

    __slots__ = (
        *("symbol", "position", "lapsed", "as_of_us", "state", "reason", "phase", "times", "bids", "asks"),
        "_said",
    )

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.position: Position | None = None
        self.lapsed: Position | None = None
        self._said = ("", "", "")
        self.as_of_us = 0
        self.state = self.reason = self.phase = ""
        self.times: dict[str, int] = {}
        self.bids, self.asks = Ladder(-1, []), Ladder(1, [])

    def apply(self, epoch: str, prev: int, seq: int, as_of_us: int, body: bytes) -> int:
        outcome = judge(self.lapsed or self.position, epoch, prev, seq)
        if outcome == APPLIED:
            self.revive()
            self._take(msgspec.json.decode(body), whole=prev == 0)
            self.position, self.as_of_us = (epoch, seq), as_of_us
        return outcome

    def lapse(self, now_us: int) -> None:
        """Its levels are kept: they may be confirmed."""
        if self.position is not None and self.lapsed is None:
            self.lapsed, self.position = self.position, lapsed_at(self.position, now_us)
            self._said = self.state, self.reason, self.phase
            self.state, self.reason, self.phase = UNCONFIRMED["state"], UNCONFIRMED["reason"], ""

    def revive(self) -> None:
        if self.lapsed is not None:
            self.position, self.lapsed = self.lapsed, None
            self.state, self.reason, self.phase = self._said

    def _take(self, body: Body, *, whole: bool) -> None:
        if "state" in body:
            self.state, self.reason = body["state"], body.get("reason", "")
            self.phase = body.get("phase", "")
        bids, asks = body.get("bids", []), body.get("asks", [])
        if whole:
            self.bids, self.asks = Ladder(-1, bids), Ladder(1, asks)
        else:
            self.bids.apply(bids)
            self.asks.apply(asks)
        self.times = {name: body[name] for name in ("ts_exchange", "ts_received") if name in body}

    def shown(self, depth: int) -> Body:
        """The whole value, ``depth`` levels a side."""
        return _shown(self, self.bids.best(depth), self.asks.best(depth), self.times)

    def value(self) -> Body:
        return self.shown(1000)


def _shown(book: BookReplica, bids: Side, asks: Side, times: dict[str, int]) -> Body:
    if book.state != LIVE:
        phase = {"phase": book.phase} if book.phase else {}
        return {"state": book.state, "reason": book.reason, **phase}
    return {"state": LIVE, "reason": "", "bids": list(bids.items()), "asks": list(asks.items()), **times}


class Cut(Track):
    """The best ``depth`` levels a side of one book, as the viewers of one interval follow it."""

    __slots__ = ("book", "depth", "_seen", "_live", "_bids", "_asks", "_body")

    def __init__(self, book: BookReplica, depth: int) -> None:
        super().__init__(book.symbol, merge_levels)
        self.book, self.depth = book, depth
        self._seen: Position | None = None
        self._live = False
        self._bids: Side = {}
        self._asks: Side = {}
        self._body: Body = {}

    def advance(self) -> None:
        """A flush point."""
        book = self.book
        if book.position == self._seen or book.position is None:
            return
        self._seen = book.position
        self.as_of_us = book.as_of_us
        before = (self._bids, self._asks)
        live = book.state == LIVE
        self._bids = book.bids.best(self.depth) if live else {}
        self._asks = book.asks.best(self.depth) if live else {}
        epoch, seq = book.position
        if self.position is not None and self._live and live and self.position[0] == epoch:
            self._follow(before, seq)
        else:
            self._restart(epoch, seq)
            self._body = _shown(book, self._bids, self._asks, book.times)
        self._live = live

    def is_news(self, position: Position | None) -> bool:
        now = self.book.position
        return (now != self._seen and now is not None) or super().is_news(position)

    def _follow(self, before: tuple[Side, Side], seq: int) -> None:
        assert self.position is not None
        bids, asks = _changes(before[0], self._bids), _changes(before[1], self._asks)
        if bids or asks:
            self._step(self.position[1], seq, _encode({"bids": bids, "asks": asks, **self.book.times}))
            self._body = _shown(self.book, self._bids, self._asks, self.book.times)

    def whole(self) -> bytes:
        return _encode(self._body)


def _changes(before: Side, now: Side) -> list[tuple[str, str]]:
    gone = [(price, "0") for price in before.keys() - now.keys()]
    return gone + [level for level in now.items() if before.get(level[0]) != level[1]]
