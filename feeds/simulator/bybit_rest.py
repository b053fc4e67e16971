"""Bybit's public REST: an envelope around everything, pages with a cursor, 403 for who asks too much."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from feeds.simulator import bybit_text as text
from feeds.simulator.bars import TradedBar
from feeds.simulator.exchange import Answer, as_json
from feeds.simulator.link import now_s
from feeds.simulator.market import Market

if TYPE_CHECKING:
    from feeds.simulator.bybit import Bybit

_ROOT = "/v5/market/"
_MOST, _WINDOW_S, _BANNED_S = 600, 5.0, 600.0
_TYPES = {
    ("perpetual", False): "LinearPerpetual",
    ("perpetual", True): "InversePerpetual",
    ("future", False): "LinearFutures",
    ("future", True): "InverseFutures",
}


class Problem(ValueError):
    """A refusal, in the venue's words."""


class Budget:
    """One address's requests; loopback has only one."""

    def __init__(self, exchange: Bybit) -> None:
        self._exchange = exchange
        self._times: deque[float] = deque()
        self._banned_until_s = 0.0

    def refusal(self) -> Answer | None:
        trouble, counters, at_s = self._exchange.trouble, self._exchange.counters, now_s()
        if at_s < self._banned_until_s:
            counters["requests_while_banned"] += 1
            return self._refused()
        self._times.append(at_s)
        while self._times[0] <= at_s - _WINDOW_S:
            self._times.popleft()
        if trouble.rate_limited > 0:
            trouble.rate_limited -= 1
            counters["rate_limited"] += 1
        elif len(self._times) <= _MOST:
            return None
        else:
            counters["requests_over_limit"] += 1
        self._banned_until_s = at_s + _BANNED_S
        return self._refused()

    def _refused(self) -> Answer:
        return Answer(403, b"403, access too frequent")


def answer(exchange: Bybit, path: str, query: Mapping[str, str]) -> Answer:
    if (refusal := exchange.budget.refusal()) is not None:
        return refusal
    view = _VIEWS.get(path.removeprefix(_ROOT)) if path.startswith(_ROOT) else None
    if view is None:
        return Answer(404, b"")
    now_ms = exchange.clock.now_ns() // 1_000_000
    try:
        if query.get("category", "linear") != exchange.category:
            raise Problem("params error: Category is invalid")
        found, code, words = view(exchange, query), 0, "OK"
    except Problem as problem:
        found, code, words = {}, 10001, str(problem)
    body = {"retCode": code, "retMsg": words, "result": found, "retExtInfo": {}, "time": now_ms}
    return Answer(200, as_json(body))


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    value = query.get(name, str(default))
    if not value.isdigit():
        raise Problem(f"params error: {name} is invalid")
    return int(value)


def _instruments(exchange: Bybit, query: Mapping[str, str]) -> dict[str, Any]:
    """Spot comes whole; of options those of one base. A cursor names the first and the last of its page."""
    markets = exchange.listed()
    if exchange.category == "option":
        base = query.get("baseCoin", "BTC")
        markets = [market for market in markets if market.listing.base == base]
    if exchange.category != "spot":
        limit, after = min(_number(query, "limit", 500), 1000), query.get("cursor", "").rpartition("=")[2]
        names = [market.listing.native for market in markets]
        begin = names.index(after) + 1 if after in names else 0
        page, markets = markets[begin : begin + limit], markets[begin + limit :]
        more = bool(markets)
        markets = page
    rows = [_row(exchange, market) for market in markets]
    found = {"category": exchange.category, "list": rows}
    if exchange.category == "spot":
        return found
    ends = f"first={rows[0]['symbol']}&last={rows[-1]['symbol']}" if rows else ""
    return {**found, "nextPageCursor": quote(ends, safe="") if more else ""}


def _row(exchange: Bybit, market: Market) -> dict[str, Any]:
    listing = market.listing
    tick, lot = text.price(market, 1), text.qty(market, 1)
    row: dict[str, Any] = {
        "symbol": listing.native, "status": "Trading" if market.status == "trading" else "PreLaunch",
        "baseCoin": listing.base, "quoteCoin": listing.quote, "priceFilter": {"tickSize": tick},
    }  # fmt: skip
    if listing.kind == "spot":
        return {**row, "lotSizeFilter": {"basePrecision": lot, "minOrderQty": lot}, "symbolType": ""}
    row |= {
        "settleCoin": listing.settle, "launchTime": "1585526400000", "deliveryTime": str(listing.expiry_ms),
        "lotSizeFilter": {"qtyStep": lot, "minOrderQty": lot},
    }  # fmt: skip
    if listing.kind == "option":
        return {**row, "optionsType": listing.right.title()}
    kind = _TYPES[listing.kind, listing.inverse]
    return {**row, "contractType": kind, "fundingInterval": 480, "symbolType": ""}


def _klines(exchange: Bybit, query: Mapping[str, str]) -> dict[str, Any]:
    """Newest first."""
    market = exchange.market(query.get("symbol", ""))
    interval = text.INTERVALS.get(query.get("interval", ""))
    if market is None or interval is None or exchange.category == "option":
        raise Problem("params error: Symbol Is Invalid" if market is None else "Invalid period!")
    limit = min(_number(query, "limit", 200), 1000)
    now_min = exchange.clock.now_ns() // 60_000_000_000
    end_min = min(_number(query, "end", now_min * 60_000) // 60_000, now_min)
    bars = market.bars.last(interval, limit, end_min)
    start_min = -(-_number(query, "start", 0) // 60_000)
    rows = [_candle(market, bar) for bar in reversed(bars) if bar.start_min >= start_min]
    return {"category": exchange.category, "symbol": market.listing.native, "list": rows}


def _candle(market: Market, bar: TradedBar) -> list[str]:
    prices = (text.price(market, each) for each in (bar.open, bar.high, bar.low, bar.close))
    return [str(bar.start_min * 60_000), *prices, text.qty(market, bar.volume), text.turnover(market, bar)]


def _time(exchange: Bybit, query: Mapping[str, str]) -> dict[str, str]:
    now_ns = exchange.clock.now_ns()
    return {"timeSecond": str(now_ns // 10**9), "timeNano": str(now_ns)}


_VIEWS = {"instruments-info": _instruments, "kline": _klines, "time": _time}
