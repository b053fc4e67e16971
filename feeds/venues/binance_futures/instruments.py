"""What Binance's futures tell by REST: contracts, candles, open interest, the snapshot of a book.

The two markets differ by their root (``/fapi/v1``, ``/dapi/v1``) and by what they count: base units at
USDⓈ-M, contracts at COIN-M. Weights are those of the venue's documentation.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from feeds.codec import DecodeError, InstrumentSpec, RestRequest, Subscription
from feeds.events import Bar, BookSnapshot, OpenInterest
from feeds.symbols import is_native, is_number
from feeds.venues.binance_futures.messages import status_of
from feeds.venues.binance_futures.shapes import Id, Levels, Stamp

# Levels a side → weight. More than a thousand cannot be had.
_DEPTH_WEIGHTS = {500: 10, 1000: 20}
# The snapshot proves that much more than is shown, so that it need not be fetched again soon.
_SPARE = 4
_KLINES = {
    1: "1m", 3: "3m", 5: "5m", 15: "15m", 30: "30m",
    60: "1h", 120: "2h", 240: "4h", 360: "6h", 480: "8h", 720: "12h", 1440: "1d",
}  # fmt: skip
KLINES_PAGE = 199
"""Of any length: COIN-M answers for at most 200 days at once."""
_KLINES_LIMIT, _KLINES_WEIGHT = 499, 2
# Of perpetuals the venue says that they are delivered on the last day of 2100.
_NEVER_MS = 4_100_000_000_000
_KINDS = {"PERPETUAL": "perpetual", "PERPETUAL DELIVERING": "perpetual", "TRADIFI_PERPETUAL": "perpetual"}


class _Snapshot(Struct, gc=False):
    lastUpdateId: Id  # noqa: N815
    E: Stamp
    bids: Levels
    asks: Levels


class _Filter(Struct, gc=False):
    filterType: str  # noqa: N815
    tickSize: str = ""  # noqa: N815
    stepSize: str = ""  # noqa: N815


class _Symbol(Struct, gc=False):
    symbol: str
    contractType: str  # noqa: N815
    deliveryDate: Stamp  # noqa: N815
    onboardDate: Stamp  # noqa: N815
    baseAsset: str  # noqa: N815
    quoteAsset: str  # noqa: N815
    marginAsset: str  # noqa: N815
    pricePrecision: int  # noqa: N815
    quantityPrecision: int  # noqa: N815
    filters: list[_Filter]
    status: str = ""
    contractStatus: str = ""  # noqa: N815
    contractSize: Decimal = Decimal(1)  # noqa: N815


class _ExchangeInfo(Struct, gc=False):
    symbols: list[_Symbol]


class _Kline(Struct, array_like=True, gc=False):
    """``[open time, "o", "h", "l", "c", "volume", close time, "other volume", trades, …]``."""

    opened: Stamp
    open: str
    high: str
    low: str
    close: str
    volume: str
    closed: Stamp
    other_volume: str
    trades: Id


class _OpenInterest(Struct, gc=False):
    symbol: str
    openInterest: str  # noqa: N815
    time: Stamp = 0


def _decode(kind: Any, body: bytes) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error


def _limit(depth: int) -> int:
    return next((limit for limit in _DEPTH_WEIGHTS if limit >= _SPARE * depth > 0), 1000)


def snapshot_request(root: str, subscription: Subscription) -> RestRequest:
    limit = _limit(subscription.depth)
    return RestRequest(
        f"{root}/depth?symbol={quote(subscription.native)}&limit={limit}", _DEPTH_WEIGHTS[limit]
    )


def decode_snapshot(subscription: Subscription, body: bytes, received_ns: int) -> BookSnapshot:
    """``{"lastUpdateId":1027024,"E":ms,"T":ms,"bids":[["4.0","431"]],"asks":[…]}``: no symbol at USDⓈ-M."""
    found: _Snapshot = _decode(_Snapshot, body)
    name, depth = subscription.instrument, _limit(subscription.depth)
    us = found.E * 1000
    return BookSnapshot(name, found.bids, found.asks, depth, found.lastUpdateId, None, us, received_ns)


def decode_instruments(venue: str, body: bytes) -> list[InstrumentSpec]:
    """By the venue's order; without what is announced and has no contract yet."""
    rows: list[_Symbol] = _decode(_ExchangeInfo, body).symbols
    return [_spec(venue, row) for row in rows if is_native(row.symbol) and row.contractType]


def _spec(venue: str, row: _Symbol) -> InstrumentSpec:
    filters = {found.filterType: found for found in row.filters}
    prices, lots = filters.get("PRICE_FILTER"), filters.get("LOT_SIZE")
    expires = row.deliveryDate < _NEVER_MS
    return InstrumentSpec(
        venue=venue,
        native=row.symbol,
        kind=_KINDS.get(row.contractType, "future" if expires else "perpetual"),
        base=row.baseAsset,
        quote=row.quoteAsset,
        settle=row.marginAsset,
        tick_size=_increment(prices.tickSize if prices else "", row.pricePrecision),
        lot_size=_increment(lots.stepSize if lots else "", row.quantityPrecision),
        status=status_of(row.status or row.contractStatus),
        expiry_us=row.deliveryDate * 1000 if expires else 0,
        contract_size=f"{row.contractSize.normalize():f}",
        listed_us=row.onboardDate * 1000,
    )


def _increment(text: str, places: int) -> str:
    """As a filter says it, else one unit of the last place that the symbol has."""
    if is_number(text) and text.strip("0."):
        return text
    return f"{Decimal(1).scaleb(-min(max(places, 0), 18)):f}"


def candles_request(
    root: str, subscription: Subscription, interval: int, since_us: int
) -> RestRequest | None:
    """With an end, because with a start alone COIN-M shows the last ones before 200 days after it."""
    name = _KLINES.get(interval)
    if name is None:
        return None
    part = f"limit={_KLINES_LIMIT}"
    if since_us:
        end_us = since_us + KLINES_PAGE * interval * 60_000_000
        part = f"startTime={since_us // 1000}&endTime={end_us // 1000 - 1}&limit={KLINES_PAGE}"
    path = f"{root}/klines?symbol={quote(subscription.native)}&interval={name}&{part}"
    return RestRequest(path, _KLINES_WEIGHT)


def decode_candles(subscription: Subscription, interval: int, body: bytes, now_us: int) -> list[Bar]:
    """Oldest first, as the venue sends them; times without a trade are left out. Volumes are counted as
    trades are, so at COIN-M in contracts."""
    rows: list[_Kline] = _decode(list[_Kline], body)
    bars = [_bar(subscription.instrument, interval, row, now_us) for row in rows if row.trades]
    if not all(is_number(text) for bar in bars for text in bar[3:8]):
        raise DecodeError("candles: expected plain numbers", body)
    return bars


def _bar(instrument: str, interval: int, row: _Kline, now_us: int) -> Bar:
    start_us = row.opened * 1000
    closed = start_us + interval * 60_000_000 <= now_us
    figures = row.open, row.high, row.low, row.close, row.volume
    return Bar(instrument, interval, start_us, *figures, row.trades, closed, False)


def interest_request(root: str, subscription: Subscription) -> RestRequest:
    return RestRequest(f"{root}/openInterest?symbol={quote(subscription.native)}", 1)


def decode_interest(subscription: Subscription, unit: str, body: bytes, received_ns: int) -> OpenInterest:
    """``{"symbol":"BTCUSDT","openInterest":"10659.509","time":ms}``."""
    found: _OpenInterest = _decode(_OpenInterest, body)
    if found.symbol != subscription.native or not is_number(found.openInterest):
        raise DecodeError(f"open interest: expected a number for {subscription.native!r:.80}", body)
    return OpenInterest(subscription.instrument, found.openInterest, unit, found.time * 1000, received_ns)
