"""What all of Binance's markets answer by REST in the same shape: filters, candles; and how deep a book is
asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from feeds.codec import DecodeError, RestRequest, Subscription
from feeds.events import Bar
from feeds.symbols import is_number
from feeds.venues.binance.messages import Stamp, micros
from feeds.venues.binance.wire import Id

KLINES = {
    1: "1m", 3: "3m", 5: "5m", 15: "15m", 30: "30m",
    60: "1h", 120: "2h", 240: "4h", 360: "6h", 480: "8h", 720: "12h", 1440: "1d",
}  # fmt: skip
"""Interval in minutes → the venue's word for it."""
# The snapshot proves that much more than is shown, so that it need not be fetched again soon.
_SPARE, _DEFAULT_LIMIT = 4, 1000


class Filter(Struct, gc=False):
    filterType: str  # noqa: N815
    tickSize: str = ""  # noqa: N815
    stepSize: str = ""  # noqa: N815


class Kline(Struct, array_like=True, gc=False):
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


def decoded(kind: Any, body: bytes) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error


def limit(weights: Mapping[int, int], depth: int) -> int:
    """Of ``weights``, by levels a side, the fewest that prove ``depth``; 0: nobody said how many."""
    if not depth:
        return _DEFAULT_LIMIT
    return next((levels for levels in weights if levels >= _SPARE * depth), max(weights))


def snapshot_request(root: str, weights: Mapping[int, int], subscription: Subscription) -> RestRequest:
    levels = limit(weights, subscription.depth)
    return RestRequest(f"{root}/depth?symbol={quote(subscription.native)}&limit={levels}", weights[levels])


def increments(filters: Sequence[Filter], price: str, quantity: str) -> tuple[str, str]:
    """Tick and lot; ``price`` and ``quantity`` where the filter is missing or zero."""
    by_type = {found.filterType: found for found in filters}
    prices, lots = by_type.get("PRICE_FILTER"), by_type.get("LOT_SIZE")
    return _or(prices.tickSize if prices else "", price), _or(lots.stepSize if lots else "", quantity)


def _or(text: str, otherwise: str) -> str:
    return text if is_number(text) and text.strip("0.") else otherwise


def candles(subscription: Subscription, interval: int, body: bytes, now_us: int) -> list[Bar]:
    """Oldest first, as the venue sends them; times without a trade are left out. Volumes count what
    trades do."""
    rows: list[Kline] = decoded(list[Kline], body)
    found = [_bar(subscription.instrument, interval, row, now_us) for row in rows if row.trades]
    if not all(is_number(text) for bar in found for text in bar[3:8]):
        raise DecodeError("candles: expected plain numbers", body)
    return found


def _bar(instrument: str, interval: int, row: Kline, now_us: int) -> Bar:
    start_us = micros(row.opened)
    closed = start_us + interval * 60_000_000 <= now_us
    figures = row.open, row.high, row.low, row.close, row.volume
    return Bar(instrument, interval, start_us, *figures, row.trades, closed, False)
