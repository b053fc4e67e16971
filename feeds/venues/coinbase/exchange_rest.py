"""What Coinbase Exchange tells by REST, without a key: products, candles, and a book to compare with.

https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/products
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Raw, Struct

from feeds.bare import digits
from feeds.codec import DecodeError, InstrumentSpec, RestRequest, Subscription
from feeds.events import Bar, BookSnapshot, Level
from feeds.symbols import is_native, is_number
from feeds.venues.coinbase.exchange_messages import VENUE
from feeds.venues.coinbase.exchange_shapes import Product

# Minutes; the venue has six hours too, and no four.
_INTERVALS = (1, 5, 15, 60, 360, 1440)
# The venue refuses a span of more.
CANDLES = 300
# No book is shown deeper than a thousand; beyond twice that, comparing costs and tells nobody anything.
_AUDITED = 2000
# Sizes have eight decimals at most, and zeros at their end may be left off.
_SIZE_DECIMALS = 8

_Candle = tuple[int, Raw, Raw, Raw, Raw, Raw]


class _Book(Struct, gc=False):
    """Each level is price, size and the number of its orders."""

    bids: list[tuple[str, str, int]]
    asks: list[tuple[str, str, int]]


def _decode(kind: Any, body: bytes) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error


def instruments_request() -> RestRequest:
    return RestRequest("/products")


def decode_instruments(body: bytes) -> list[InstrumentSpec]:
    """``[{"id":"BTC-USD","base_currency":"BTC","quote_increment":"0.01",…},…]``, all of them spot."""
    return [_spec(row) for row in _decode(list[Product], body) if is_native(row.id)]


def _spec(row: Product) -> InstrumentSpec:
    base, quoted = row.base_currency, row.quote_currency
    steps = row.quote_increment, row.base_increment
    return InstrumentSpec(VENUE, row.id, "spot", base, quoted, quoted, *steps, row.state)


def candles_request(
    subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
) -> RestRequest | None:
    """Without a span the venue's newest 300."""
    if interval not in _INTERVALS:
        return None
    path = f"{_path(subscription)}/candles?granularity={interval * 60}"
    if not now_us:
        return RestRequest(path)
    end_s, length_s = now_us // 1_000_000, interval * 60
    start_s = since_us // 1_000_000 or end_s - end_s % length_s - (CANDLES - 1) * length_s
    end_s = min(end_s, start_s + CANDLES * length_s - 1)
    return RestRequest(f"{path}&start={_iso(start_s)}&end={_iso(end_s)}")


def _path(subscription: Subscription) -> str:
    return f"/products/{quote(subscription.native, safe='')}"


def _iso(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def decode_candles(subscription: Subscription, interval: int, body: bytes, now_us: int) -> list[Bar]:
    """``[[1415398768,0.32,4.2,0.35,4.2,12.3],…]``, newest first: time, low, high, open, close, volume.

    https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/products/get-product-candles; minutes
    in which nothing traded are left out, and trades are not counted.
    """
    rows = _decode(list[_Candle], body)
    try:
        bars = [_bar(subscription.instrument, interval, row, now_us) for row in rows]
    except ValueError as error:
        raise DecodeError(f"candles: {error}", body) from error
    if not all(0 <= bar.start_us < 10**18 and all(map(is_number, bar[3:8])) for bar in bars):
        raise DecodeError("candles: expected plain numbers", body)
    return sorted(bars, key=lambda bar: bar.start_us)


def _bar(instrument: str, interval: int, row: _Candle, now_us: int) -> Bar:
    start_us = row[0] * 1_000_000
    low, high, opened, close, volume = map(digits, row[1:])
    closed = start_us + interval * 60_000_000 <= now_us
    return Bar(instrument, interval, start_us, opened, high, low, close, volume, 0, closed, False)


def audit_request(subscription: Subscription) -> RestRequest:
    """The whole book, which is large: two of what we may ask for in a second."""
    return RestRequest(f"{_path(subscription)}/book?level=2", weight=2)


def decode_audit(subscription: Subscription, body: bytes, received_ns: int) -> BookSnapshot:
    """``{"sequence":13051505638,"bids":[["6247.58","6.3578146",2],…],"asks":[…],"time":…}``.

    Its number is on no message of the stream. Nothing says whether ``time`` is that of the book or of the
    answer, so nothing is concluded from it.
    """
    found = _decode(_Book, body)
    try:
        bids, asks = _best(found.bids, -1), _best(found.asks, 1)
    except ValueError as error:
        raise DecodeError(f"book: {error}", body) from error
    return BookSnapshot(subscription.instrument, bids, asks, _AUDITED, 0, None, 0, received_ns)


def _best(rows: list[tuple[str, str, int]], sign: int) -> list[Level]:
    """In their order, which nobody promises. Raises ValueError for what is no plain number among them."""
    ordered = sorted(rows, key=lambda row: sign * float(row[0]))[:_AUDITED]
    if not all(is_number(price) and is_number(size) for price, size, _ in ordered):
        raise ValueError("expected plain numbers")
    return [(price, _whole(size)) for price, size, _ in ordered]


def _whole(size: str) -> str:
    """With the zeros that were left off: a size is as exact as it is written."""
    whole, _, fraction = size.partition(".")
    return f"{whole}.{fraction.ljust(_SIZE_DECIMALS, '0')}"
