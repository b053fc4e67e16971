"""What Binance spot tells by REST: instruments, candles, the snapshot that a book starts from.

https://developers.binance.com/docs/binance-spot-api-docs/rest-api
"""

from __future__ import annotations

from urllib.parse import quote

import msgspec
from msgspec import Struct

from feeds.codec import DecodeError, InstrumentSpec, RestRequest, Subscription
from feeds.events import Bar, BookSnapshot
from feeds.symbols import is_native, is_number
from feeds.venues.binance.messages import VENUE, Id, Levels, Stamp, micros

# Levels a side → weight. The smallest is cheap, but a busy book walks off the end of 100 levels in seconds.
_DEPTH_WEIGHTS = {500: 25, 1000: 50, 5000: 250}
# The snapshot proves that much more than is shown, so that it need not be fetched again soon.
_SPARE = 4
_DEFAULT_LIMIT = 1000
_KLINES = {
    1: "1m", 3: "3m", 5: "5m", 15: "15m", 30: "30m",
    60: "1h", 120: "2h", 240: "4h", 360: "6h", 480: "8h", 720: "12h", 1440: "1d",
}  # fmt: skip
_KLINES_LIMIT, KLINES_PAGE = 500, 1000
# What a symbol without (or with a zero) filter is counted in: no amount of the venue has more digits.
_SMALLEST = "0.00000001"


class _Snapshot(Struct, gc=False):
    lastUpdateId: Id  # noqa: N815
    bids: Levels
    asks: Levels


class _Filter(Struct, gc=False):
    filterType: str  # noqa: N815
    tickSize: str = ""  # noqa: N815
    stepSize: str = ""  # noqa: N815


class _Symbol(Struct, gc=False):
    symbol: str
    status: str
    baseAsset: str  # noqa: N815
    quoteAsset: str  # noqa: N815
    filters: list[_Filter]


class _ExchangeInfo(Struct, gc=False):
    symbols: list[_Symbol]


class _Kline(Struct, array_like=True, gc=False):
    """``[open time, "o", "h", "l", "c", "volume", close time, "quote volume", trades, …]``."""

    opened: Stamp
    open: str
    high: str
    low: str
    close: str
    volume: str
    closed: Stamp
    quote_volume: str
    trades: Id


def _decode(kind: type, body: bytes) -> object:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error


def _limit(depth: int) -> int:
    if not depth:
        return _DEFAULT_LIMIT
    return next((limit for limit in _DEPTH_WEIGHTS if limit >= _SPARE * depth), 5000)


def snapshot_request(subscription: Subscription) -> RestRequest:
    limit = _limit(subscription.depth)
    return RestRequest(
        f"/api/v3/depth?symbol={quote(subscription.native)}&limit={limit}", _DEPTH_WEIGHTS[limit]
    )


def decode_snapshot(subscription: Subscription, body: bytes, received_ns: int) -> BookSnapshot:
    """``{"lastUpdateId":1027024,"bids":[["4.0","431.0"]],"asks":[…]}``: no symbol, no time."""
    found: _Snapshot = _decode(_Snapshot, body)
    return BookSnapshot(
        subscription.instrument,
        found.bids,
        found.asks,
        _limit(subscription.depth),
        found.lastUpdateId,
        None,
        0,
        received_ns,
    )


def instruments_request() -> RestRequest:
    # The permission sets are two thirds of the answer and mean nothing to us.
    return RestRequest("/api/v3/exchangeInfo?showPermissionSets=false", 20)


def decode_instruments(body: bytes) -> list[InstrumentSpec]:
    """``{"symbols":[{"symbol","status","baseAsset","quoteAsset","filters":[…]}]}``, by the venue's order."""
    return [_spec(row) for row in _decode(_ExchangeInfo, body).symbols if is_native(row.symbol)]


def _spec(row: _Symbol) -> InstrumentSpec:
    filters = {found.filterType: found for found in row.filters}
    prices, lots = filters.get("PRICE_FILTER"), filters.get("LOT_SIZE")
    return InstrumentSpec(
        venue=VENUE,
        native=row.symbol,
        kind="spot",
        base=row.baseAsset,
        quote=row.quoteAsset,
        settle=row.quoteAsset,
        tick_size=_increment(prices.tickSize if prices else ""),
        lot_size=_increment(lots.stepSize if lots else ""),
        status="trading" if row.status == "TRADING" else "halted",
    )


def _increment(text: str) -> str:
    return text if is_number(text) and text.strip("0.") else _SMALLEST


def candles_request(
    subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
) -> RestRequest | None:
    """Times without a trade count in a page; they are left out only when it is read."""
    name = _KLINES.get(interval)
    if name is None:
        return None
    symbol = quote(subscription.native)
    part = f"startTime={since_us // 1000}&limit={KLINES_PAGE}" if since_us else f"limit={_KLINES_LIMIT}"
    return RestRequest(f"/api/v3/klines?symbol={symbol}&interval={name}&{part}", 2)


def decode_candles(subscription: Subscription, interval: int, body: bytes, now_us: int) -> list[Bar]:
    """Oldest first, as the venue sends them; times without a trade are left out."""
    rows: list[_Kline] = _decode(list[_Kline], body)
    bars = [_bar(subscription.instrument, interval, row, now_us) for row in rows if row.trades]
    if not all(is_number(text) for bar in bars for text in bar[3:8]):
        raise DecodeError("candles: expected plain numbers", body)
    return bars


def _bar(instrument: str, interval: int, row: _Kline, now_us: int) -> Bar:
    start_us = micros(row.opened)
    closed = start_us + interval * 60_000_000 <= now_us
    figures = row.open, row.high, row.low, row.close, row.volume
    return Bar(instrument, interval, start_us, *figures, row.trades, closed, False)
