"""The shapes of Coinbase Exchange's frames, and a typed decoder for each type.

Every frame is an object that begins with its ``type``; nothing is wrapped, and nothing numbers a link.
https://docs.cdp.coinbase.com/exchange/websocket-feed/channels
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, Struct

from feeds.venues.coinbase.shapes import micros

Number: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]

# Go's time that was never set.
_NEVER = "0001-01-01T00:00:00"


class Snapshot(Struct, gc=False):
    product_id: str
    bids: list[tuple[str, str]]
    asks: list[tuple[str, str]]
    time: str = ""


class Change(Struct, gc=False):
    product_id: str
    changes: list[tuple[str, str, str]]
    time: str = ""


class Match(Struct, gc=False):
    product_id: str
    trade_id: Number
    side: str
    price: str
    size: str
    time: str


class Ticker(Struct, gc=False):
    """Until 2022 without the sizes of the best prices."""

    product_id: str
    price: str
    time: str = ""
    open_24h: str = ""
    volume_24h: str = ""
    low_24h: str = ""
    high_24h: str = ""
    best_bid: str | None = None
    best_ask: str | None = None
    best_bid_size: str = ""
    best_ask_size: str = ""


class Beat(Struct, gc=False):
    product_id: str
    last_trade_id: Number
    time: str


class Product(Struct, gc=False):
    """One row of ``status``, and of the list by REST."""

    id: str
    base_currency: str
    quote_currency: str
    base_increment: str
    quote_increment: str
    status: str
    status_message: str | None = ""
    trading_disabled: bool = False
    cancel_only: bool = False

    @property
    def state(self) -> str:
        """Trading, halted or delisted; ``post_only``, ``limit_only`` and auctions are trading."""
        if self.status == "delisted":
            return "delisted"
        closed = self.status != "online" or self.trading_disabled or self.cancel_only
        return "halted" if closed else "trading"


class Statuses(Struct, gc=False):
    products: list[Product]


class Channel(Struct, gc=False):
    name: str
    product_ids: list[str] | None = None


class Subscribed(Struct, gc=False):
    channels: list[Channel] | None


class Head(Struct, gc=False):
    """Any JSON object; ``message`` and ``reason`` are those of an error."""

    type: str = ""
    message: str = ""
    reason: str = ""


def _decoder(kind: type) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(kind).decode


snapshot, change, match = _decoder(Snapshot), _decoder(Change), _decoder(Match)
ticker, beat, statuses = _decoder(Ticker), _decoder(Beat), _decoder(Statuses)
subscribed = _decoder(Subscribed)
head: Callable[[bytes], Head] = _decoder(Head)


def when(text: str) -> int:
    """A time in µs since 1970, 0 where the venue has none: left out, or never set. Raises ValueError."""
    return micros(text) if text and not text.startswith(_NEVER) else 0
