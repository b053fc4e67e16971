"""Events with everything filled in that a test does not care about, and a codec that is all attributes."""

from __future__ import annotations

from typing import Any

from feeds.basics import Basics
from feeds.codec import Subscription
from feeds.events import BookDelta, BookSnapshot, Quote, Stats, Trade, TradeUndone

NAME = "FAKE:BTC/USD"
T0_NS = 1_766_000_000_000_000_000
T0_US = T0_NS // 1000


class PlainCodec(Basics):
    """No wire: tests hand events straight to the state."""

    venue, title = "FAKE", "Fake"
    resync_scope, snapshots, truncate, checksum_levels = "symbol", "stream", False, 0

    def __init__(self, **differences: Any) -> None:
        for name, value in differences.items():
            setattr(self, name, value)

    def book_depth(self, subscription: Subscription) -> int:
        return subscription.depth


def quote(bid: str = "100.0", ask: str = "100.1", *, qty: str = "1.5", name: str = NAME) -> Quote:
    return Quote(name, bid, qty, ask, qty, T0_US, T0_NS)


def stats(**figures: str) -> Stats:
    names = ("last", "volume", "high", "low", "change", "change_pct")
    told = (figures.get(name, "") for name in names)
    return Stats(NAME, *told, T0_US, T0_NS, figures.get("confidence", ""))


def trade(
    at: int = 1, *, price: str = "100.0", qty: str = "1.5", s: float = 0, replayed: bool = False
) -> Trade:
    """``at`` is its id, ``s`` its seconds after the start."""
    us = T0_US + round(s * 1e6)
    return Trade(NAME, str(at), "buy", price, qty, us, us * 1000, replayed)


def undone(at: int, instead: Trade | None = None, *, s: float = 0) -> TradeUndone:
    """The trade with id ``at`` is taken back, ``s`` seconds after the start."""
    us = T0_US + round(s * 1e6)
    return TradeUndone(NAME, str(at), instead, us, us * 1000)


def snapshot(
    bids: list, asks: list, *, last: int = 0, depth: int = 0, checksum: int | None = None
) -> BookSnapshot:
    return BookSnapshot(NAME, bids, asks, depth, last, checksum, T0_US, T0_NS)


def delta(
    bids: list | None = None,
    asks: list | None = None,
    *,
    first: int = 0,
    last: int = 0,
    previous: int | None = None,
    checksum: int | None = None,
) -> BookDelta:
    return BookDelta(NAME, bids or [], asks or [], first, last, previous, checksum, T0_US, T0_NS)
