"""Binance spot's stream payloads and the events they mean. One typed decoder per stream.

What futures write in the same words is read here for them too. Numbers stay the venue's text.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct

from feeds.events import BUY, SELL, BookDelta, BookSnapshot, Event, Heartbeat, Reconnect, Stats, Trade
from feeds.venues.binance.wire import Id, Levels, Reader, best, decoder

VENUE = "BINANCE"

Stamp: TypeAlias = Annotated[int, Meta(ge=0, le=253_402_300_799_999_999)]
"""Milliseconds, or microseconds where the URL asked for ``timeUnit=MICROSECOND``."""

# From here on a stamp is in microseconds: they came here in 1973, milliseconds will in 5138.
_MICROS = 10**14


class _BookTicker(Struct, gc=False):
    b: str
    B: str
    a: str
    A: str


class _Ticker(Struct, gc=False):
    E: Stamp
    c: str
    v: str
    h: str
    l: str  # noqa: E741
    p: str
    P: str
    b: str = ""
    B: str = ""
    a: str = ""
    A: str = ""


class _Trade(Struct, gc=False):
    t: Id
    p: str
    q: str
    T: Stamp
    m: bool


class _AggregateTrade(Struct, gc=False):
    a: Id
    p: str
    q: str
    T: Stamp
    m: bool


class _Depth(Struct, gc=False):
    E: Stamp
    U: Id
    u: Id
    b: Levels
    a: Levels


class _Partial(Struct, gc=False):
    lastUpdateId: Id  # noqa: N815
    bids: Levels
    asks: Levels


class _Timed(Struct, gc=False):
    E: Stamp


def micros(stamp: int) -> int:
    return stamp * 1000 if stamp < _MICROS else stamp


_book_ticker, _ticker, _timed = decoder(_BookTicker), decoder(_Ticker), decoder(_Timed)
_trade, _aggregate_trade, _depth = decoder(_Trade), decoder(_AggregateTrade), decoder(_Depth)
_partial = decoder(_Partial)


DECODERS: dict[str, Callable[[bytes], Any]] = {
    "bookTicker": _book_ticker,
    "ticker": _ticker,
    "trade": _trade,
    "aggTrade": _aggregate_trade,
    "depth@100ms": _depth,
}
"""Stream suffix → the typed decoder of its frames."""


def _read_book_ticker(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """``{"u":400900217,"s":"BNBUSDT","b":"25.35","B":"31.2","a":"25.36","A":"40.6"}``: no time, no type."""
    return [best(_book_ticker(frame).data, instrument, 0, received_ns)]


def read_ticker(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """``{"e":"24hrTicker","E":ms,"s":…,"p":change,"P":percent,"c":last,"h":…,"l":…,"v":base volume,…}``.

    Spot's has ``b``, ``B``, ``a``, ``A`` too, once a second; the book ticker has each of them, but says
    nothing before one changes.
    """
    data = _ticker(frame).data
    us = micros(data.E)
    quote = best(data, instrument, us, received_ns) if data.b else None
    return [Stats(instrument, data.c, data.v, data.h, data.l, data.p, data.P, us, received_ns, "", quote)]


def read_trade(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """``{"e":"trade","E":ms,"s":…,"t":id,"p":…,"q":…,"T":ms,"m":true}``; m: the buyer was the maker."""
    data = _trade(frame).data
    side, us = SELL if data.m else BUY, data.T * 1000 if data.T < _MICROS else data.T
    return [Trade(instrument, str(data.t), side, data.p, data.q, us, received_ns)]


def read_aggregate_trade(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """As a trade, with ``a`` for the id: all fills of one taker order at one price (older recordings)."""
    data = _aggregate_trade(frame).data
    side, us = SELL if data.m else BUY, data.T * 1000 if data.T < _MICROS else data.T
    return [Trade(instrument, str(data.a), side, data.p, data.q, us, received_ns)]


def _read_depth(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """``{"e":"depthUpdate","E":ms,"s":…,"U":first,"u":last,"b":[["p","q"],…],"a":[…]}``; "q" 0 removes."""
    data = _depth(frame).data
    us = data.E * 1000 if data.E < _MICROS else data.E
    return [BookDelta(instrument, data.b, data.a, data.U, data.u, None, None, us, received_ns)]


def _read_partial(depth: int, frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """``{"lastUpdateId":160,"bids":[["0.0024","10"]],"asks":[…]}``: the best levels, whole each time.

    Whose they are is said by the stream's name alone.
    """
    data = _partial(frame).data
    return [BookSnapshot(instrument, data.bids, data.asks, depth, data.lastUpdateId, None, 0, received_ns)]


def partials(read: Callable[[int, bytes, str, int], list[Event]]) -> dict[str, Reader]:
    """Stream suffix → reader: ``depth20@100ms`` …"""
    speeds = ("", "@100ms", "@500ms")
    return {f"depth{depth}{speed}": partial(read, depth) for depth in (5, 10, 20) for speed in speeds}


def read_pulse(venue: str, frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """Any stream with a time that comes however quiet the others are."""
    return [Heartbeat(venue, micros(_timed(frame).data.E), received_ns)]


def _read_shutdown(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """``{"e":"serverShutdown","E":ms}``: no notice period is promised."""
    return [Reconnect("serverShutdown")]


READERS: dict[str, Reader] = {
    "bookTicker": _read_book_ticker,
    "ticker": read_ticker,
    "trade": read_trade,
    "aggTrade": read_aggregate_trade,
    "depth": _read_depth,
    "depth@100ms": _read_depth,
    **partials(_read_partial),
    "miniTicker": partial(read_pulse, VENUE),
    "!serverShutdown": _read_shutdown,
}
"""Stream suffix → reader."""

PAYLOADS = {
    "bookTicker": "bookTicker",
    "24hrTicker": "ticker",
    "24hrMiniTicker": "miniTicker",
    "trade": "trade",
    "aggTrade": "aggTrade",
    "depthUpdate": "depth",
    "serverShutdown": "!serverShutdown",
}
"""Type of a payload → the stream that it is of."""
