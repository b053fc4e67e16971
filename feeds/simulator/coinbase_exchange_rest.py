"""Coinbase Exchange's public REST: products, books, candles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from feeds.simulator import coinbase_exchange_text as text
from feeds.simulator.bars import TradedBar
from feeds.simulator.exchange import Answer, as_json
from feeds.simulator.history import INTERVALS
from feeds.simulator.market import Market
from feeds.simulator.text import iso_us, trimmed

if TYPE_CHECKING:
    from feeds.simulator.coinbase_exchange import CoinbaseExchange

_CANDLES = 300
_GRANULARITIES = {60 * minutes: minutes for minutes in (1, 5, 15, 60, 360, 1440) if minutes in INTERVALS}


class Problem(ValueError):
    """A refusal with its HTTP status."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def answer(exchange: CoinbaseExchange, path: str, query: Mapping[str, str]) -> Answer:
    """The answer to a GET below the exchange's REST root."""
    if exchange.trouble.rate_limited > 0:
        exchange.trouble.rate_limited -= 1
        exchange.counters["rate_limited"] += 1
        headers = (("Retry-After", str(exchange.trouble.retry_after_s)),)
        return Answer(429, as_json({"message": "Public rate limit exceeded"}), headers)
    try:
        return Answer(200, _view(exchange, path.strip("/").split("/"), query))
    except Problem as problem:
        return Answer(problem.status, as_json({"message": str(problem)}))


def _view(exchange: CoinbaseExchange, parts: list[str], query: Mapping[str, str]) -> bytes:
    if parts == ["time"]:
        now_ns = exchange.clock.now_ns()
        return as_json({"iso": iso_us(now_ns), "epoch": now_ns // 1_000_000 / 1000})
    if parts == ["products"]:
        return as_json(list(map(text.product, exchange.listed())))
    if parts[0] != "products" or len(parts) > 3:
        raise Problem(404, "NotFound")
    market = exchange.market(parts[1])
    if market is None:
        raise Problem(404, "NotFound")
    views = {"": _product, "book": _book, "candles": _candles}
    view = views.get("".join(parts[2:]))
    if view is None:
        raise Problem(404, "NotFound")
    return view(exchange, market, query)


def _product(exchange: CoinbaseExchange, market: Market, query: Mapping[str, str]) -> bytes:
    return as_json(text.product(market))


def _book(exchange: CoinbaseExchange, market: Market, query: Mapping[str, str]) -> bytes:
    """Sizes without zeros at their end, each level with the number of its orders."""
    lot, count = market.listing.qty_decimals, 0 if query.get("level") == "2" else 1
    bids, asks = (
        [[text.price(market, units), trimmed(qty, lot), 1] for units, qty in side.top(count)]
        for side in market.book.sides
    )
    body = {"bids": bids, "asks": asks, "sequence": market.update_id, "auction_mode": False, "auction": None}
    return as_json(body | {"time": iso_us(exchange.clock.now_ns())})


def _candles(exchange: CoinbaseExchange, market: Market, query: Mapping[str, str]) -> bytes:
    """Newest first, in bare numbers; both ends of the span are included."""
    granularity = query.get("granularity", "60")
    interval = _GRANULARITIES.get(int(granularity)) if granularity.isdigit() else None
    if interval is None:
        raise Problem(400, "Unsupported granularity")
    now_s = exchange.clock.now_ns() // 1_000_000_000
    start_s, end_s = 0, now_s
    if "start" in query and "end" in query:
        start_s, end_s = _seconds(query["start"]), min(now_s, _seconds(query["end"]))
        if (end_s - start_s) // (interval * 60) + 1 > _CANDLES:
            raise Problem(400, "granularity too small for the requested time range")
    rows = [
        _candle(market, bar)
        for bar in reversed(market.bars.last(interval, _CANDLES, end_s // 60))
        if bar.volume and bar.start_min * 60 >= start_s
    ]
    return f"[{','.join(rows)}]".encode()


def _candle(market: Market, bar: TradedBar) -> str:
    decimals, lot = market.listing.price_decimals, market.listing.qty_decimals
    prices = ",".join(trimmed(each, decimals) for each in (bar.low, bar.high, bar.open, bar.close))
    return f"[{bar.start_min * 60},{prices},{trimmed(bar.volume, lot)}]"


def _seconds(stamp: str) -> int:
    try:
        return int(datetime.fromisoformat(stamp).timestamp())
    except ValueError:
        raise Problem(400, "start and end must be valid ISO 8601") from None
