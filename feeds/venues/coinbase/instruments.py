"""What Coinbase Advanced tells by REST, without a key: instruments and candles.

https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from feeds.codec import DecodeError, InstrumentSpec, RestRequest, Subscription
from feeds.events import Bar
from feeds.symbols import is_native, is_number
from feeds.venues.coinbase.messages import VENUE

_PRODUCTS = "/api/v3/brokerage/market/products"
_GRANULARITIES = {
    1: "ONE_MINUTE",
    5: "FIVE_MINUTE",
    15: "FIFTEEN_MINUTE",
    30: "THIRTY_MINUTE",
    60: "ONE_HOUR",
    120: "TWO_HOUR",
    240: "FOUR_HOUR",
    360: "SIX_HOUR",
    1440: "ONE_DAY",
}
# The venue answers with at most 350, and refuses a span of more.
CANDLES = 350


class _Product(Struct, gc=False):
    product_id: str
    base_increment: str
    price_increment: str
    base_currency_id: str
    quote_currency_id: str
    product_type: str
    status: str
    alias: str
    is_disabled: bool = False
    trading_disabled: bool = False
    view_only: bool = False
    cancel_only: bool = False


class _Products(Struct, gc=False):
    products: list[_Product]


class _Candle(Struct, gc=False):
    start: str
    low: str
    high: str
    open: str
    close: str
    volume: str


class _Candles(Struct, gc=False):
    candles: list[_Candle] | None


def _decode(kind: type, body: bytes) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error


def instruments_request() -> RestRequest:
    return RestRequest(f"{_PRODUCTS}?product_type=SPOT")


def decode_instruments(body: bytes) -> list[InstrumentSpec]:
    """Spot products that have a market of their own.

    ``BTC-USDC`` is an alias of ``BTC-USD``: its data would come under that name, so it is left out.
    """
    rows = _decode(_Products, body).products
    own = [row for row in rows if row.product_type == "SPOT" and not row.alias]
    return [_spec(row) for row in own if is_native(row.product_id)]


def _spec(row: _Product) -> InstrumentSpec:
    return InstrumentSpec(
        venue=VENUE,
        native=row.product_id,
        kind="spot",
        base=row.base_currency_id,
        quote=row.quote_currency_id,
        settle=row.quote_currency_id,
        tick_size=row.price_increment,
        lot_size=row.base_increment,
        status=_status(row),
    )


def _status(row: _Product) -> str:
    if row.status == "delisted":
        return "delisted"
    closed = row.is_disabled or row.trading_disabled or row.view_only or row.cancel_only
    return "halted" if closed or row.status != "online" else "trading"


def candles_request(
    subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
) -> RestRequest | None:
    """The documented parameters name a span, so ``now_us`` is needed; without it the venue must choose."""
    granularity = _GRANULARITIES.get(interval)
    if granularity is None:
        return None
    path = f"{_PRODUCTS}/{quote(subscription.native)}/candles?granularity={granularity}&limit={CANDLES}"
    if not now_us:
        return RestRequest(path)
    end_s = now_us // 1_000_000
    running_s = end_s - end_s % (interval * 60)
    span_s = (CANDLES - 1) * interval * 60
    start_s = since_us // 1_000_000 or running_s - span_s
    return RestRequest(f"{path}&start={start_s}&end={min(end_s, start_s + span_s) if since_us else end_s}")


def decode_candles(subscription: Subscription, interval: int, body: bytes, now_us: int) -> list[Bar]:
    """``{"candles":[{"start":"1712192400","low","high","open","close","volume"},…]}``, newest first."""
    rows = _decode(_Candles, body).candles or ()
    if not all(
        row.start.isdecimal() and len(row.start) <= 12 and all(map(is_number, _figures(row))) for row in rows
    ):
        raise DecodeError("candles: expected plain numbers", body)
    bars = [_bar(subscription.instrument, interval, row, now_us) for row in rows]
    return sorted(bars, key=lambda bar: bar.start_us)


def _figures(row: _Candle) -> tuple[str, str, str, str, str]:
    return row.open, row.high, row.low, row.close, row.volume


def _bar(instrument: str, interval: int, row: _Candle, now_us: int) -> Bar:
    """The venue does not count the trades of a candle."""
    start_us = int(row.start) * 1_000_000
    closed = start_us + interval * 60_000_000 <= now_us
    return Bar(instrument, interval, start_us, *_figures(row), 0, closed, False)
