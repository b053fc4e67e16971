"""The public REST of Kraken's derivatives: what is listed, and candles, which another service answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from feeds.simulator import kraken_futures_text as text
from feeds.simulator.exchange import Answer, as_json
from feeds.simulator.history import INTERVALS
from feeds.simulator.market import Market
from feeds.simulator.text import increment

if TYPE_CHECKING:
    from feeds.simulator.kraken_futures import KrakenFutures

_LIST, _CHARTS = "/derivatives/api/v3/instruments", "/api/charts/v1/trade/"
_RESOLUTIONS = {"1m": 1, "5m": 5, "15m": 15, "1h": 60, "4h": 240, "1d": 1440}
_MOST = 2000
_FIGURES = ("open", "high", "low", "close")


def answer(exchange: KrakenFutures, path: str, query: Mapping[str, str]) -> Answer:
    """The answer to a GET below the exchange's REST root."""
    if exchange.trouble.rate_limited > 0:
        exchange.trouble.rate_limited -= 1
        exchange.counters["rate_limited"] += 1
        headers = (("Retry-After", str(exchange.trouble.retry_after_s)),)
        return Answer(429, as_json({"result": "error", "error": "apiLimitExceeded"}), headers)
    if path == _LIST:
        rows = [_row(market) for market in exchange.listed()]
        return Answer(200, as_json({"result": "success", "instruments": rows}))
    if path.startswith(_CHARTS):
        return _candles(exchange, path.removeprefix(_CHARTS), query)
    return Answer(404, as_json({"result": "error", "error": "404 NOT_FOUND"}))


def _row(market: Market) -> dict[str, Any]:
    each = market.listing
    expiry = datetime.fromtimestamp(each.expiry_ms / 1000, UTC).isoformat().replace("+00:00", ".000Z")
    return {
        "symbol": each.native,
        "type": "futures_inverse" if each.inverse else "flexible_futures",
        **({"lastTradingTime": expiry} if each.expiry_ms else {}),
        "tickSize": float(increment(each.price_decimals)),
        "contractSize": 1,
        "tradeable": market.status == "trading",
        "openingDate": "2018-08-31T00:00:00Z",
        "contractValueTradePrecision": each.qty_decimals,
        "postOnly": False,
        "base": each.base,
        "quote": "USD",
        "pair": f"{each.base}:USD",
    }


def _candles(exchange: KrakenFutures, rest: str, query: Mapping[str, str]) -> Answer:
    """``{symbol}/{resolution}?from=…&to=…``, seconds; the oldest of what is asked for, if it is too much."""
    native, _, resolution = rest.partition("/")
    market, interval = exchange.market(native), _RESOLUTIONS.get(resolution)
    first, last = query.get("from", "0"), query.get("to", "9999999999")
    if market is None or interval not in INTERVALS or not (first + last).isdecimal():
        return Answer(400, b"Invalid resolution")
    now_min = exchange.clock.now_ns() // 60_000_000_000
    begin, end = -(-int(first) // 60), min(int(last) // 60, now_min)
    count = min(_MOST, max(0, (end - begin) // interval + 1))
    bars = market.bars.last(interval, count, end) if count else []
    rows = [
        {
            "time": bar.start_min * 60_000,
            **{name: text.price(market, getattr(bar, name)) for name in _FIGURES},
            "volume": text.qty(market, bar.volume),
        }
        for bar in bars
        if bar.start_min >= begin
    ]
    return Answer(200, as_json({"candles": rows, "more_candles": False}))
