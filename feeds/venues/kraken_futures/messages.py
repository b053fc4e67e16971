"""Books and trades: https://docs.kraken.com/exchange/api-reference/futures-websocket/book, …/trade

``seq`` of a book is counted for each contract: each change is one more than the message before, the snapshot
included. Trades have a count of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from feeds.bare import digits
from feeds.events import (
    BookDelta,
    BookSnapshot,
    Event,
    Heartbeat,
    Level,
    Liquidation,
    Quote,
    Stats,
    Trade,
)
from feeds.venues.kraken_futures import shapes
from feeds.venues.kraken_futures.naming import VENUE, instrument
from feeds.venues.kraken_futures.tickers import read_ticker, side_of

Reader: TypeAlias = Callable[[bytes, int], list[Event]]
"""From a frame and our receive time."""

_LIQUIDATION = "liquidation"


def read_book(frame: bytes, ns: int) -> list[Event]:
    found = shapes.book(frame)
    bids, asks = _levels(found.bids), _levels(found.asks)
    name, us = instrument(found.product_id), found.timestamp * 1000
    return [BookSnapshot(name, bids, asks, 0, found.seq, None, us, ns)]


def _levels(side: list[shapes.Level]) -> list[Level]:
    """A snapshot may have levels at which nothing is left."""
    levels = [(digits(level.price), digits(level.qty)) for level in side]
    return [level for level in levels if level[1].strip("0.")]


def read_change(frame: bytes, ns: int) -> list[Event]:
    found = shapes.change(frame)
    level = [(digits(found.price), digits(found.qty))]
    bids, asks = (level, []) if found.side == "buy" else ([], level)
    name, seq = instrument(found.product_id), found.seq
    return [BookDelta(name, bids, asks, 0, seq, seq - 1, None, found.timestamp * 1000, ns)]


def read_trade(frame: bytes, ns: int) -> list[Event]:
    """``side`` is the taker's, and an order that ends a position takes: its side is the liquidation's."""
    found = shapes.trade(frame)
    event = _trade(found, ns, replayed=False)
    if found.type != _LIQUIDATION:
        return [event]
    name, price, qty, us = event.instrument, event.price, event.qty, event.exchange_us
    return [event, Liquidation(name, event.side, price, price, qty, qty, us, ns)]


def read_trades(frame: bytes, ns: int) -> list[Event]:
    """What happened before, newest first: liquidations among them are trades alone, long over."""
    rows = sorted(shapes.trades(frame).trades, key=lambda row: (row.time, row.seq))
    return [_trade(row, ns, replayed=True) for row in rows] or [Heartbeat(VENUE, 0, ns)]


def _trade(row: shapes.Trade, ns: int, *, replayed: bool) -> Trade:
    """Its ``uid``; in old recordings its number. Whatever its type, it was traded."""
    name, number = instrument(row.product_id), row.uid or str(row.seq)
    price, qty = digits(row.price), digits(row.qty)
    return Trade(name, number, row.side, price, qty, row.time * 1000, ns, replayed)


def read_lite(frame: bytes, ns: int) -> list[Event]:
    found = shapes.lite(frame)
    name = instrument(found.product_id)
    bid, ask = side_of(found.bid)[0], side_of(found.ask)[0]
    return [
        Quote(name, bid, "", ask, "", 0, ns),
        Stats(name, "", digits(found.volume), "", "", "", digits(found.change), 0, ns),
    ]


def read_beat(frame: bytes, ns: int) -> list[Event]:
    return [Heartbeat(VENUE, shapes.beat(frame).time * 1000, ns)]


READERS: dict[str, Reader] = {
    "book": read_change,
    "book_snapshot": read_book,
    "trade": read_trade,
    "trade_snapshot": read_trades,
    "ticker": read_ticker,
    "ticker_lite": read_lite,
    "heartbeat": read_beat,
}
"""Feed → its reader."""
