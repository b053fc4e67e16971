"""The shapes of Kraken's data frames, v2. Numbers stay the bytes of the frame: their digits are checked."""

from __future__ import annotations

from msgspec import Raw, Struct

from feeds.bare import NOTHING


class Level(Struct, gc=False):
    price: Raw
    qty: Raw


class Book(Struct, gc=False):
    symbol: str
    bids: Raw
    asks: Raw
    checksum: int  # without it nothing proves the book
    timestamp: str = ""


class Trade(Struct, gc=False):
    symbol: str
    side: str
    price: Raw
    qty: Raw
    trade_id: int
    timestamp: str


class Ticker(Struct, gc=False):
    symbol: str
    bid: Raw
    ask: Raw
    last: Raw
    bid_qty: Raw = NOTHING
    ask_qty: Raw = NOTHING
    volume: Raw = NOTHING
    high: Raw = NOTHING
    low: Raw = NOTHING
    change: Raw = NOTHING
    change_pct: Raw = NOTHING
    timestamp: str = ""


class System(Struct, gc=False):
    system: str


class Books(Struct, gc=False):
    type: str
    data: list[Book]


class Trades(Struct, gc=False):
    type: str
    data: list[Trade]


class Tickers(Struct, gc=False):
    data: list[Ticker]


class Systems(Struct):
    data: list[System]
