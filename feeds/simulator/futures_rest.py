"""The public REST of Binance's futures: ``/fapi/v1`` and ``/dapi/v1`` by one set of rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from feeds.simulator import binance_rest
from feeds.simulator import futures_text as text
from feeds.simulator.bars import TradedBar
from feeds.simulator.binance_rest import Problem, Views, constant, integer, market_of
from feeds.simulator.binance_text import INTERVALS
from feeds.simulator.exchange import Answer
from feeds.simulator.market import Market

if TYPE_CHECKING:
    from feeds.simulator.futures import BinanceFutures

_DEPTHS = (5, 10, 20, 50, 100, 500, 1000)
_MOST_DAYS_MIN = 200 * 1440
_NEVER_MS = 4_133_404_800_000


def answer(exchange: BinanceFutures, path: str, query: Mapping[str, str]) -> Answer:
    return binance_rest.answer(exchange, path, query, exchange.rest_prefix, _VIEWS)


def _depth_weight(query: Mapping[str, str]) -> int:
    limit = integer(query, "limit", 500)
    return 2 if limit <= 50 else 5 if limit <= 100 else 10 if limit <= 500 else 20


def _depth(exchange: BinanceFutures, query: Mapping[str, str]) -> bytes:
    market = market_of(exchange, query.get("symbol", ""))
    limit = integer(query, "limit", 500)
    if limit not in _DEPTHS:
        raise Problem(-4021, f"'{limit}' is not valid depth limit.")
    old = exchange.trouble.old_snapshots.get(market.listing.native)
    last, (bids, asks) = old.pop(0) if old else exchange.snapshot(market)
    now = exchange.clock.now_ns() // 1_000_000
    return (
        f'{{"lastUpdateId":{last},"E":{now},"T":{now},"bids":[{text.levels(market, bids[:limit])}],'
        f'"asks":[{text.levels(market, asks[:limit])}]}}'
    ).encode()


def _exchange_info(exchange: BinanceFutures, query: Mapping[str, str]) -> dict[str, Any]:
    limit = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1}
    return {
        "timezone": "UTC",
        "serverTime": exchange.clock.now_ns() // 1_000_000,
        "rateLimits": [{**limit, "limit": exchange.weight_limit}],
        "exchangeFilters": [],
        "symbols": [_symbol(market) for market in exchange.listed()],
    }


def _symbol(market: Market) -> dict[str, Any]:
    each = market.listing
    tick, lot = text.price(market, 1), text.qty(market, 1)
    status = "TRADING" if market.status == "trading" else "SETTLING"
    inverse = {"contractStatus": status, "contractSize": each.contract_size, "equalQtyPrecision": 4}
    return {
        "symbol": each.native, "pair": each.native.partition("_")[0], "contractType": each.contract_type,
        "deliveryDate": each.expiry_ms or _NEVER_MS, "onboardDate": 1_569_398_400_000,
        "baseAsset": each.base, "quoteAsset": each.quote, "marginAsset": each.settle,
        "pricePrecision": each.price_decimals, "quantityPrecision": each.qty_decimals,
        "baseAssetPrecision": 8, "quotePrecision": 8, "underlyingType": "COIN", "underlyingSubType": [],
        **(inverse if each.inverse else {"status": status}),
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "10000000", "tickSize": tick},
            {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": "9000000", "stepSize": lot},
        ],
        "orderTypes": ["LIMIT", "MARKET"], "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
    }  # fmt: skip


def _klines_weight(query: Mapping[str, str]) -> int:
    limit = integer(query, "limit", 500)
    return 1 if limit < 100 else 2 if limit < 500 else 5 if limit <= 1000 else 10


def _klines(exchange: BinanceFutures, query: Mapping[str, str]) -> list[list[Any]]:
    """The last ones of the span; of the inverse market a start alone means 200 days, and more is refused."""
    market = market_of(exchange, query.get("symbol", ""))
    interval = INTERVALS.get(query.get("interval", ""))
    if interval is None:
        raise Problem(-1120, "Invalid interval.")
    limit = max(1, min(integer(query, "limit", 500), 1500))
    now_min = exchange.clock.now_ns() // 60_000_000_000
    start_min = -(-integer(query, "startTime", 0) // 60_000 // interval) * interval
    most = _MOST_DAYS_MIN if market.listing.inverse else (limit - 1) * interval
    default = start_min + most if "startTime" in query else now_min
    end_min = integer(query, "endTime", default * 60_000) // 60_000
    if market.listing.inverse and "startTime" in query and end_min - start_min > _MOST_DAYS_MIN:
        raise Problem(-4166, "Search window is restricted to recent 200 days only.")
    bars = market.bars.last(interval, limit, min(end_min, now_min))
    return [_kline(market, bar, interval) for bar in bars if bar.start_min >= start_min]


def _kline(market: Market, bar: TradedBar, interval: int) -> list[Any]:
    prices = [text.price(market, units) for units in (bar.open, bar.high, bar.low, bar.close)]
    return [
        bar.start_min * 60_000, *prices, text.qty(market, bar.volume),
        (bar.start_min + interval) * 60_000 - 1, text.turnover(market, bar.volume, bar.close), bar.trades,
        text.qty(market, bar.bought), text.turnover(market, bar.bought, bar.close), "0",
    ]  # fmt: skip


def _open_interest(exchange: BinanceFutures, query: Mapping[str, str]) -> dict[str, Any]:
    market = market_of(exchange, query.get("symbol", ""))
    found = {"symbol": market.listing.native, "openInterest": text.open_interest(market)}
    if market.listing.inverse:
        found |= {"pair": found["symbol"].partition("_")[0], "contractType": market.listing.contract_type}
    return {**found, "time": exchange.clock.now_ns() // 1_000_000}


_VIEWS: Views = {
    "ping": (constant(1), lambda exchange, query: {}),
    "time": (constant(1), lambda exchange, query: {"serverTime": exchange.clock.now_ns() // 1_000_000}),
    "exchangeInfo": (constant(1), _exchange_info),
    "depth": (_depth_weight, _depth),
    "klines": (_klines_weight, _klines),
    "openInterest": (constant(1), _open_interest),
}
