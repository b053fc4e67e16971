"""Binance spot's stream payloads and the events they mean. One typed decoder per stream.

A combined stream wraps each payload: ``{"stream":"btcusdt@trade","data":{"e":"trade",…}}``. Every reader
takes the whole frame, the instrument's name and our receive time. Numbers stay the venue's text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, Struct

from feeds.events import BUY, SELL, BookDelta, Event, Heartbeat, Quote, Reconnect, Stats, Trade

VENUE = "BINANCE"

Stamp: TypeAlias = Annotated[int, Meta(ge=0, le=253_402_300_799_999_999)]
"""Milliseconds, or microseconds where the URL asked for ``timeUnit=MICROSECOND``."""
Id: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Levels: TypeAlias = list[tuple[str, str]]
Reader: TypeAlias = Callable[[bytes, str, int], list[Event]]

# From here on a stamp is in microseconds: they came here in 1973, milliseconds will in 5138.
_MICROS = 10**14
# As text, every plain spelling of zero is at most this and every positive price is above it.
_ZERO = "0." + 18 * "0"


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


class _Timed(Struct, gc=False):
    E: Stamp


class _Error(Struct, gc=False):
    msg: str = ""


class Head(Struct, gc=False):
    """Any JSON object: a stream's frame, a payload without its stream, an answer to a request."""

    stream: str = ""
    e: str = ""
    s: Any = None
    u: Any = None
    B: Any = None
    data: Any = None
    result: Any = msgspec.UNSET
    id: int | str | None = None
    error: _Error | None = None
    code: int | None = None
    msg: str = ""


def _decoder(payload: type) -> Callable[[bytes], Any]:
    frame = msgspec.defstruct("Frame", [("data", payload)], gc=False)
    return msgspec.json.Decoder(frame).decode


def micros(stamp: int) -> int:
    return stamp * 1000 if stamp < _MICROS else stamp


_book_ticker, _ticker, _timed = _decoder(_BookTicker), _decoder(_Ticker), _decoder(_Timed)
_trade, _aggregate_trade, _depth = _decoder(_Trade), _decoder(_AggregateTrade), _decoder(_Depth)
head: Callable[[bytes], Head] = msgspec.json.Decoder(Head).decode


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
    data = _book_ticker(frame).data
    bid, bid_qty, ask, ask_qty = data.b, data.B, data.a, data.A
    if bid <= _ZERO:
        bid = bid_qty = ""
    if ask <= _ZERO:
        ask = ask_qty = ""
    return [Quote(instrument, bid, bid_qty, ask, ask_qty, 0, received_ns)]


def _read_ticker(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """``{"e":"24hrTicker","E":ms,"s":…,"p":change,"P":percent,"c":last,"h":…,"l":…,"v":base volume,…}``.

    Its best bid and ask are up to a second old: the book ticker has them.
    """
    data = _ticker(frame).data
    return [Stats(instrument, data.c, data.v, data.h, data.l, data.p, data.P, micros(data.E), received_ns)]


def _read_trade(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """``{"e":"trade","E":ms,"s":…,"t":id,"p":…,"q":…,"T":ms,"m":true}``; m: the buyer was the maker."""
    data = _trade(frame).data
    side, us = SELL if data.m else BUY, data.T * 1000 if data.T < _MICROS else data.T
    return [Trade(instrument, str(data.t), side, data.p, data.q, us, received_ns)]


def _read_aggregate_trade(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """As a trade, with ``a`` for the id: all fills of one taker order at one price (older recordings)."""
    data = _aggregate_trade(frame).data
    side, us = SELL if data.m else BUY, data.T * 1000 if data.T < _MICROS else data.T
    return [Trade(instrument, str(data.a), side, data.p, data.q, us, received_ns)]


def _read_depth(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """``{"e":"depthUpdate","E":ms,"s":…,"U":first,"u":last,"b":[["p","q"],…],"a":[…]}``; "q" 0 removes."""
    data = _depth(frame).data
    us = data.E * 1000 if data.E < _MICROS else data.E
    return [BookDelta(instrument, data.b, data.a, data.U, data.u, None, None, us, received_ns)]


def _read_pulse(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    return [Heartbeat(VENUE, micros(_timed(frame).data.E), received_ns)]


def _read_shutdown(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """``{"e":"serverShutdown","E":ms}``: no notice period is promised."""
    return [Reconnect("serverShutdown")]


READERS: dict[str, Reader] = {
    "bookTicker": _read_book_ticker,
    "ticker": _read_ticker,
    "trade": _read_trade,
    "aggTrade": _read_aggregate_trade,
    "depth": _read_depth,
    "depth@100ms": _read_depth,
    "miniTicker": _read_pulse,
    "!serverShutdown": _read_shutdown,
}
"""Stream suffix → reader."""

_PAYLOADS = {
    "24hrTicker": "ticker",
    "24hrMiniTicker": "miniTicker",
    "trade": "trade",
    "aggTrade": "aggTrade",
    "depthUpdate": "depth",
}


def stream_of(payload: Head) -> str:
    """The stream that a payload without one must be of (a link of ``/ws``), ``""`` where nothing says it."""
    suffix = _PAYLOADS.get(payload.e, "")
    if not payload.e and payload.u is not None and payload.B is not None:
        suffix = "bookTicker"
    return f"{payload.s.lower()}@{suffix}" if suffix and isinstance(payload.s, str) else ""
