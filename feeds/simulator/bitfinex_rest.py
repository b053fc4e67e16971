"""Bitfinex's public REST: tickers, what is listed, candles.

https://docs.bitfinex.com/reference/rest-public-conf
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from feeds.simulator import bitfinex_text as text
from feeds.simulator.exchange import Answer, as_json
from feeds.simulator.market import Market

if TYPE_CHECKING:
    from feeds.simulator.bitfinex import Bitfinex

_FRAMES = {"1m": 1, "5m": 5, "15m": 15, "1h": 60, "1D": 1440}
_CALLED = [["UST", "USDt"], ["IOT", "IOTA"], ["AAA", "TESTAAA"]]
_PAPER = "TESTBTC:TESTUSD"
_MOST, _USUAL = 10_000, 100


def answer(exchange: Bitfinex, path: str, query: Mapping[str, str]) -> Answer:
    """The answer to a GET below the exchange's REST root."""
    if exchange.trouble.rate_limited > 0:
        exchange.trouble.rate_limited -= 1
        exchange.counters["rate_limited"] += 1
        headers = (("Retry-After", str(exchange.trouble.retry_after_s)),)
        return Answer(429, as_json({"error": "ERR_RATE_LIMIT"}), headers)
    if path == "/v2/tickers":
        rows = (f'["{each.listing.native}",{text.ticker(each)[1:]}' for each in exchange.listed())
        return Answer(200, f"[{','.join(rows)}]".encode())
    if path.startswith("/v2/conf/"):
        return Answer(200, as_json([_conf(exchange, key) for key in path[9:].split(",")]))
    if path.startswith("/v2/candles/trade:") and path.endswith("/hist"):
        frame, _, native = path[18:-5].partition(":")
        market = exchange.market(native)
        if market is not None and frame in _FRAMES:
            return Answer(200, _candles(exchange, market, _FRAMES[frame], query))
    return Answer(500, as_json(["error", 10020, "path: invalid"]))


def _conf(exchange: Bitfinex, key: str) -> list[object]:
    kinds = {"pub:list:pair:exchange": "spot", "pub:list:pair:futures": "perpetual"}
    if key == "pub:map:currency:sym":
        return list(_CALLED)
    kind = kinds.get(key)
    found: list[object] = [each.listing.native[1:] for each in exchange.listed() if each.listing.kind == kind]
    return [*found, _PAPER] if kind == "spot" else found


def _candles(exchange: Bitfinex, market: Market, interval: int, query: Mapping[str, str]) -> bytes:
    """In milliseconds; both ends of the span are included. Volume has been traded, or there is none."""
    now_min = exchange.clock.now_ns() // 60_000_000_000
    start, end = int(query.get("start", "0")) // 60_000, int(query.get("end", "0")) // 60_000 or now_min
    limit, oldest_first = min(_MOST, int(query.get("limit", str(_USUAL)))), query.get("sort") == "1"
    count = min(_MOST, (min(end, now_min) - start) // interval + 1) if start else limit
    bars = [
        bar
        for bar in market.bars.last(interval, max(1, count), min(end, now_min))
        if bar.volume and bar.start_min >= start
    ]
    rows = [
        f"[{bar.start_min * 60_000},{text.price(market, bar.open)},{text.price(market, bar.close)},"
        f"{text.price(market, bar.high)},{text.price(market, bar.low)},{text.amount(market, bar.volume)}]"
        for bar in (bars if oldest_first else reversed(bars))
    ]
    return f"[{','.join(rows[:limit])}]".encode()
