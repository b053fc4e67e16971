"""The shapes of Bitfinex's messages: objects for what happens to a link, arrays for all data.

https://docs.bitfinex.com/docs/ws-general: "Array lengths should never be hardcoded": fields that are appended
are passed over. Numbers are bare, as JavaScript writes them, and stay the bytes of the frame.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, Raw, Struct

Stamp: TypeAlias = Annotated[int, Meta(ge=0, le=9_000_000_000_000)]
"""Milliseconds since 1970."""
Number: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Platform(Struct, gc=False):
    status: int = 1


class Event(Struct, gc=False):
    """``{"event":"subscribed","channel":"book","chanId":10092,"symbol":"tETHUSD","prec":"P0",…}``

    ``channel`` and what follows it are in errors too; ``code`` was text once.
    """

    event: str = ""
    channel: str = ""
    chan_id: Number = msgspec.field(name="chanId", default=0)
    symbol: str = ""
    pair: str = ""
    key: str = ""
    prec: str = ""
    code: int | str = 0
    msg: str = ""
    status: str = ""
    flags: int = 0
    platform: Platform | None = None


class Trade(Struct, array_like=True, gc=False):
    id: Number
    mts: Stamp
    amount: Raw
    price: Raw


class Level(Struct, array_like=True, gc=False):
    """Of P0: a price, how many orders are there, and their amounts, negative for asks."""

    price: Raw
    count: Number
    amount: Raw


class Order(Struct, array_like=True, gc=False):
    """Of R0: one order. A price of 0 takes it away."""

    id: Number
    price: Raw
    amount: Raw


class Ticker(Struct, array_like=True, gc=False):
    """``change_relative`` is a fraction. The sizes are sums over 25 levels, not those of the best prices."""

    bid: Raw
    bid_sum: Raw
    ask: Raw
    ask_sum: Raw
    change: Raw
    change_relative: Raw
    last: Raw
    volume: Raw
    high: Raw
    low: Raw


class Status(Struct, array_like=True, gc=False):
    """Of a perpetual; what is unnamed here is null there, or not carried."""

    mts: Stamp
    _1: Raw
    mid: Raw
    spot: Raw
    _4: Raw
    insurance: Raw
    _6: Raw
    next_ms: Stamp | None
    accrued: Raw
    step: Raw
    _10: Raw
    current: Raw
    _12: Raw
    _13: Raw
    mark: Raw
    _15: Raw = Raw(b"null")
    _16: Raw = Raw(b"null")
    interest: Raw = Raw(b"null")


class Liquidated(Struct, array_like=True, gc=False):
    """``is_match`` 0: a position is about to be closed; 1: it was, in the market."""

    kind: str
    position: Number
    mts: Stamp
    _3: Raw
    symbol: str
    amount: Raw
    base_price: Raw
    _7: Raw
    is_match: int | None
    is_sold: int | None
    _10: Raw = Raw(b"null")
    price: Raw = Raw(b"null")


def _decoder(kind: Any) -> Callable[[bytes | Raw], Any]:
    return msgspec.json.Decoder(kind).decode


event: Callable[[bytes], Event] = _decoder(Event)
parts: Callable[[bytes], list[Raw]] = _decoder(list[Raw])
trade, trades = _decoder(Trade), _decoder(list[Trade])
level, levels = _decoder(Level), _decoder(list[Level])
order, orders = _decoder(Order), _decoder(list[Order])
ticker, status = _decoder(Ticker), _decoder(Status)
liquidations = _decoder(list[Liquidated])
number: Callable[[Raw], int] = _decoder(Number)
