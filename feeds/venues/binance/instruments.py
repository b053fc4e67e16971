"""What Binance spot tells by REST: instruments, candles, the snapshot that a book starts from.

https://developers.binance.com/docs/binance-spot-api-docs/rest-api
"""

from __future__ import annotations

from urllib.parse import quote

from msgspec import Struct

from feeds.codec import InstrumentSpec, RestRequest, Subscription
from feeds.events import BookSnapshot
from feeds.symbols import is_native
from feeds.venues.binance import rest
from feeds.venues.binance.messages import VENUE
from feeds.venues.binance.wire import Id, Levels

_ROOT = "/api/v3"

# Levels a side → weight. The smallest is cheap, but a busy book walks off the end of 100 levels in seconds.
_DEPTH_WEIGHTS = {500: 25, 1000: 50, 5000: 250}
_KLINES_LIMIT, KLINES_PAGE = 500, 1000
# What a symbol without (or with a zero) filter is counted in: no amount of the venue has more digits.
_SMALLEST = "0.00000001"


class _Snapshot(Struct, gc=False):
    lastUpdateId: Id  # noqa: N815
    bids: Levels
    asks: Levels


class _Symbol(Struct, gc=False):
    symbol: str
    status: str
    baseAsset: str  # noqa: N815
    quoteAsset: str  # noqa: N815
    filters: list[rest.Filter]


class _ExchangeInfo(Struct, gc=False):
    symbols: list[_Symbol]


def snapshot_request(subscription: Subscription) -> RestRequest:
    return rest.snapshot_request(_ROOT, _DEPTH_WEIGHTS, subscription)


def decode_snapshot(subscription: Subscription, body: bytes, received_ns: int) -> BookSnapshot:
    """``{"lastUpdateId":1027024,"bids":[["4.0","431.0"]],"asks":[…]}``: no symbol, no time."""
    found: _Snapshot = rest.decoded(_Snapshot, body)
    return BookSnapshot(
        subscription.instrument,
        found.bids,
        found.asks,
        rest.limit(_DEPTH_WEIGHTS, subscription.depth),
        found.lastUpdateId,
        None,
        0,
        received_ns,
    )


def instruments_request() -> RestRequest:
    # The permission sets are two thirds of the answer and mean nothing to us.
    return RestRequest(f"{_ROOT}/exchangeInfo?showPermissionSets=false", 20)


def decode_instruments(body: bytes) -> list[InstrumentSpec]:
    """``{"symbols":[{"symbol","status","baseAsset","quoteAsset","filters":[…]}]}``, by the venue's order."""
    return [_spec(row) for row in rest.decoded(_ExchangeInfo, body).symbols if is_native(row.symbol)]


def _spec(row: _Symbol) -> InstrumentSpec:
    tick, lot = rest.increments(row.filters, _SMALLEST, _SMALLEST)
    return InstrumentSpec(
        venue=VENUE,
        native=row.symbol,
        kind="spot",
        base=row.baseAsset,
        quote=row.quoteAsset,
        settle=row.quoteAsset,
        tick_size=tick,
        lot_size=lot,
        status="trading" if row.status == "TRADING" else "halted",
    )


def candles_request(
    subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
) -> RestRequest | None:
    """Times without a trade count in a page; they are left out only when it is read."""
    name = rest.KLINES.get(interval)
    if name is None:
        return None
    symbol = quote(subscription.native)
    part = f"startTime={since_us // 1000}&limit={KLINES_PAGE}" if since_us else f"limit={_KLINES_LIMIT}"
    return RestRequest(f"{_ROOT}/klines?symbol={symbol}&interval={name}&{part}", 2)
