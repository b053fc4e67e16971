"""Trades, candles and liquidations of Bybit's markets.

https://bybit-exchange.github.io/docs/v5/websocket/public/trade, ``…/kline``, ``…/all-liquidation``.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from msgspec import Struct

from feeds.events import BUY, SELL, Bar, Event, Liquidation, Trade
from feeds.symbols import instrument_name
from feeds.venues.bybit.wire import Reader, Stamp, decoder


class _Side(Enum):
    BUY = "Buy"
    SELL = "Sell"


class _Trade(Struct, gc=False):
    T: Stamp
    s: str
    S: _Side
    v: str
    p: str
    i: str


class _Kline(Struct, gc=False):
    start: Stamp
    open: str
    high: str
    low: str
    close: str
    volume: str
    confirm: bool


class _Liquidation(Struct, gc=False):
    T: Stamp
    s: str
    S: _Side
    v: str
    p: str


class _OldLiquidation(Struct, gc=False):
    updatedTime: Stamp  # noqa: N815
    symbol: str
    side: _Side
    size: str
    price: str


_trades, _klines = decoder(list[_Trade]), decoder(list[_Kline])
_liquidations = decoder(list[_Liquidation] | _Liquidation)
_old_liquidation = decoder(_OldLiquidation)

MINUTES = {
    **{str(minutes): minutes for minutes in (1, 3, 5, 15, 30, 60, 120, 240, 360, 720)},
    "D": 1440,
    "W": 10_080,
}
"""Its word for an interval → how long that is. Months have no length."""


def trades(instrument: str, native: str) -> Reader:
    """``S`` is the taker's side. One frame has up to 1,024 of them."""

    def read(frame: bytes, received_ns: int) -> list[Event]:
        made: list[Event] = []
        for each in _trades(frame).data:
            if each.s != native:
                raise ValueError(f"trade: expected one of {native!r:.80}, found {each.s!r:.80}")
            side = BUY if each.S is _Side.BUY else SELL
            made.append(Trade(instrument, each.i, side, each.p, each.v, each.T * 1000, received_ns))
        return made

    return read


def trades_of_options(venue: str, base: str) -> Reader:
    """All options of one base come in one stream."""

    def read(frame: bytes, received_ns: int) -> list[Event]:
        made: list[Event] = []
        for each in _trades(frame).data:
            if not each.s.startswith(f"{base}-"):
                raise ValueError(f"trade: expected an option on {base!r:.80}, found {each.s!r:.80}")
            side, name = BUY if each.S is _Side.BUY else SELL, instrument_name(venue, each.s)
            made.append(Trade(name, each.i, side, each.p, each.v, each.T * 1000, received_ns))
        return made

    return read


def klines(instrument: str, interval: int) -> Reader:
    """Volumes count what trades do. The frame does not say how many trades there were."""

    def read(frame: bytes, received_ns: int) -> list[Event]:
        rows = _klines(frame).data
        return [
            Bar(
                instrument, interval, row.start * 1000, row.open, row.high, row.low, row.close, row.volume, 0,
                row.confirm, False,
            )
            for row in rows
        ]  # fmt: skip

    return read


def liquidations(instrument: str, native: str) -> Reader:
    """``S`` is the side of the position: who was long is sold. ``p`` is the price of bankruptcy, at which the
    order stands, ``v`` what was executed."""

    def read(frame: bytes, received_ns: int) -> list[Event]:
        found = _liquidations(frame).data
        rows = found if isinstance(found, list) else [found]
        return [_closed(instrument, native, (row.s, row.S, row.p, row.v, row.T), received_ns) for row in rows]

    return read


def old_liquidations(instrument: str, native: str) -> Reader:
    """``liquidation.{symbol}``, until 2025: of each second the newest one."""

    def read(frame: bytes, received_ns: int) -> list[Event]:
        row = _old_liquidation(frame).data
        told = row.symbol, row.side, row.price, row.size, row.updatedTime
        return [_closed(instrument, native, told, received_ns)]

    return read


def _closed(instrument: str, native: str, told: tuple[Any, ...], received_ns: int) -> Liquidation:
    symbol, position, price, size, ms = told
    if symbol != native:
        raise ValueError(f"liquidation: expected one of {native!r:.80}, found {symbol!r:.80}")
    side = SELL if position is _Side.BUY else BUY
    return Liquidation(instrument, side, price, "", size, size, ms * 1000, received_ns)
