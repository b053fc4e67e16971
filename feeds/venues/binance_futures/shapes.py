"""The shapes of Binance's futures payloads, and a typed decoder for each: a name per letter of the wire.

https://developers.binance.com/docs/derivatives. The same letters as on spot, with more of them: a book
ticker has times, a change of a book says which one it follows. What the venue added for both of its markets
in 2026 (``st``, ``ps``) is not needed where a stream names its symbol.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, Struct

Stamp: TypeAlias = Annotated[int, Meta(ge=0, le=253_402_300_799_999)]
"""Milliseconds, everywhere."""
Id: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Levels: TypeAlias = list[tuple[str, str]]


class BookTicker(Struct, gc=False):
    E: Stamp
    b: str
    B: str
    a: str
    A: str


class Ticker(Struct, gc=False):
    E: Stamp
    c: str
    v: str
    h: str
    l: str  # noqa: E741
    p: str
    P: str


class Trade(Struct, gc=False):
    a: Id
    p: str
    q: str
    T: Stamp
    m: bool


class SingleTrade(Struct, gc=False):
    t: Id
    p: str
    q: str
    T: Stamp
    m: bool


class Depth(Struct, gc=False):
    E: Stamp
    U: Id
    u: Id
    pu: Id
    b: Levels
    a: Levels


class Mark(Struct, gc=False):
    E: Stamp
    p: str
    T: Stamp
    i: str = ""
    P: str = ""
    r: str = ""


class Order(Struct, gc=False):
    S: str
    q: str
    p: str
    T: Stamp
    ap: str = ""
    z: str = ""


class Liquidation(Struct, gc=False):
    o: Order


class Contract(Struct, gc=False):
    s: str
    cs: str
    st: int = 0


class Timed(Struct, gc=False):
    E: Stamp


def _decoder(payload: type) -> Callable[[bytes], Any]:
    frame = msgspec.defstruct("Frame", [("data", payload)], gc=False)
    return msgspec.json.Decoder(frame).decode


book_ticker, ticker, trade = _decoder(BookTicker), _decoder(Ticker), _decoder(Trade)
single_trade = _decoder(SingleTrade)
depth, mark, liquidation = _decoder(Depth), _decoder(Mark), _decoder(Liquidation)
contract, timed = _decoder(Contract), _decoder(Timed)


class _Error(Struct, gc=False):
    msg: str = ""


class Head(Struct, gc=False):
    """Any JSON object: a stream's frame, a payload without its stream, an answer to a request."""

    stream: str = ""
    e: str = ""
    s: Any = None
    o: Any = None
    data: Any = None
    result: Any = msgspec.UNSET
    id: int | str | None = None
    error: _Error | None = None
    code: int | None = None
    msg: str = ""


head: Callable[[bytes], Head] = msgspec.json.Decoder(Head).decode
