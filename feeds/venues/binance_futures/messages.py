"""What the payloads of Binance's futures mean: a reader for each stream, from a whole frame to events."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

from feeds.events import (
    BUY,
    SELL,
    BookDelta,
    Event,
    Funding,
    Heartbeat,
    InstrumentStatus,
    Liquidation,
    Mark,
    Quote,
    Stats,
    Trade,
    Unknown,
)
from feeds.symbols import instrument_name
from feeds.venues.binance_futures import shapes
from feeds.venues.binance_futures.shapes import Head

Reader: TypeAlias = Callable[[bytes, str, int], list[Event]]

# As text, every plain spelling of zero is at most this and every positive price is above it.
_ZERO = "0." + 18 * "0"
_STATUS = {"TRADING": "trading", "DELIVERED": "delisted", "CLOSE": "delisted"}

DECODERS: dict[str, Callable[[bytes], Any]] = {
    "bookTicker": shapes.book_ticker,
    "ticker": shapes.ticker,
    "aggTrade": shapes.trade,
    "depth@100ms": shapes.depth,
    "markPrice@1s": shapes.mark,
}
"""Stream suffix → the typed decoder of its frames."""


def status_of(word: str) -> str:
    """``TRADING`` is, ``DELIVERED`` and ``CLOSE`` never again, all others (``SETTLING`` …) not now."""
    return _STATUS.get(word, "halted")


def _read_book_ticker(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    data = shapes.book_ticker(frame).data
    bid, bid_qty, ask, ask_qty = data.b, data.B, data.a, data.A
    if bid <= _ZERO:
        bid = bid_qty = ""
    if ask <= _ZERO:
        ask = ask_qty = ""
    return [Quote(instrument, bid, bid_qty, ask, ask_qty, data.E * 1000, received_ns)]


def _read_ticker(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """As spot's, without its best bid and ask. ``v`` is in contracts at COIN-M, in the base at USDⓈ-M."""
    data = shapes.ticker(frame).data
    return [Stats(instrument, data.c, data.v, data.h, data.l, data.p, data.P, data.E * 1000, received_ns)]


def _read_trade(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """All fills of one order at one price within 100 ms. ``m``: the buyer was the maker, so a seller came."""
    data = shapes.trade(frame).data
    side = SELL if data.m else BUY
    return [Trade(instrument, str(data.a), side, data.p, data.q, data.T * 1000, received_ns)]


def _read_single_trade(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """One execution. The futures' documentation has no such stream; recordings of others do."""
    data = shapes.single_trade(frame).data
    side = SELL if data.m else BUY
    return [Trade(instrument, str(data.t), side, data.p, data.q, data.T * 1000, received_ns)]


def _read_depth(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """``pu`` is the ``u`` of the change before; ids between that and ``U`` are other instruments'."""
    data = shapes.depth(frame).data
    return [BookDelta(instrument, data.b, data.a, data.U, data.u, data.pu, None, data.E * 1000, received_ns)]


def _read_mark(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """``p`` mark, ``i`` index, ``P`` what it would settle at, ``r`` the rate that is charged at ``T``: of a
    future there is none, and ``T`` is 0."""
    data = shapes.mark(frame).data
    us = data.E * 1000
    events: list[Event] = [Mark(instrument, data.p, data.i, data.P, us, received_ns)]
    if data.r and data.T:
        events.append(Funding(instrument, data.r, data.T * 1000, 0, "", us, received_ns))
    return events


def _read_liquidation(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """``p`` is the order's price, ``ap`` what it brought, ``q`` what it was for, ``z`` what was filled.

    Of each second the venue shows an instrument's newest liquidation alone.
    """
    order = shapes.liquidation(frame).data.o
    if order.S not in ("BUY", "SELL"):
        raise ValueError(f"liquidation: expected BUY or SELL, found {order.S!r:.20}")
    average = "" if order.ap <= _ZERO else order.ap
    side, us = BUY if order.S == "BUY" else SELL, order.T * 1000
    return [Liquidation(instrument, side, order.p, average, order.q, order.z, us, received_ns)]


def _read_contract(venue: str, market: int, frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """A contract was listed, halted or settled; ``st`` says of which market, where both come."""
    data = shapes.contract(frame).data
    if data.st not in (0, market):
        return [Unknown("contract of another market")]
    status = status_of(data.cs)
    reason = "" if status == "trading" else data.cs.lower()[:40]
    return [InstrumentStatus(instrument_name(venue, data.s), status, reason, received_ns)]


def _read_pulse(venue: str, frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    return [Heartbeat(venue, shapes.timed(frame).data.E * 1000, received_ns)]


def readers(venue: str, market: int) -> dict[str, Reader]:
    """Stream suffix → reader; ``market`` is the venue's number for it (1 USDⓈ-M, 2 COIN-M)."""
    pulse = partial(_read_pulse, venue)
    return {
        "bookTicker": _read_book_ticker,
        "ticker": _read_ticker,
        "aggTrade": _read_trade,
        "trade": _read_single_trade,
        **dict.fromkeys(("depth", "depth@100ms", "depth@500ms", "depth@0ms"), _read_depth),
        **dict.fromkeys(("markPrice", "markPrice@1s"), _read_mark),
        "forceOrder": _read_liquidation,
        "!contractInfo": partial(_read_contract, venue, market),
        **dict.fromkeys(("miniTicker", "depth5@500ms"), pulse),
    }


_PAYLOADS = {
    "bookTicker": "bookTicker",
    "24hrTicker": "ticker",
    "24hrMiniTicker": "miniTicker",
    "aggTrade": "aggTrade",
    "depthUpdate": "depth",
    "markPriceUpdate": "markPrice",
    "forceOrder": "forceOrder",
}


def stream_of(payload: Head) -> str:
    """The stream that a payload without one must be of (a link of ``/ws``), ``""`` where nothing says it."""
    if payload.e == "contractInfo":
        return "!contractInfo"
    suffix, symbol = _PAYLOADS.get(payload.e, ""), symbol_of(payload)
    return f"{symbol.lower()}@{suffix}" if suffix and symbol else ""


def symbol_of(payload: Any) -> str:
    """Of a payload as it was parsed, or of a :class:`Head`; a liquidation has it within its order."""
    fields = payload if isinstance(payload, dict) else {"s": payload.s, "o": payload.o}
    inner = fields.get("o")
    symbol = inner.get("s") if isinstance(inner, dict) else fields.get("s")
    return symbol if isinstance(symbol, str) else ""
