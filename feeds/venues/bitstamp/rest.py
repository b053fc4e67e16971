"""What Bitstamp tells by REST: markets, whole books, candles and the figures of a day.

https://www.bitstamp.net/api/
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from feeds.codec import DecodeError, InstrumentSpec, RestRequest, Subscription
from feeds.events import BASE_UNITS, Bar, BookSnapshot, Event, OpenInterest, Stats
from feeds.symbols import is_native, is_number
from feeds.venues.bitstamp import shapes
from feeds.venues.bitstamp.messages import VENUE, priced
from feeds.venues.bitstamp.shapes import micros, seconds

CANDLES = 1000
_RECENT = 500
_INTERVALS = (1, 5, 15, 60, 240, 1440)
_CASH = frozenset(("USD", "EUR", "GBP"))


class _Market(Struct, gc=False):
    """Of ``/markets/``; ``url_symbol`` is what ``/trading-pairs-info/`` has in its place."""

    name: str
    base_decimals: int
    counter_decimals: int
    trading: str
    market_symbol: str = ""
    url_symbol: str = ""
    market_type: str = "SPOT"
    payoff_type: str = "Linear"
    contract_size: str = "1"

    @property
    def native(self) -> str:
        return self.market_symbol or self.url_symbol


class _Candle(Struct, gc=False):
    timestamp: str
    open: str
    high: str
    low: str
    close: str
    volume: str


class _Candles(Struct, gc=False):
    ohlc: list[_Candle]


class _Charted(Struct, gc=False):
    data: _Candles


class _Day(Struct, gc=False):
    """``open_24`` and the change came in 2022; what is ``open`` is of the day by UTC."""

    timestamp: str
    last: str | None = ""
    high: str | None = ""
    low: str | None = ""
    volume: str | None = ""
    open_24: str | None = ""
    percent_change_24: str | None = ""
    open_interest: str | None = ""


def _decode(kind: Any, body: bytes) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error


def instruments_request() -> RestRequest:
    return RestRequest("/api/v2/markets/")


def decode_instruments(body: bytes) -> list[InstrumentSpec]:
    """``[{"name":"BTC/USD","market_symbol":"btcusd","counter_decimals":0,"market_type":"SPOT",…},…]``.

    Perpetuals are linear, and settled in what they are priced in; others are left out.
    """
    rows = _decode(list[_Market], body)
    try:
        return [_spec(row) for row in rows if is_native(row.native) and _is_known(row)]
    except ValueError as error:
        raise DecodeError(f"markets: {error}", body) from error


def _is_known(row: _Market) -> bool:
    return row.market_type == "SPOT" or (row.market_type == "PERPETUAL" and row.payoff_type == "Linear")


def _spec(row: _Market) -> InstrumentSpec:
    base, slash, counter = row.name.removesuffix("-PERP").partition("/")
    if not (base and slash and counter and min(row.base_decimals, row.counter_decimals) >= 0):
        raise ValueError(f"expected BASE/COUNTER and decimals, found {row.name!r:.40}")
    spot = "forex" if {base, counter} <= _CASH else "spot"
    kind = "perpetual" if row.market_type == "PERPETUAL" else spot
    steps = _step(row.counter_decimals), _step(row.base_decimals)
    status = "trading" if row.trading == "Enabled" else "halted"
    size = f"{Decimal(row.contract_size).normalize():f}" if is_number(row.contract_size) else "1"
    pays = row.payoff_type.lower() if kind == "perpetual" else ""
    return InstrumentSpec(
        VENUE, row.native, kind, base, counter, counter, *steps, status, contract_size=size, pays=pays
    )


def _step(decimals: int) -> str:
    return f"{Decimal(1).scaleb(-min(decimals, 18)):f}"


def _path(what: str, subscription: Subscription) -> str:
    return f"/api/v2/{what}/{quote(subscription.native, safe='')}/"


def book_request(subscription: Subscription) -> RestRequest:
    """All levels, the orders at one price as one (``group=1``)."""
    return RestRequest(f"{_path('order_book', subscription)}?group=1", weight=2)


def decode_book(subscription: Subscription, body: bytes, received_ns: int) -> BookSnapshot:
    """``{"timestamp":"1583652948","microtimestamp":"1583652948955826","bids":[["8750.00","1.33"],…],…}``.

    Where microseconds are missing the second begins it, so that all changes of that second follow.
    """
    found = _decode(shapes.Picture, body)
    try:
        us = micros(found.microtimestamp) if found.microtimestamp else seconds(found.timestamp)
    except ValueError as error:
        raise DecodeError(f"book: {error}", body) from error
    bids = priced(found.bids)
    return BookSnapshot(subscription.instrument, bids, found.asks, 0, us, None, us, received_ns)


def candles_request(
    subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
) -> RestRequest | None:
    """``step`` in seconds; without a span the newest."""
    if interval not in _INTERVALS:
        return None
    step = interval * 60
    path = f"{_path('ohlc', subscription)}?step={step}"
    if not since_us:
        return RestRequest(f"{path}&limit={_RECENT}")
    start = since_us // 1_000_000
    return RestRequest(f"{path}&limit={CANDLES}&start={start}&end={start + (CANDLES - 1) * step}")


def decode_candles(subscription: Subscription, interval: int, body: bytes, now_us: int) -> list[Bar]:
    """``{"data":{"pair":"BTC/USD","ohlc":[{"timestamp":"1667491200","open":…},…]}}``, without trades."""
    rows = _decode(_Charted, body).data.ohlc
    try:
        bars = [_bar(subscription.instrument, interval, row, now_us) for row in rows]
    except ValueError as error:
        raise DecodeError(f"candles: {error}", body) from error
    return sorted(bars, key=lambda bar: bar.start_us)


def _bar(instrument: str, interval: int, row: _Candle, now_us: int) -> Bar:
    start_us = seconds(row.timestamp)
    figures = row.open, row.high, row.low, row.close, row.volume
    if not all(map(is_number, figures)):
        raise ValueError("expected plain numbers")
    closed = start_us + interval * 60_000_000 <= now_us
    return Bar(instrument, interval, start_us, *figures, 0, closed, False)


def day_request(subscription: Subscription) -> RestRequest:
    return RestRequest(_path("ticker", subscription))


def decode_day(subscription: Subscription, body: bytes, received_ns: int) -> list[Event]:
    """``{"timestamp":"1686068944","last":"26216","open_24":"25895","percent_change_24":"1.24",…}``.

    It is some seconds old, as its time says; a trade that came since is the last one.
    """
    found = _decode(_Day, body)
    try:
        us = seconds(found.timestamp)
    except ValueError as error:
        raise DecodeError(f"ticker: {error}", body) from error
    last, opened, ns = found.last or "", found.open_24 or "", min(received_ns, us * 1000)
    figures = found.volume or "", found.high or "", found.low or ""
    known = is_number(last) and is_number(opened)
    change = f"{Decimal(last) - Decimal(opened):f}" if known else ""
    percent = (found.percent_change_24 or "") if change else ""
    events: list[Event] = [Stats(subscription.instrument, last, *figures, change, percent, us, ns)]
    if found.open_interest:
        events.append(OpenInterest(subscription.instrument, found.open_interest, BASE_UNITS, us, ns))
    return events
