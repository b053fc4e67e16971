"""Binance spot's public REST: weights in a header, 429 with Retry-After, 418 for who does not listen."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from feeds.simulator import binance_text as text
from feeds.simulator.binance_budget import WEIGHT_LIMIT
from feeds.simulator.exchange import Answer, as_json
from feeds.simulator.market import Market
from feeds.simulator.text import fixed

if TYPE_CHECKING:
    from feeds.simulator.binance import Binance

_PREFIX = "/api/v3/"
_ORDER_TYPES = [
    "LIMIT",
    "LIMIT_MAKER",
    "MARKET",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT",
    "TAKE_PROFIT_LIMIT",
]


Views: TypeAlias = dict[
    str, tuple[Callable[[Mapping[str, str]], int], Callable[[Any, Mapping[str, str]], Any]]
]
"""What can be asked for below the prefix: what it weighs, and what is answered."""


class Problem(ValueError):
    """A refusal: the venue's code and words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


_ILLEGAL = Problem(-1100, "Illegal characters found in a parameter.")


def answer(
    exchange: Binance, path: str, query: Mapping[str, str], prefix: str = "", views: Views | None = None
) -> Answer:
    """The answer to a GET below the exchange's REST root."""
    prefix = prefix or _PREFIX
    found = (views or _VIEWS).get(path.removeprefix(prefix))
    if found is None or not path.startswith(prefix):
        return Answer(404, b"<html><h2>404 Not found</h2></html>")
    weigh, view = found
    refusal = exchange.budget.refusal()
    if refusal is not None:
        return refusal
    try:
        used = exchange.budget.spend(weigh(query))
        headers = (("X-MBX-USED-WEIGHT", str(used)), ("X-MBX-USED-WEIGHT-1M", str(used)))
        body = view(exchange, query)
        delay_s = exchange.trouble.delay_s if path.endswith("/depth") else 0.0
        return Answer(200, body if isinstance(body, bytes) else as_json(body), headers, delay_s)
    except Problem as problem:
        return Answer(400, as_json({"code": problem.code, "msg": str(problem)}))


def integer(query: Mapping[str, str], name: str, default: int) -> int:
    value = query.get(name, str(default))
    if not value.isdigit():
        raise Problem(-1100, f"Illegal characters found in parameter '{name}'.")
    return int(value)


def market_of(exchange: Binance, symbol: str) -> Market:
    market = exchange.market(symbol)
    if market is None:
        raise Problem(-1121, "Invalid symbol.")
    return market


def _markets(exchange: Binance, query: Mapping[str, str]) -> list[Market]:
    if "symbol" in query:
        return [market_of(exchange, query["symbol"])]
    if "symbols" not in query:
        return exchange.listed()
    try:
        return [market_of(exchange, str(symbol)) for symbol in json.loads(query["symbols"])]
    except ValueError as error:
        raise error if isinstance(error, Problem) else _ILLEGAL from None


def _depth_weight(query: Mapping[str, str]) -> int:
    limit = integer(query, "limit", 100)
    return 5 if limit <= 100 else 25 if limit <= 500 else 50 if limit <= 1000 else 250


def _depth(exchange: Binance, query: Mapping[str, str]) -> bytes:
    market = market_of(exchange, query.get("symbol", ""))
    limit = min(integer(query, "limit", 100), 5000)
    old = exchange.trouble.old_snapshots.get(market.listing.native)
    last, (bids, asks) = old.pop(0) if old else exchange.snapshot(market)
    return (
        f'{{"lastUpdateId":{last},"bids":[{text.levels(market, bids[:limit])}],'
        f'"asks":[{text.levels(market, asks[:limit])}]}}'
    ).encode()


def _exchange_info(exchange: Binance, query: Mapping[str, str]) -> dict[str, Any]:
    return {
        "timezone": "UTC",
        "serverTime": exchange.clock.now_ns() // 1_000_000,
        "rateLimits": [
            {
                "rateLimitType": "REQUEST_WEIGHT",
                "interval": "MINUTE",
                "intervalNum": 1,
                "limit": WEIGHT_LIMIT,
            },
            {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 61000},
        ],
        "exchangeFilters": [],
        "symbols": [_symbol(market) for market in _markets(exchange, query)],
    }


def _symbol(market: Market) -> dict[str, Any]:
    each = market.listing
    tick, lot = text.price(market, 1), text.qty(market, 1)
    return {
        "symbol": each.native, "status": "TRADING" if market.status == "trading" else "BREAK",
        "baseAsset": each.base, "baseAssetPrecision": 8, "quoteAsset": each.quote,
        "quotePrecision": 8, "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8, "quoteCommissionPrecision": 8,
        "orderTypes": _ORDER_TYPES, "icebergAllowed": True, "ocoAllowed": True, "otoAllowed": True,
        "quoteOrderQtyMarketAllowed": True, "allowTrailingStop": True, "cancelReplaceAllowed": True,
        "isSpotTradingAllowed": True, "isMarginTradingAllowed": False,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "10000000.00000000",
             "tickSize": tick},
            {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": "9000000.00000000", "stepSize": lot},
            {"filterType": "NOTIONAL", "minNotional": "5.00000000", "applyMinToMarket": True,
             "maxNotional": "9000000.00000000", "applyMaxToMarket": False, "avgPriceMins": 5},
        ],
        "permissions": [], "permissionSets": [["SPOT"]], "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
    }  # fmt: skip


def _klines(exchange: Binance, query: Mapping[str, str]) -> list[list[Any]]:
    market = market_of(exchange, query.get("symbol", ""))
    interval = text.INTERVALS.get(query.get("interval", ""))
    if interval is None:
        raise Problem(-1120, "Invalid interval.")
    limit = max(1, min(integer(query, "limit", 500), 1000))
    now_min = exchange.clock.now_ns() // 60_000_000_000
    end_min = min(integer(query, "endTime", now_min * 60_000) // 60_000, now_min)
    if "startTime" not in query:
        return [_kline(market, bar, interval) for bar in market.bars.last(interval, limit, end_min)]
    start_min = -(-integer(query, "startTime", 0) // 60_000 // interval) * interval
    # Bars from the start on, not the last ones.
    end_min = min(end_min, start_min + (limit - 1) * interval)
    count = (end_min - start_min) // interval + 1
    return [_kline(market, bar, interval) for bar in market.bars.last(interval, max(0, count), end_min)]


def _kline(market: Market, bar: Any, interval: int) -> list[Any]:
    prices = [text.price(market, units) for units in (bar.open, bar.high, bar.low, bar.close)]
    return [
        bar.start_min * 60_000, *prices, text.qty(market, bar.volume),
        (bar.start_min + interval) * 60_000 - 1,
        text.turnover(market, bar.turnover), bar.trades, text.qty(market, bar.bought),
        text.turnover(market, bar.bought_turnover), "0",
    ]  # fmt: skip


def _ticker(exchange: Binance, query: Mapping[str, str]) -> Any:
    rows = [_day(market, exchange.clock.now_ns()) for market in _markets(exchange, query)]
    return rows[0] if "symbol" in query else rows


def _day(market: Market, now_ns: int) -> dict[str, Any]:
    day, last, (bid, ask) = market.stats.day, market.trades[-1], text.touch(market)
    return {
        "symbol": market.listing.native, "priceChange": text.price(market, market.last_price - day.open),
        "priceChangePercent": fixed(round((market.last_price - day.open) * 100_000 / day.open), 3),
        "weightedAvgPrice": text.average(market), "prevClosePrice": text.price(market, day.open),
        "lastPrice": text.price(market, market.last_price), "lastQty": text.qty(market, last.qty),
        "bidPrice": bid[0], "bidQty": bid[1], "askPrice": ask[0], "askQty": ask[1],
        "openPrice": text.price(market, day.open), "highPrice": text.price(market, day.high),
        "lowPrice": text.price(market, day.low), "volume": text.qty(market, day.volume),
        "quoteVolume": text.turnover(market, day.turnover), "openTime": now_ns // 1_000_000 - 86_400_000,
        "closeTime": now_ns // 1_000_000, "firstId": last.trade_id - day.trades + 1, "lastId": last.trade_id,
        "count": day.trades,
    }  # fmt: skip


def _ticker_weight(query: Mapping[str, str]) -> int:
    return 2 if "symbol" in query else 80


def _trades(exchange: Binance, query: Mapping[str, str]) -> list[dict[str, Any]]:
    market = market_of(exchange, query.get("symbol", ""))
    wanted = list(market.trades)[-min(integer(query, "limit", 500), 1000) :]
    return [
        {"id": each.trade_id, "price": text.price(market, each.price), "qty": text.qty(market, each.qty),
         "quoteQty": text.turnover(market, each.price * each.qty), "time": each.time_ns // 1_000_000,
         "isBuyerMaker": not each.bought, "isBestMatch": True}
        for each in wanted
    ]  # fmt: skip


def constant(weight: int) -> Callable[[Mapping[str, str]], int]:
    return lambda query: weight


_VIEWS: Views = {
    "ping": (constant(1), lambda exchange, query: {}),
    "time": (constant(1), lambda exchange, query: {"serverTime": exchange.clock.now_ns() // 1_000_000}),
    "exchangeInfo": (constant(20), _exchange_info),
    "depth": (_depth_weight, _depth),
    "klines": (constant(2), _klines),
    "ticker/24hr": (_ticker_weight, _ticker),
    "trades": (constant(25), _trades),
}
