"""The shapes of Kraken's derivatives messages, and a typed decoder for each.

https://docs.kraken.com/exchange/api-reference/futures-websocket. Flat objects, their keys in no
order that one could count on. Numbers are bare and stay the bytes of the frame; times are milliseconds since
1970.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Raw, Struct

from feeds.bare import NOTHING

Number: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Sequence: TypeAlias = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Stamp: TypeAlias = Annotated[int, Meta(ge=0, le=9_000_000_000_000)]
Side: TypeAlias = Literal["buy", "sell"]


class Level(Struct, gc=False):
    price: Raw
    qty: Raw


class Book(Struct, gc=False):
    """``book_snapshot``: all of it."""

    product_id: str
    timestamp: Stamp
    seq: Sequence
    bids: list[Level]
    asks: list[Level]


class Change(Struct, gc=False):
    """``book``: one level, with what is there now; 0 is nothing."""

    product_id: str
    side: Side
    seq: Sequence
    price: Raw
    qty: Raw
    timestamp: Stamp


class Trade(Struct, gc=False):
    """``uid`` was not there before 2019."""

    product_id: str
    side: Side
    type: str
    seq: Number
    time: Stamp
    qty: Raw
    price: Raw
    uid: str = ""


class Trades(Struct, gc=False):
    """``trade_snapshot``: the newest first."""

    trades: list[Trade]


class Ticker(Struct, gc=False):
    """``ticker``: all that there is each time. Rates of a funding that is zero are left out."""

    product_id: str
    time: Stamp
    bid: Raw = NOTHING
    bid_size: Raw = NOTHING
    ask: Raw = NOTHING
    ask_size: Raw = NOTHING
    last: Raw = NOTHING
    volume: Raw = NOTHING
    high: Raw = NOTHING
    low: Raw = NOTHING
    change: Raw = NOTHING
    markPrice: Raw = NOTHING  # noqa: N815
    index: Raw = NOTHING
    openInterest: Raw = NOTHING  # noqa: N815
    tag: str = ""
    funding_rate: Raw = NOTHING
    funding_rate_prediction: Raw = NOTHING
    relative_funding_rate: Raw = NOTHING
    relative_funding_rate_prediction: Raw = NOTHING
    next_funding_rate_time: Stamp | None = 0
    suspended: bool = False
    post_only: bool = False


class Lite(Struct, gc=False):
    """``ticker_lite``: without sizes, and without a time."""

    product_id: str
    bid: Raw = NOTHING
    ask: Raw = NOTHING
    volume: Raw = NOTHING
    change: Raw = NOTHING


class Beat(Struct, gc=False):
    time: Stamp = 0


class Head(Struct, gc=False):
    """Any message: of a feed, or an event."""

    feed: str = ""
    event: str = ""
    message: Any = ""
    product_ids: list[str] | None = None


head = msgspec.json.Decoder(Head).decode
book, change = msgspec.json.Decoder(Book).decode, msgspec.json.Decoder(Change).decode
trade, trades = msgspec.json.Decoder(Trade).decode, msgspec.json.Decoder(Trades).decode
ticker, lite = msgspec.json.Decoder(Ticker).decode, msgspec.json.Decoder(Lite).decode
beat = msgspec.json.Decoder(Beat).decode
