"""The shapes of Coinbase Advanced's frames, and a typed decoder for each channel.

Every frame is ``{"channel","timestamp","sequence_num","events":[…]}``. A list with nothing in it may be null.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct

Number: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]
T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Bid(Struct, gc=False, tag_field="side", tag="bid"):
    price_level: str
    new_quantity: str


class Offer(Struct, gc=False, tag_field="side", tag="offer"):
    price_level: str
    new_quantity: str


class Book(Struct, gc=False):
    """Decoding the side as a tag makes one struct a level and no text for the side: a third less time."""

    type: str
    product_id: str
    updates: list[Bid | Offer] | None


class TradeRow(Struct, gc=False):
    product_id: str
    trade_id: str
    price: str
    size: str
    time: str
    side: str


class Trades(Struct, gc=False):
    type: str
    trades: list[TradeRow] | None


class TickerRow(Struct, gc=False):
    """Until late in 2023 without the best prices, and some products have no 24-hour figures."""

    product_id: str
    price: str
    volume_24_h: str = ""
    low_24_h: str = ""
    high_24_h: str = ""
    price_percent_chg_24_h: str = ""
    best_bid: str | None = None
    best_ask: str | None = None
    best_bid_quantity: str = ""
    best_ask_quantity: str = ""


class Tickers(Struct, gc=False):
    tickers: list[TickerRow] | None


class Beat(Struct, gc=False):
    heartbeat_counter: int


class Subscribed(Struct, gc=False):
    subscriptions: dict[str, list[str] | None]


class Frame(Struct, Generic[T], gc=False):
    timestamp: str
    sequence_num: Number
    events: list[T]


class Head(Struct, gc=False):
    """Any JSON object: a channel's frame, or ``{"type":"error","message":…}``."""

    channel: str = ""
    type: str = ""
    message: str = ""
    sequence_num: Number | None = None


def _decoder(event: type) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(Frame[event]).decode


books, trades, tickers = _decoder(Book), _decoder(Trades), _decoder(Tickers)
beats, subscribed = _decoder(Beat), _decoder(Subscribed)
head: Callable[[bytes], Head] = msgspec.json.Decoder(Head).decode


@lru_cache(maxsize=64)
def _minute_us(text: str) -> int:
    minute_us = (datetime.fromisoformat(f"{text}:00+00:00") - _EPOCH) // _MICROSECOND
    if minute_us < 0:
        raise ValueError(f"time: expected one since 1970, found {text!r}")
    return minute_us


def micros(text: str) -> int:
    """``2026-08-09T21:05:48.228568804Z`` in integer µs since 1970; what is finer is cut off.

    The minute is remembered, so that a date is parsed once a minute. Raises :class:`ValueError`.
    """
    digits = text[17:19] + text[20:-1].ljust(6, "0")[:6]
    if text[16:17] != ":" or text[-1:] != "Z" or len(digits) != 8 or not digits.isdecimal() or digits >= "61":
        raise ValueError(f"time: expected 2026-08-09T21:05:48.228Z, found {text!r:.60}")
    return _minute_us(text[:16]) + int(digits)
