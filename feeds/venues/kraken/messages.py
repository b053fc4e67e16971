"""Kraken's data frames, v2. Numbers arrive bare (``"price":64012.10``) and the checksum is over their digits,
so they are cut out of the frame as text and never become a float.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from zlib import crc32

import msgspec
from msgspec import Raw

from feeds.bare import digits
from feeds.codec import Best
from feeds.events import BUY, SELL, BookDelta, BookSnapshot, Event, Level, Quote, Stats, Trade, VenueStatus
from feeds.venues.kraken import shapes

VENUE = "KRAKEN"

# The frame is JSON by then, whose grammar leaves at most one point in a number. Half the price of objects.
_IS_LEVELS = re.compile(r'\[(?:\{"price":[0-9.]++,"qty":[0-9.]++\},?+)*+\]').fullmatch
# Most changes are of one level, and one match is cheaper than two.
_IS_LEVEL = re.compile(r'\[\{"price":([0-9.]++),"qty":([0-9.]++)\}\]').fullmatch
_LEVELS = re.compile(r'"price":([0-9.]++),"qty":([0-9.]++)').findall

_level_list = msgspec.json.Decoder(list[shapes.Level]).decode
_books = msgspec.json.Decoder(shapes.Books).decode
_trades = msgspec.json.Decoder(shapes.Trades).decode
_tickers = msgspec.json.Decoder(shapes.Tickers).decode
_systems = msgspec.json.Decoder(shapes.Systems).decode


def books(frame: bytes, received_ns: int) -> list[Event]:
    """``{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":1.0,"qty":2.00}],…}]}``"""
    message = _books(frame)
    snapshot = message.type == "snapshot"
    events: list[Event] = []
    for book in message.data:
        name, us = f"{VENUE}:{book.symbol}", micros(book.timestamp)
        bids, asks = _levels(book.bids), _levels(book.asks)
        if snapshot:
            events.append(BookSnapshot(name, bids, asks, 0, 0, book.checksum, us, received_ns))
        else:
            events.append(BookDelta(name, bids, asks, 0, 0, None, book.checksum, us, received_ns))
    return events


def _levels(raw: Raw) -> list[Level]:
    """``[{"price":64012.10,"qty":0.50000000},…]``, cut where the text is just so, else decoded."""
    text = str(raw, "ascii")
    if text == "[]":
        return []
    if one := _IS_LEVEL(text):
        return [one.groups()]
    if _IS_LEVELS(text):
        return _LEVELS(text)
    return [(digits(level.price), digits(level.qty)) for level in _level_list(raw)]


def trades(frame: bytes, received_ns: int) -> list[Event]:
    """``{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy","price":1.0,…}]}``

    ``side`` is the aggressor's; a snapshot is the last 50 trades.
    """
    message = _trades(frame)
    replayed = message.type == "snapshot"
    events = [_trade(trade, received_ns, replayed) for trade in message.data]
    if replayed:
        events.sort(key=lambda trade: trade.exchange_us)
    return events


def _trade(trade: shapes.Trade, received_ns: int, replayed: bool) -> Trade:
    if trade.side not in (BUY, SELL):
        raise ValueError(f"side: expected buy or sell, found {trade.side!r:.20}")
    price, qty, us = digits(trade.price), digits(trade.qty), micros(trade.timestamp)
    name = f"{VENUE}:{trade.symbol}"
    return Trade(name, str(trade.trade_id), trade.side, price, qty, us, received_ns, replayed)


def tickers(frame: bytes, received_ns: int) -> list[Event]:
    """``{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":1.0,"bid_qty":2.00,…}]}``"""
    events: list[Event] = []
    for row in _tickers(frame).data:
        name, us = f"{VENUE}:{row.symbol}", micros(row.timestamp)
        bid, ask = (digits(row.bid), digits(row.bid_qty)), (digits(row.ask), digits(row.ask_qty))
        events.append(Quote(name, *bid, *ask, us, received_ns))
        figures = (row.last, row.volume, row.high, row.low, row.change, row.change_pct)
        events.append(Stats(name, *map(digits, figures), us, received_ns))
    return events


def statuses(frame: bytes, received_ns: int) -> list[Event]:
    """``{"channel":"status","type":"update","data":[{"system":"online",…}]}``; all but online is a halt."""
    systems = [row.system[:80] for row in _systems(frame).data]
    return [
        VenueStatus(VENUE, "online", "", received_ns)
        if system == "online"
        else VenueStatus(VENUE, "halted", system, received_ns)
        for system in systems
    ]


def micros(stamp: str) -> int:
    """``2021-04-17T16:48:53.384218Z`` in microseconds since 1970; 0 for none. Raises ValueError."""
    if not stamp:
        return 0
    if len(stamp) == 27 and stamp[26] == "Z":
        return _second_us(stamp[:19]) + int(stamp[20:26])
    whole, _, fraction = stamp.removesuffix("Z").partition(".")
    return _second_us(whole) + int((fraction + "000000")[:6])


@lru_cache(maxsize=64)
def _second_us(text: str) -> int:
    return int(datetime.fromisoformat(text + "+00:00").timestamp()) * 1_000_000


def checksum(bids: Sequence[Level], asks: Sequence[Level]) -> int:
    """CRC-32 over the best ten a side: asks, then bids, digits without point and leading zeros."""
    return crc32(_digest(bids), crc32(_digest(asks)))


def _digest(levels: Sequence[Level]) -> bytes:
    """Most changes are of one side: the other's digits are still there."""
    if type(levels) is not Best:
        return b"".join(map(_digits.__getitem__, levels))
    if levels.digest is None:
        levels.digest = b"".join(map(_digits.__getitem__, levels))
    return levels.digest


REMEMBERED = 16_384
"""Levels: the best ten a side of some hundred books, and what they were; 4 MB."""


class _Digits(dict[Level, bytes]):
    """Remembers, because of twenty levels one is new; a dictionary is half as dear as ``lru_cache``."""

    def __missing__(self, level: Level) -> bytes:
        if len(self) > REMEMBERED:
            self.clear()
        price, qty = level
        found = (price.replace(".", "").lstrip("0") + qty.replace(".", "").lstrip("0")).encode()
        self[level] = found
        return found


_digits = _Digits()
