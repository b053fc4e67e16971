"""The shapes of Deribit's messages, JSON-RPC 2.0, and a typed decoder for each.

https://docs.deribit.com. Data comes as ``{"method":"subscription","params":{"channel":…,"data":…}}``. Numbers
are bare and stay the bytes of the frame; where there is nothing to say they are null, or left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Raw, Struct

from feeds.bare import NOTHING

Id: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Stamp: TypeAlias = Annotated[int, Meta(ge=0, le=9_000_000_000_000)]
"""Milliseconds since 1970."""
Change: TypeAlias = tuple[Literal["new", "change", "delete"], Raw, Raw]
Flag: TypeAlias = Literal["M", "T", "MT"]


class Best(Struct, gc=False):
    """``quote.{instrument}``; a ticker has the same fields. An empty side is 0.0 twice."""

    instrument_name: str
    timestamp: Stamp
    best_bid_price: Raw
    best_bid_amount: Raw
    best_ask_price: Raw
    best_ask_amount: Raw


class Figures(Struct, gc=False):
    volume: Raw = NOTHING
    volume_usd: Raw = NOTHING
    high: Raw = NOTHING
    low: Raw = NOTHING
    price_change: Raw = NOTHING


class Greeks(Struct, gc=False):
    delta: Raw = NOTHING
    gamma: Raw = NOTHING
    vega: Raw = NOTHING
    theta: Raw = NOTHING
    rho: Raw = NOTHING


class Ticker(Best, gc=False):
    """``greeks`` are an option's alone, ``current_funding`` a perpetual's, ``open_interest`` a contract's."""

    state: str
    last_price: Raw
    stats: Figures | None = None
    mark_price: Raw = NOTHING
    index_price: Raw = NOTHING
    estimated_delivery_price: Raw = NOTHING
    open_interest: Raw = NOTHING
    current_funding: Raw = NOTHING
    greeks: Greeks | None = None
    bid_iv: Raw = NOTHING
    ask_iv: Raw = NOTHING
    mark_iv: Raw = NOTHING
    underlying_index: str | None = None
    underlying_price: Raw = NOTHING
    interest_rate: Raw = NOTHING


class Book(Struct, gc=False):
    type: Literal["snapshot", "change"]
    instrument_name: str
    timestamp: Stamp
    change_id: Id
    bids: list[Change]
    asks: list[Change]
    prev_change_id: Id | None = None


class Levels(Struct, gc=False):
    """A book of some levels, whole each time."""

    instrument_name: str
    timestamp: Stamp
    change_id: Id
    bids: list[tuple[Raw, Raw]]
    asks: list[tuple[Raw, Raw]]


class Trade(Struct, gc=False):
    instrument_name: str
    trade_id: str
    timestamp: Stamp
    direction: str
    price: Raw
    amount: Raw
    liquidation: Flag | None = None


class Index(Struct, gc=False):
    index_name: str
    timestamp: Stamp
    price: Raw


class Volatility(Struct, gc=False):
    index_name: str
    timestamp: Stamp
    volatility: Raw


class Interest(Struct, gc=False):
    """``perpetual.{instrument}.{interval}``, which names its instrument in the channel alone."""

    interest: Raw
    index_price: Raw = NOTHING
    timestamp: Stamp = 0


class OptionMark(Struct, gc=False):
    """``iv`` is a fraction here, and in per cent everywhere else."""

    instrument_name: str
    mark_price: Raw
    iv: Raw = NOTHING
    timestamp: Stamp = 0


class Listing(Struct, gc=False):
    instrument_name: str
    state: str


class Platform(Struct, gc=False):
    maintenance: bool | None = None


class _Params(Struct, gc=False):
    channel: str = ""
    type: str = ""


class _Error(Struct, gc=False):
    code: int = 0
    message: str = ""
    data: Any = None


class Head(Struct, gc=False):
    """Any message: data, a heartbeat, an answer."""

    method: str = ""
    params: _Params | None = None
    id: Any = None
    result: Any = msgspec.UNSET
    error: _Error | None = None
    usOut: Id = 0  # noqa: N815


def decoder(data: Any) -> Callable[[bytes], Any]:
    """From a whole frame to its data."""
    params = msgspec.defstruct("Params", [("data", data)], gc=False)
    decode = msgspec.json.Decoder(msgspec.defstruct("Frame", [("params", params)], gc=False)).decode
    return lambda frame: decode(frame).params.data


head: Callable[[bytes], Head] = msgspec.json.Decoder(Head).decode
