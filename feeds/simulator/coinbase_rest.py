"""Coinbase Advanced Trade's public REST below ``/api/v3/brokerage``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from feeds.simulator import coinbase_text as text
from feeds.simulator.exchange import Answer, as_json
from feeds.simulator.history import INTERVALS
from feeds.simulator.listing import TITLES
from feeds.simulator.market import Market
from feeds.simulator.text import increment, iso_seconds, iso_trimmed_us

if TYPE_CHECKING:
    from feeds.simulator.coinbase import Coinbase

_PREFIX = "/api/v3/brokerage/"
_CANDLES = 350
_NAMES = {
    "ONE_MINUTE": 1, "FIVE_MINUTE": 5, "FIFTEEN_MINUTE": 15, "THIRTY_MINUTE": 30, "ONE_HOUR": 60,
    "TWO_HOUR": 120, "FOUR_HOUR": 240, "SIX_HOUR": 360, "ONE_DAY": 1440,
}  # fmt: skip
GRANULARITIES = {name: minutes for name, minutes in _NAMES.items() if minutes in INTERVALS}


class Problem(ValueError):
    """A refusal with its HTTP status."""

    def __init__(self, status: int, error: str, words: str) -> None:
        super().__init__(words)
        self.status, self.error = status, error


def answer(exchange: Coinbase, path: str, query: Mapping[str, str]) -> Answer:
    """The answer to a GET below the exchange's REST root."""
    if exchange.trouble.rate_limited > 0:
        exchange.trouble.rate_limited -= 1
        exchange.counters["rate_limited"] += 1
        headers = (("Retry-After", str(exchange.trouble.retry_after_s)),)
        return Answer(429, as_json({"error": "RATE_LIMIT_EXCEEDED", "message": "too many requests"}), headers)
    parts = path.removeprefix(_PREFIX).split("/") if path.startswith(_PREFIX) else []
    try:
        return Answer(200, as_json(_view(parts)(exchange, parts, query)))
    except Problem as problem:
        body = {"error": problem.error, "error_details": str(problem), "message": str(problem)}
        return Answer(problem.status, as_json(body))


def _view(parts: list[str]) -> Callable[[Coinbase, list[str], Mapping[str, str]], Any]:
    if parts == ["time"]:
        return _time
    if parts == ["market", "product_book"]:
        return _product_book
    if parts[:2] == ["market", "products"]:
        if len(parts) == 2:
            return _products
        if len(parts) == 3:
            return lambda exchange, parts, query: _product(_market(exchange, parts[2]))
        if len(parts) == 4 and parts[3] in ("candles", "ticker"):
            return _candles if parts[3] == "candles" else _trades
    raise Problem(404, "NOT_FOUND", "no such path")


def _market(exchange: Coinbase, product: str) -> Market:
    market = exchange.market(product)
    if market is None:
        raise Problem(404, "NOT_FOUND", "valid product_id is required")
    return market


def _integer(query: Mapping[str, str], name: str, default: int) -> int:
    value = query.get(name, str(default))
    if not value.isdigit():
        raise Problem(400, "INVALID_ARGUMENT", f"{name} must be a number")
    return int(value)


def _products(exchange: Coinbase, parts: list[str], query: Mapping[str, str]) -> dict[str, Any]:
    products = [_product(market) for market in exchange.listed()]
    paging = {"prev_cursor": "", "next_cursor": "", "has_next": False, "has_prev": False}
    return {"products": products, "num_products": len(products), "pagination": paging}


def _product(market: Market) -> dict[str, Any]:
    each, day = market.listing, market.stats.day
    halted = market.status != "trading"
    approximate = round(day.turnover / 10 ** (each.price_decimals + each.qty_decimals), 2)
    return {
        "product_id": each.native, "price": text.price(market, market.last_price),
        "price_percentage_change_24h": text.percent(market), "volume_24h": text.size(market, day.volume),
        "volume_percentage_change_24h": "1.5", "base_increment": increment(each.qty_decimals),
        "quote_increment": increment(each.price_decimals), "quote_min_size": "1",
        "quote_max_size": "150000000",
        "base_min_size": increment(each.qty_decimals), "base_max_size": "3400000",
        "base_name": TITLES.get(each.base, each.base), "quote_name": "US Dollar", "watched": False,
        "is_disabled": False, "new": False, "status": "offline" if halted else "online", "cancel_only": False,
        "limit_only": False, "post_only": False, "trading_disabled": halted, "auction_mode": False,
        "product_type": "SPOT", "quote_currency_id": each.quote, "base_currency_id": each.base,
        "fcm_trading_session_details": None, "mid_market_price": "", "alias": "", "alias_to": [],
        "base_display_symbol": each.base, "quote_display_symbol": each.quote, "view_only": False,
        "price_increment": increment(each.price_decimals), "display_name": each.native,
        "product_venue": "CBE",
        "approximate_quote_24h_volume": str(approximate), "new_at": "2023-01-01T00:00:00Z",
        "best_bid_price": "", "best_ask_price": "",
        "high_24h": text.price(market, day.high), "low_24h": text.price(market, day.low),
    }  # fmt: skip


def _candles(exchange: Coinbase, parts: list[str], query: Mapping[str, str]) -> dict[str, Any]:
    market = _market(exchange, parts[2])
    interval = GRANULARITIES.get(query.get("granularity", ""))
    if interval is None:
        raise Problem(400, "INVALID_ARGUMENT", "granularity is invalid")
    now_s = exchange.clock.now_ns() // 1_000_000_000
    limit = min(_integer(query, "limit", _CANDLES), _CANDLES)
    end_min = min(_integer(query, "end", now_s), now_s) // 60
    start_s = _integer(query, "start", 0)
    if start_s:
        limit = min(limit, max(0, end_min - start_s // 60) // interval + 1)
    bars = [bar for bar in market.bars.last(interval, limit, end_min) if bar.start_min * 60 >= start_s]
    rows = [
        {
            "start": str(bar.start_min * 60), "low": text.price(market, bar.low),
            "high": text.price(market, bar.high), "open": text.price(market, bar.open),
            "close": text.price(market, bar.close), "volume": text.size(market, bar.volume),
        }
        for bar in reversed(bars)
        if bar.volume  # nothing traded, no candle
    ]  # fmt: skip
    return {"candles": rows}


def _trades(exchange: Coinbase, parts: list[str], query: Mapping[str, str]) -> dict[str, Any]:
    market = _market(exchange, parts[2])
    bids, asks = market.book.sides
    wanted = list(market.trades)[-_integer(query, "limit", 100) :]
    rows = [
        {
            "trade_id": str(each.trade_id), "product_id": parts[2], "price": text.price(market, each.price),
            "size": text.size(market, each.qty), "time": iso_trimmed_us(each.time_ns),
            "side": "SELL" if each.bought else "BUY", "bid": "", "ask": "", "exchange": "coinbase",
        }
        for each in reversed(wanted)
    ]  # fmt: skip
    best = {"best_bid": text.price(market, bids.best()), "best_ask": text.price(market, asks.best())}
    return {"trades": rows, **best}


def _product_book(exchange: Coinbase, parts: list[str], query: Mapping[str, str]) -> dict[str, Any]:
    market = _market(exchange, query.get("product_id", ""))
    limit = _integer(query, "limit", 0)
    bids, asks = (
        [
            {"price": text.price(market, units), "size": text.size(market, qty)}
            for units, qty in side.top(limit)
        ]
        for side in market.book.sides
    )
    time = iso_trimmed_us(exchange.clock.now_ns())
    return {"pricebook": {"product_id": market.listing.native, "bids": bids, "asks": asks, "time": time}}


def _time(exchange: Coinbase, parts: list[str], query: Mapping[str, str]) -> dict[str, Any]:
    now_ns = exchange.clock.now_ns()
    return {
        "iso": iso_seconds(now_ns), "epochSeconds": str(now_ns // 1_000_000_000),
        "epochMillis": str(now_ns // 1_000_000),
    }  # fmt: skip
