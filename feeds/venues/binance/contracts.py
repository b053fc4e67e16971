"""What Binance's futures tell by REST: contracts, candles, open interest, the snapshot of a book.

The two markets differ by their root (``/fapi/v1``, ``/dapi/v1``) and by what they count: base units at
USDⓈ-M, contracts at COIN-M. Weights are those of the venue's documentation.
"""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import quote

from msgspec import Struct

from feeds.codec import DecodeError, InstrumentSpec, RestRequest, Subscription
from feeds.events import BookSnapshot, OpenInterest
from feeds.symbols import is_native, is_number
from feeds.venues.binance import rest
from feeds.venues.binance.futures_messages import status_of
from feeds.venues.binance.futures_shapes import Stamp
from feeds.venues.binance.wire import Id, Levels

# Levels a side → weight. More than a thousand cannot be had.
_DEPTH_WEIGHTS = {500: 10, 1000: 20}
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
    filters: list[rest.Filter]
    status: str = ""
    contractStatus: str = ""  # noqa: N815
    contractSize: Decimal = Decimal(1)  # noqa: N815


class _ExchangeInfo(Struct, gc=False):
    symbols: list[_Symbol]


class _OpenInterest(Struct, gc=False):
    symbol: str
    openInterest: str  # noqa: N815
    time: Stamp = 0


def snapshot_request(root: str, subscription: Subscription) -> RestRequest:
    return rest.snapshot_request(root, _DEPTH_WEIGHTS, subscription)


def decode_snapshot(subscription: Subscription, body: bytes, received_ns: int) -> BookSnapshot:
    """``{"lastUpdateId":1027024,"E":ms,"T":ms,"bids":[["4.0","431"]],"asks":[…]}``: no symbol at USDⓈ-M."""
    found: _Snapshot = rest.decoded(_Snapshot, body)
    name, depth = subscription.instrument, rest.limit(_DEPTH_WEIGHTS, subscription.depth)
    us = found.E * 1000
    return BookSnapshot(name, found.bids, found.asks, depth, found.lastUpdateId, None, us, received_ns)


def decode_instruments(venue: str, body: bytes) -> list[InstrumentSpec]:
    """By the venue's order; without what is announced and has no contract yet."""
    rows: list[_Symbol] = rest.decoded(_ExchangeInfo, body).symbols
    return [_spec(venue, row) for row in rows if is_native(row.symbol) and row.contractType]


def _spec(venue: str, row: _Symbol) -> InstrumentSpec:
    tick, lot = rest.increments(
        row.filters, _last_place(row.pricePrecision), _last_place(row.quantityPrecision)
    )
    expires = row.deliveryDate < _NEVER_MS
    return InstrumentSpec(
        venue=venue,
        native=row.symbol,
        kind=_KINDS.get(row.contractType, "future" if expires else "perpetual"),
        base=row.baseAsset,
        quote=row.quoteAsset,
        settle=row.marginAsset,
        tick_size=tick,
        lot_size=lot,
        status=status_of(row.status or row.contractStatus),
        expiry_us=row.deliveryDate * 1000 if expires else 0,
        contract_size=f"{row.contractSize.normalize():f}",
        listed_us=row.onboardDate * 1000,
    )


def _last_place(places: int) -> str:
    """One unit of the last place that the symbol has."""
    return f"{Decimal(1).scaleb(-min(max(places, 0), 18)):f}"


def candles_request(
    root: str, subscription: Subscription, interval: int, since_us: int
) -> RestRequest | None:
    """With an end, because with a start alone COIN-M shows the last ones before 200 days after it."""
    name = rest.KLINES.get(interval)
    if name is None:
        return None
    part = f"limit={_KLINES_LIMIT}"
    if since_us:
        end_us = since_us + KLINES_PAGE * interval * 60_000_000
        part = f"startTime={since_us // 1000}&endTime={end_us // 1000 - 1}&limit={KLINES_PAGE}"
    path = f"{root}/klines?symbol={quote(subscription.native)}&interval={name}&{part}"
    return RestRequest(path, _KLINES_WEIGHT)


def interest_request(root: str, subscription: Subscription) -> RestRequest:
    return RestRequest(f"{root}/openInterest?symbol={quote(subscription.native)}", 1)


def decode_interest(subscription: Subscription, unit: str, body: bytes, received_ns: int) -> OpenInterest:
    """``{"symbol":"BTCUSDT","openInterest":"10659.509","time":ms}``."""
    found: _OpenInterest = rest.decoded(_OpenInterest, body)
    if found.symbol != subscription.native or not is_number(found.openInterest):
        raise DecodeError(f"open interest: expected a number for {subscription.native!r:.80}", body)
    return OpenInterest(subscription.instrument, found.openInterest, unit, found.time * 1000, received_ns)
