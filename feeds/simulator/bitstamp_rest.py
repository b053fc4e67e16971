"""Bitstamp's public REST: markets, whole books, figures of a day, candles; 10,000 requests in ten minutes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from feeds.simulator import bitstamp_text as text
from feeds.simulator.bars import TradedBar
from feeds.simulator.exchange import Answer, as_json
from feeds.simulator.history import INTERVALS
from feeds.simulator.link import now_s
from feeds.simulator.market import Market

if TYPE_CHECKING:
    from feeds.simulator.bitstamp import Bitstamp

_ROOT = "/api/v2/"
_MOST, _WINDOW_S, _MOST_A_SECOND = 10_000, 600.0, 400
_CANDLES = 1000


class Budget:
    """One address's requests; loopback has only one."""

    def __init__(self, exchange: Bitstamp) -> None:
        self._exchange = exchange
        self._times: deque[float] = deque()

    def refusal(self) -> Answer | None:
        trouble, counters, at_s = self._exchange.trouble, self._exchange.counters, now_s()
        self._times.append(at_s)
        while self._times[0] <= at_s - _WINDOW_S:
            self._times.popleft()
        fast = len(self._times) > _MOST_A_SECOND and self._times[-_MOST_A_SECOND - 1] > at_s - 1
        if fast or len(self._times) > _MOST:
            counters["requests_over_limit"] += 1
        elif trouble.rate_limited > 0:
            trouble.rate_limited -= 1
            counters["rate_limited"] += 1
        else:
            return None
        body = {
            "response_code": "400.002",
            "response_explanation": "Request rejected due to exceeded rate limit.",
        }
        return Answer(429, as_json(body), (("Retry-After", str(trouble.retry_after_s)),))


def answer(exchange: Bitstamp, path: str, query: Mapping[str, str]) -> Answer:
    """The answer to a GET below the exchange's REST root."""
    if (refusal := exchange.budget.refusal()) is not None:
        return refusal
    what, _, native = path.removeprefix(_ROOT).strip("/").partition("/")
    if path.startswith(_ROOT) and (what, native) == ("markets", ""):
        return Answer(200, as_json([text.row(market) for market in exchange.listed()]))
    view, market = _VIEWS.get(what), exchange.market(native)
    if view is None or market is None:
        return Answer(404, as_json({"response_code": "404.007", "response_explanation": "Market not found."}))
    delay_s = exchange.trouble.delay_s if what == "order_book" else 0.0
    return Answer(200, as_json(view(exchange, market, query)), delay_s=delay_s)


def _book(exchange: Bitstamp, market: Market, query: Mapping[str, str]) -> Any:
    old = exchange.trouble.old_snapshots.get(market.listing.native)
    return old.pop(0) if old else text.book(market, exchange.clock.now_ns(), 0)


def _day(exchange: Bitstamp, market: Market, query: Mapping[str, str]) -> Any:
    return text.day(market, exchange.clock.now_ns())


def _candles(exchange: Bitstamp, market: Market, query: Mapping[str, str]) -> Any:
    """Oldest first. From ``start`` on, if it is said; else the newest up to ``end``."""
    interval = int(query.get("step", "60")) // 60
    limit = min(int(query.get("limit", "100")), _CANDLES)
    if interval not in INTERVALS:
        return {"code": "Invalid step", "errors": []}
    now_min = exchange.clock.now_ns() // 60_000_000_000
    end_min = min(int(query.get("end", now_min * 60)) // 60, now_min)
    start_min = -(-int(query.get("start", "0")) // 60)
    if start_min:
        end_min = min(end_min, start_min + (limit - 1) * interval)
    bars = market.bars.last(interval, limit, end_min)
    rows = [_candle(market, bar) for bar in bars if bar.start_min >= start_min]
    return {"data": {"pair": f"{market.listing.base}/{market.listing.quote}", "ohlc": rows}}


def _candle(market: Market, bar: TradedBar) -> dict[str, str]:
    figures = {name: text.price(market, getattr(bar, name)) for name in ("open", "high", "low", "close")}
    return {**figures, "timestamp": str(bar.start_min * 60), "volume": text.amount(market, bar.volume)}


_VIEWS: dict[str, Callable[[Bitstamp, Market, Mapping[str, str]], Any]] = {
    "order_book": _book,
    "ticker": _day,
    "ohlc": _candles,
}
