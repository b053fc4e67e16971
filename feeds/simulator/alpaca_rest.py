"""Alpaca's REST: assets, candles, snapshots, clock and calendar, all below one root here.

The simulated market is open around the clock, every day, until ``maintenance`` closes it by its clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from feeds.simulator import alpaca_listing
from feeds.simulator import alpaca_text as text
from feeds.simulator.exchange import Answer, as_json
from feeds.simulator.market import Market
from feeds.simulator.text import iso_trimmed_ns

if TYPE_CHECKING:
    from feeds.simulator.alpaca import Alpaca

_FRAMES = {"1Min": 1, "5Min": 5, "15Min": 15, "1Hour": 60}
_MOST = 10_000
_DAY_NS = 86_400_000_000_000


def answer(exchange: Alpaca, path: str, query: Mapping[str, str]) -> Answer:
    """The answer to a GET below the exchange's REST root."""
    if exchange.trouble.rate_limited > 0:
        exchange.trouble.rate_limited -= 1
        exchange.counters["rate_limited"] += 1
        headers = (("Retry-After", str(exchange.trouble.retry_after_s)),)
        return Answer(429, as_json({"message": "too many requests."}), headers)
    parts = path.strip("/").split("/")
    if parts == ["v2", "assets"]:
        rows = [
            alpaca_listing.row(each.listing, tradable=each.status == "trading") for each in exchange.listed()
        ]
        return Answer(200, as_json(rows))
    if parts == ["v2", "clock"]:
        return Answer(200, as_json(_clock(exchange)))
    if parts == ["v2", "calendar"]:
        return Answer(200, as_json(_calendar(query)))
    market = exchange.market(parts[2]) if parts[:2] == ["v2", "stocks"] and len(parts) == 4 else None
    if market is None:
        return Answer(404, as_json({"message": "Not Found"}))
    return (
        Answer(200, _snapshot(exchange, market)) if parts[3] == "snapshot" else _bars(exchange, market, query)
    )


def _clock(exchange: Alpaca) -> dict[str, Any]:
    now_ns = exchange.clock.now_ns()
    return {
        "timestamp": iso_trimmed_ns(now_ns), "is_open": exchange.trouble.status == "online",
        "next_open": iso_trimmed_ns(now_ns - now_ns % _DAY_NS + 3 * _DAY_NS),
        "next_close": iso_trimmed_ns(now_ns - now_ns % _DAY_NS + 2 * _DAY_NS),
    }  # fmt: skip


def _calendar(query: Mapping[str, str]) -> list[dict[str, str]]:
    """Days that follow one another without a night."""
    day, last = date.fromisoformat(query["start"]), date.fromisoformat(query["end"])
    found = []
    while day <= last:
        hours = {"open": "00:00", "close": "23:59", "session_open": "0000", "session_close": "2359"}
        found.append({"date": day.isoformat(), **hours, "settlement_date": day.isoformat()})
        day += timedelta(days=1)
    return found


def _bars(exchange: Alpaca, market: Market, query: Mapping[str, str]) -> Answer:
    interval = _FRAMES.get(query.get("timeframe", ""), 0)
    if not interval:
        return Answer(400, as_json({"message": "invalid timeframe"}))
    end_min = exchange.clock.now_ns() // 60_000_000_000
    first = _minute(query["start"]) if "start" in query else end_min - 500 * interval
    last = min(end_min, _minute(query["end"])) if "end" in query else end_min
    count = min(_MOST, max(0, (last - first) // interval + 1))
    made = [bar for bar in market.bars.last(interval, count, last) if first <= bar.start_min <= last]
    rows = ",".join(text.bar(market, bar) for bar in made)
    head = f'{{"bars":{f"[{rows}]" if made else "null"},"symbol":"{market.listing.native}"'
    return Answer(200, f'{head},"next_page_token":null}}'.encode())


def _minute(iso: str) -> int:
    return int(datetime.fromisoformat(iso).astimezone(UTC).timestamp()) // 60


def _snapshot(exchange: Alpaca, market: Market) -> bytes:
    """The day before closed where this one began."""
    day = market.stats.day
    last = market.trades[-1]
    before = text.bar(market, day).replace(
        f'"c":{text.price(market, day.close)}', f'"c":{text.price(market, day.open)}'
    )
    return (
        f'{{"symbol":"{market.listing.native}","latestTrade":{text.trade(market, last)},'
        f'"latestQuote":{text.quote(market, exchange.clock.now_ns())},"dailyBar":{text.bar(market, day)},'
        f'"prevDailyBar":{before}}}'
    ).encode()
