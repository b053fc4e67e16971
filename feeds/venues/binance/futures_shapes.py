"""The shapes of payloads that Binance's futures have of their own, and a typed decoder for each.

https://developers.binance.com/docs/derivatives. The same letters as on spot, with more of them: a book
ticker has times, a change of a book says which one it follows. What the venue added for both of its markets
in 2026 (``st``, ``ps``) is not needed where a stream names its symbol.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from feeds.venues.binance.wire import Id, Levels, decoder

Stamp: TypeAlias = Annotated[int, Meta(ge=0, le=253_402_300_799_999)]
"""Milliseconds, everywhere."""


class BookTicker(Struct, gc=False):
    E: Stamp
    b: str
    B: str
    a: str
    A: str


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


book_ticker, depth, mark = decoder(BookTicker), decoder(Depth), decoder(Mark)
liquidation, contract = decoder(Liquidation), decoder(Contract)
