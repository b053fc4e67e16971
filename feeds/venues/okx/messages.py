"""What OKX's frames of prices and trades mean. Quantities of contracts are contracts, of spot the base."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from zlib import crc32

from feeds.events import (
    BUY,
    SELL,
    Bar,
    BookDelta,
    BookSnapshot,
    Event,
    Heartbeat,
    Level,
    Quote,
    Stats,
    Trade,
)
from feeds.symbols import is_number, plain
from feeds.venues.okx import shapes
from feeds.venues.okx.naming import VENUE

CHECKED = 25
"""Levels a side that a checksum is over."""
_CENT = Decimal("0.01")
_SIDES = frozenset((BUY, SELL))
BARS = {
    "1m": 1, "3m": 3, "5m": 5, "15m": 15, "30m": 30, "1H": 60, "2H": 120, "4H": 240,
    "6H": 360, "12H": 720, "1D": 1440, "2D": 2880, "3D": 4320, "1W": 10080,
    "6Hutc": 360, "12Hutc": 720, "1Dutc": 1440, "2Dutc": 2880, "3Dutc": 4320, "1Wutc": 10080,
}  # fmt: skip
"""The venue's word for a length → minutes; those of six hours and more begin by China's clock without
``utc``. Months are of no length."""


def micros(ms: str) -> int:
    """``"1597026383085"`` in microseconds, 0 for none. Raises ValueError."""
    if not ms:
        return 0
    if len(ms) > 15 or not (ms.isascii() and ms.isdecimal()):
        raise ValueError(f"time: expected milliseconds, found {ms!r:.40}")
    return int(ms) * 1000


def same(found: str, instrument: str) -> None:
    """Raises ValueError where a row is of something else than its frame says."""
    if found != instrument[len(VENUE) + 1 :]:
        raise ValueError(f"expected data of {instrument}, found {found!r:.80}")


def tickers(frame: bytes, instrument: str, ns: int) -> list[Event]:
    """``vol24h`` counts what quantities do: the base of spot, contracts of all others (``volCcy24h`` is the
    quote of spot, the base of all others). https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-tickers-channel
    """
    events: list[Event] = []
    for row in shapes.tickers(frame).data:
        same(row.instId, instrument)
        us = micros(row.ts)
        bid = (row.bidPx, row.bidSz) if plain(row.bidPx, zero=False) else ("", "")
        ask = (row.askPx, row.askSz) if plain(row.askPx, zero=False) else ("", "")
        events.append(Quote(instrument, *bid, *ask, us, ns))
        last = row.last if row.last.strip("0.") else ""
        change = changes(last, row.open24h)
        events.append(Stats(instrument, last, row.vol24h, row.high24h, row.low24h, *change, us, ns))
    return events


@lru_cache(maxsize=1024)
def changes(last: str, opened: str) -> tuple[str, str]:
    """Since 24 hours ago: the difference, and what it is in per cent, to the second place."""
    if not (is_number(last) and is_number(opened) and opened.strip("0.")):
        return "", ""
    difference = Decimal(last) - Decimal(opened)
    percent = difference * 100 / Decimal(opened)
    if abs(percent) >= 10**18:
        return f"{difference:f}", ""
    return f"{difference:f}", f"{percent.quantize(_CENT):f}"


def trades(frame: bytes, instrument: str, ns: int) -> list[Event]:
    """``side`` is the taker's; in ``trades`` the fills of one order at one price are one."""
    events: list[Event] = []
    for row in shapes.trades(frame).data:
        same(row.instId, instrument)
        events.append(trade(row, instrument, ns))
    return events


def trade(row: shapes.Trade, instrument: str, ns: int) -> Trade:
    if row.side not in _SIDES:
        raise ValueError(f"side: expected buy or sell, found {row.side!r:.20}")
    return Trade(instrument, row.tradeId, row.side, row.px, row.sz, micros(row.ts), ns)


def _levels(rows: Sequence[shapes.Level]) -> list[Level]:
    return [(row.px, row.sz) for row in rows]


def books(frame: bytes, instrument: str, ns: int) -> list[Event]:
    """By number ``prevSeqId`` is where the book must stand; without numbers, as until 2023, the checksum
    proves it. Raises ValueError for a change that nothing proves."""
    message = shapes.books(frame)
    if message.action not in ("snapshot", "update"):
        raise ValueError(f"action: expected snapshot or update, found {message.action!r:.20}")
    read = _snapshot if message.action == "snapshot" else _delta
    return [read(row, instrument, ns) for row in message.data]


def _checksum(row: shapes.Book) -> int | None:
    """Of 0 nothing is known: it is no sum any more. Written signed."""
    if row.seqId is None and not row.checksum:
        raise ValueError("book: expected seqId or a checksum, found neither")
    return row.checksum & 0xFFFF_FFFF if row.checksum else None


def _snapshot(row: shapes.Book, instrument: str, ns: int) -> BookSnapshot:
    sides = _levels(row.bids), _levels(row.asks)
    last = max(0, row.seqId or 0)
    return BookSnapshot(instrument, *sides, 0, last, _checksum(row), micros(row.ts), ns)


def _delta(row: shapes.Book, instrument: str, ns: int) -> BookDelta:
    """After maintenance ``seqId`` may be less than ``prevSeqId``, which links all the same."""
    checksum, sides, us = _checksum(row), (_levels(row.bids), _levels(row.asks)), micros(row.ts)
    if row.seqId is None:
        return BookDelta(instrument, *sides, 0, 0, None, checksum, us, ns)
    previous = row.prevSeqId
    if previous is None or previous < 0 or row.seqId < 0:
        raise ValueError(f"prevSeqId: expected a number of an update, found {previous}")
    return BookDelta(instrument, *sides, previous + 1, row.seqId, previous, checksum, us, ns)


def bests(frame: bytes, instrument: str, ns: int) -> list[Event]:
    """The first level of each side."""
    events: list[Event] = []
    for row in shapes.books(frame).data:
        bid, ask = (_levels(side[:1]) or [("", "")] for side in (row.bids, row.asks))
        events.append(Quote(instrument, *bid[0], *ask[0], micros(row.ts), ns))
    return events


def fives(frame: bytes, instrument: str, ns: int) -> list[Event]:
    """``books5``: all five levels each time, so that nothing has to link them."""
    return [
        BookSnapshot(instrument, _levels(row.bids), _levels(row.asks), 5, 0, None, micros(row.ts), ns)
        for row in shapes.books(frame).data
    ]


def checksum(bids: Sequence[Level], asks: Sequence[Level]) -> int:
    """CRC-32 of the best 25 a side, in turns, as they are written: ``bid:qty:ask:qty:bid:qty…``."""
    levels: list[Level] = []
    for at in range(max(len(bids), len(asks))):
        levels += bids[at : at + 1]
        levels += asks[at : at + 1]
    return crc32(":".join(f"{price}:{qty}" for price, qty in levels).encode())


def limits(frame: bytes, instrument: str, ns: int) -> list[Event]:
    """Of the limits themselves nothing is shown: that they come says that the link lives."""
    return [Heartbeat(VENUE, micros(row.ts), ns) for row in shapes.limits(frame).data]


def bars(interval: int, frame: bytes, instrument: str, ns: int) -> list[Event]:
    return [bar(row, instrument, interval) for row in shapes.candles(frame).data]


def bar(row: shapes.Candle, instrument: str, interval: int) -> Bar:
    """Of ``[start, open, high, low, close, volume, …, "1"]``; the last says that it is over."""
    if len(row) < 6 or not all(map(is_number, row[1:6])):
        raise ValueError(f"candle: expected six plain numbers, found {row!r:.120}")
    closed = len(row) > 8 and row[8] == "1"
    return Bar(instrument, interval, micros(row[0]), *row[1:6], 0, closed, False)
