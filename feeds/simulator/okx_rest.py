"""OKX's public REST below ``/api/v5``: answers have a code of their own, and 200 above most of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from feeds.simulator import okx_listing
from feeds.simulator import okx_text as text
from feeds.simulator.exchange import Answer, as_json
from feeds.simulator.history import INTERVALS
from feeds.simulator.link import now_s
from feeds.simulator.market import Market

if TYPE_CHECKING:
    from feeds.simulator.okx import Okx

_PREFIX = "/api/v5/"
_DEEPEST, _PAGE, _LATEST = 400, 300, 1440
_BARS = {"1m": 1, "5m": 5, "15m": 15, "1H": 60, "4H": 240, "1Dutc": 1440}
_WINDOW_S = 2.0
_ALLOWED = {"market/books": 40, "market/candles": 40}
_ALLOWED_ELSE = 20


class Problem(ValueError):
    """A code of the venue's, and words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


class Budget:
    """How often each endpoint was asked: loopback is one address."""

    def __init__(self) -> None:
        self._asked: dict[str, deque[float]] = {}

    def exceeded(self, path: str) -> bool:
        times, at_s = self._asked.setdefault(path, deque()), now_s()
        while times and times[0] <= at_s - _WINDOW_S:
            times.popleft()
        times.append(at_s)
        return len(times) > _ALLOWED.get(path, _ALLOWED_ELSE)


def answer(exchange: Okx, path: str, query: Mapping[str, str]) -> Answer:
    """The answer to a GET below the exchange's REST root."""
    views: dict[str, Callable[[Okx, Mapping[str, str]], Any]] = {
        "public/instruments": _instruments, "public/underlying": _underlying, "public/time": _time,
        "market/books": _books, "market/candles": _candles, "market/history-candles": _history,
    }  # fmt: skip
    name = path.removeprefix(_PREFIX)
    if name not in views or not path.startswith(_PREFIX):
        return Answer(404, as_json({"code": "404", "msg": "Not Found", "data": []}))
    exceeded = exchange.budget.exceeded(name)
    if exceeded or exchange.trouble.rate_limited > 0:
        exchange.counters["weight_over_limit" if exceeded else "rate_limited"] += 1
        exchange.trouble.rate_limited = max(0, exchange.trouble.rate_limited - 1)
        words = as_json({"code": "50011", "msg": "Too Many Requests", "data": []})
        return Answer(429, words, (("Retry-After", str(exchange.trouble.retry_after_s)),))
    delay_s = exchange.trouble.delay_s if name == "market/books" else 0.0
    try:
        body = {"code": "0", "msg": "", "data": views[name](exchange, query)}
        return Answer(200, as_json(body), delay_s=delay_s)
    except Problem as problem:
        return Answer(200, as_json({"code": problem.code, "msg": str(problem), "data": []}))


def _market(exchange: Okx, query: Mapping[str, str]) -> Market:
    market = exchange.market(query.get("instId", ""))
    if market is None:
        raise Problem("51001", "Instrument ID does not exist")
    return market


def _integer(query: Mapping[str, str], name: str, default: int) -> int:
    found = query.get(name, "")
    return int(found) if found.isdecimal() else default


def _time(exchange: Okx, query: Mapping[str, str]) -> Any:
    return [{"ts": str(exchange.clock.now_ns() // 1_000_000)}]


def _instruments(exchange: Okx, query: Mapping[str, str]) -> Any:
    kind, family = query.get("instType", ""), query.get("instFamily", "")
    if not kind or (kind == "OPTION" and not family):
        raise Problem("50014", "Parameter instFamily can not be empty")
    rows = [text.listing(market) for market in exchange.listed()]
    return [row for row in rows if row["instType"] == kind and family in ("", row["instFamily"])]


def _underlying(exchange: Okx, query: Mapping[str, str]) -> Any:
    kind = query.get("instType", "")
    listed = [market.listing for market in exchange.listed()]
    found = [okx_listing.family(each) for each in listed if okx_listing.type_of(each) == kind]
    return [list(dict.fromkeys(found))]


def _books(exchange: Okx, query: Mapping[str, str]) -> Any:
    market, depth = _market(exchange, query), min(_integer(query, "sz", 1), _DEEPEST)
    old = exchange.trouble.old_snapshots.get(market.listing.native)
    if old:
        return [old.pop(0)]
    sides = [side.top(depth) for side in market.book.sides]
    return [text.book(market, sides, exchange.clock.now_ns())]


def _candles(exchange: Okx, query: Mapping[str, str]) -> Any:
    return _rows(exchange, query, _LATEST)


def _history(exchange: Okx, query: Mapping[str, str]) -> Any:
    """Of what is over alone."""
    return [row for row in _rows(exchange, query, 0) if row[8] == "1"]


def _rows(exchange: Okx, query: Mapping[str, str], latest: int) -> Any:
    """Newest first: what is earlier than ``after`` and newer than ``before``."""
    market, interval = _market(exchange, query), _BARS.get(query.get("bar", "1m"))
    if interval not in INTERVALS:
        raise Problem("51000", "Parameter bar error")
    now_min = exchange.clock.now_ns() // 60_000_000_000
    count = min(_integer(query, "limit", 100), _PAGE)
    until_min = min(now_min, -(-_integer(query, "after", (now_min + 1) * 60_000) // 60_000) - 1)
    since_ms = _integer(query, "before", -1)
    bars = market.bars.last(interval, count, until_min)
    oldest_min = now_min - latest * interval if latest else 0
    kept = [bar for bar in bars if bar.start_min * 60_000 > since_ms and bar.start_min >= oldest_min]
    return [text.candle(market, bar, closed=bar.start_min + interval <= now_min) for bar in reversed(kept)]
