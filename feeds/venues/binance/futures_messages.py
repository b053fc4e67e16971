"""What the payloads of Binance's futures mean, where spot has none of them or other ones."""

from __future__ import annotations

from functools import partial

from feeds.events import (
    BUY,
    SELL,
    BookDelta,
    BookSnapshot,
    Event,
    Funding,
    InstrumentStatus,
    Liquidation,
    Mark,
    Unknown,
)
from feeds.symbols import instrument_name
from feeds.venues.binance import futures_shapes as shapes
from feeds.venues.binance.messages import partials, read_aggregate_trade, read_pulse, read_ticker, read_trade
from feeds.venues.binance.wire import ZERO, Reader, best

_STATUS = {"TRADING": "trading", "DELIVERED": "delisted", "CLOSE": "delisted"}


def status_of(word: str) -> str:
    """``TRADING`` is, ``DELIVERED`` and ``CLOSE`` never again, all others (``SETTLING`` …) not now."""
    return _STATUS.get(word, "halted")


def _read_book_ticker(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    data = shapes.book_ticker(frame).data
    return [best(data, instrument, data.E * 1000, received_ns)]


def _read_depth(frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """``pu`` is the ``u`` of the change before; ids between that and ``U`` are other instruments'."""
    data = shapes.depth(frame).data
    return [BookDelta(instrument, data.b, data.a, data.U, data.u, data.pu, None, data.E * 1000, received_ns)]


def _read_partial(depth: int, frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    """Written as a change is, and whole each time."""
    data = shapes.depth(frame).data
    return [BookSnapshot(instrument, data.b, data.a, depth, data.u, None, data.E * 1000, received_ns)]


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
    average = "" if order.ap <= ZERO else order.ap
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


def readers(venue: str, market: int) -> dict[str, Reader]:
    """Stream suffix → reader; ``market`` is the venue's number for it (1 USDⓈ-M, 2 COIN-M).

    Spot's words are read as spot's. A ticker's ``v`` and a trade's ``q`` count contracts at COIN-M. All fills
    of an order at one price within 100 ms are one ``aggTrade``; ``trade`` is not documented here any more,
    and recordings of others have it.
    """
    return {
        "bookTicker": _read_book_ticker,
        "ticker": read_ticker,
        "aggTrade": read_aggregate_trade,
        "trade": read_trade,
        **dict.fromkeys(("depth", "depth@100ms", "depth@500ms", "depth@0ms"), _read_depth),
        **partials(_read_partial),
        **dict.fromkeys(("markPrice", "markPrice@1s"), _read_mark),
        "forceOrder": _read_liquidation,
        "!contractInfo": partial(_read_contract, venue, market),
        **dict.fromkeys(("miniTicker", "depth5@500ms"), partial(read_pulse, venue)),
    }


PAYLOADS = {
    "bookTicker": "bookTicker",
    "24hrTicker": "ticker",
    "24hrMiniTicker": "miniTicker",
    "aggTrade": "aggTrade",
    "depthUpdate": "depth",
    "markPriceUpdate": "markPrice",
    "forceOrder": "forceOrder",
    "contractInfo": "!contractInfo",
}
"""Type of a payload → the stream that it is of."""
