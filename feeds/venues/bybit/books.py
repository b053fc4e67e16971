"""Books and best prices: ``orderbook.{depth}.{symbol}``.

https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook. Each depth is a stream with its own
numbers: ``u`` is one more than that of the change before, and 1 is a new beginning, which is told whole. What
falls out of the window is deleted in words, so nothing has to be cut. Depth 1 is the best price of each side,
whole each time; older recordings have changes of it too. In ``orderbook.rpi`` a level has a third number,
orders that nobody reaches from here, which are left out. ``orderbook.full`` only tells changes.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

from msgspec import Struct

from feeds.events import BookDelta, BookSnapshot, Event, Quote, Unknown
from feeds.venues.bybit.wire import Id, Levels, Reader, decoder, priced

_RPI, _BEST = "rpi", "1"


class _Book(Struct, gc=False):
    s: str
    b: Levels
    a: Levels
    u: Id


class _RetailBook(Struct, gc=False):
    s: str
    b: list[tuple[str, str, str]]
    a: list[tuple[str, str, str]]
    u: Id


_book, _retail_book = decoder(_Book), decoder(_RetailBook)


class Books:
    """Pure but for a memory: of which depth an instrument's book is, and its best levels.

    Where several depths of one book come (a change of the depth, or a recording of somebody who wanted both),
    the one that began last is followed: numbers of two streams make no book.
    """

    def __init__(self) -> None:
        self._depths: dict[str, str] = {}
        self._best: dict[str, tuple[Levels, Levels]] = {}

    def reader(self, depth: str, instrument: str, native: str) -> Reader | None:
        """None for a depth that tells no book."""
        if depth == _BEST:
            return partial(self._read_best, instrument, native)
        if depth == _RPI or depth.isdecimal():
            return partial(self._read, depth, instrument, native)
        return None

    def has_best(self, instrument: str) -> bool:
        """Whether its best prices come as they change: whoever else tells them is late."""
        return instrument in self._best

    def _read(self, depth: str, instrument: str, native: str, frame: bytes, received_ns: int) -> list[Event]:
        if depth == _RPI:
            found = _retail_book(frame)
            bids, asks = ([level[:2] for level in side] for side in (found.data.b, found.data.a))
        else:
            found = _book(frame)
            bids, asks = found.data.b, found.data.a
        data, us = found.data, (found.cts or found.ts) * 1000
        if data.s != native:
            raise ValueError(f"book: expected that of {native!r:.80}, found {data.s!r:.80}")
        followed = self._depths.get(instrument, depth)
        if _begins(found):
            if depth == _RPI != followed:
                return [Unknown(f"orderbook.{depth:.20}")]
            self._depths[instrument] = depth
            return [BookSnapshot(instrument, bids, asks, 0, data.u, None, us, received_ns)]
        if followed != depth:
            return [Unknown(f"orderbook.{depth:.20}")]
        return [BookDelta(instrument, bids, asks, data.u, data.u, None, None, us, received_ns)]

    def _read_best(self, instrument: str, native: str, frame: bytes, received_ns: int) -> list[Event]:
        found = _book(frame)
        data, us = found.data, (found.cts or found.ts) * 1000
        if data.s != native:
            raise ValueError(f"best prices: expected those of {native!r:.80}, found {data.s!r:.80}")
        bids, asks = data.b, data.a
        if not _begins(found):
            held = self._best.get(instrument)
            if held is None:
                return [Unknown("orderbook.1")]
            bids, asks = _changed(held[0], bids, -1), _changed(held[1], asks, 1)
        self._best[instrument] = (bids, asks)
        (bid, bid_qty), (ask, ask_qty) = (priced(*side[0]) if side else ("", "") for side in (bids, asks))
        return [Quote(instrument, bid, bid_qty, ask, ask_qty, us, received_ns)]


def _begins(found: Any) -> bool:
    """Whether the whole book is told; with the number 1 it is, whatever it is called."""
    if found.type not in ("snapshot", "delta"):
        raise ValueError(f"book: expected a snapshot or a delta, found {found.type!r:.20}")
    return found.type == "snapshot" or found.data.u == 1


def _changed(held: Levels, changes: Levels, sign: int) -> Levels:
    """The levels after the changes, best first; ``sign`` is -1 for bids."""
    levels = {**dict(held), **dict(changes)}
    left = [(price, quantity) for price, quantity in levels.items() if quantity.strip("0.")]
    return sorted(left, key=lambda level: sign * Decimal(level[0]))
