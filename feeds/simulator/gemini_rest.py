"""Gemini's public REST: 120 requests a minute, its lists, candles of fixed lengths, and figures."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from feeds.simulator import gemini_text as text
from feeds.simulator.exchange import Answer, as_json
from feeds.simulator.history import INTERVALS
from feeds.simulator.link import now_s
from feeds.simulator.market import Market
from feeds.simulator.text import increment

if TYPE_CHECKING:
    from feeds.simulator.gemini import Gemini

_REQUESTS, _REQUESTS_S = 120, 60.0
# Word of a length → minutes, and how many bars there are of it.
_LENGTHS = {"1m": (1, 1440), "5m": (5, 2016), "15m": (15, 1344), "1hr": (60, 1464), "1day": (1440, 365)}


class Budget:
    """What an address has asked for in the last minute."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def exceeded(self) -> bool:
        at_s = now_s()
        self._times.append(at_s)
        while self._times[0] <= at_s - _REQUESTS_S:
            self._times.popleft()
        return len(self._times) > _REQUESTS


def answer(exchange: Gemini, path: str, query: Mapping[str, str]) -> Answer:
    """The answer to a GET below the exchange's REST root."""
    over = exchange.budget.exceeded()
    exchange.counters["requests_over_limit"] += over
    if exchange.trouble.rate_limited > 0 or over:
        exchange.trouble.rate_limited -= exchange.trouble.rate_limited > 0
        exchange.counters["rate_limited"] += 1
        headers = (("Retry-After", str(exchange.trouble.retry_after_s)),)
        return Answer(429, _error("Too Many Requests"), headers)
    return _view(exchange, path.strip("/").split("/"), query)


def _view(exchange: Gemini, parts: list[str], query: Mapping[str, str]) -> Answer:
    if parts == ["v1", "symbols"]:
        return Answer(200, as_json([text.symbol(market) for market in exchange.listed()]))
    if parts == ["v1", "symbols", "details", "all"]:
        return Answer(200, f"[{','.join(map(_details, exchange.listed()))}]".encode())
    view = _VIEWS.get("/".join(parts[:2]))
    if view is None or len(parts) < 3:
        return Answer(404, _error("EndpointNotFound"))
    named = parts[3] if parts[:2] == ["v2", "derivatives"] and len(parts) > 3 else parts[2]
    market = exchange.market(named.upper())
    if market is None:
        return Answer(400, _error("InvalidSymbol"))
    return view(exchange, market, parts, query)


def _details(market: Market) -> str:
    """Increments are bare numbers, small ones with an exponent."""
    each = market.listing
    steps = [
        increment(decimals) if decimals < 5 else f"1E-{decimals}"
        for decimals in (each.qty_decimals, each.price_decimals)
    ]
    perpetual = each.kind == "perpetual"
    return (
        f'{{"symbol":"{each.native}","base_currency":"{each.base}","quote_currency":"{each.quote}",'
        f'"tick_size":{steps[0]},"quote_increment":{steps[1]},"min_order_size":"0.00001",'
        f'"status":"{"open" if market.status == "trading" else "cancel_only"}","wrap_enabled":false,'
        f'"product_type":"{"swap" if perpetual else "spot"}",'
        f'"contract_type":"{"linear" if perpetual else "vanilla"}","contract_price_currency":"{each.quote}"}}'
    )


def _book(exchange: Gemini, market: Market, parts: list[str], query: Mapping[str, str]) -> Answer:
    bids, asks = (
        [
            {"price": text.price(market, at), "amount": text.qty(market, size), "timestamp": "0"}
            for at, size in side.top(50)
        ]
        for side in market.book.sides
    )
    return Answer(200, as_json({"bids": bids, "asks": asks}))


def _ticker(exchange: Gemini, market: Market, parts: list[str], query: Mapping[str, str]) -> Answer:
    day, (bids, asks) = market.stats.day, market.book.sides
    figures = {"open": day.open, "high": day.high, "low": day.low, "close": market.last_price}
    best = {"bid": bids.best(), "ask": asks.best()}
    shown = {name: text.price(market, units) for name, units in (figures | best).items()}
    return Answer(200, as_json({"symbol": market.listing.native, **shown, "changes": []}))


def _candles(exchange: Gemini, market: Market, parts: list[str], query: Mapping[str, str]) -> Answer:
    """Newest first, all that there are; where nothing traded, the last price again."""
    minutes, count = _LENGTHS.get(parts[-1], (0, 0))
    perpetual = market.listing.kind == "perpetual"
    if minutes not in INTERVALS or perpetual != (parts[1] == "derivatives") or (perpetual and minutes > 1):
        return Answer(400, _error("InvalidTimeInterval"))
    bars = market.bars.last(minutes, count, exchange.clock.now_ns() // 60_000_000_000)
    rows = [
        f"[{bar.start_min * 60_000},"
        + ",".join(text.price(market, units) for units in (bar.open, bar.high, bar.low, bar.close))
        + f",{text.qty(market, bar.volume)}]"
        for bar in reversed(bars)
    ]
    return Answer(200, f"[{','.join(rows)}]".encode())


def _risk(exchange: Gemini, market: Market, parts: list[str], query: Mapping[str, str]) -> Answer:
    if market.listing.kind != "perpetual":
        return Answer(400, _error("InvalidSymbol"))
    held = text.qty(market, market.stats.day.volume // 3)
    index = text.index_price(market, exchange.clock.now_ns())
    body = {"product_type": "PerpetualSwapContract", "mark_price": text.mark_price(market)}
    return Answer(200, as_json({**body, "index_price": index, "open_interest": held}))


def _error(reason: str) -> bytes:
    return as_json({"result": "error", "reason": reason, "message": reason})


_VIEWS: dict[str, Callable[[Any, Market, list[str], Mapping[str, str]], Answer]] = {
    "v1/book": _book,
    "v2/ticker": _ticker,
    "v2/candles": _candles,
    "v2/derivatives": _candles,
    "v1/riskstats": _risk,
}
