"""Deribit's public REST: ``/api/v2/public/…``, in the same words as by the socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from feeds.simulator import deribit_text as text
from feeds.simulator.bars import TradedBar
from feeds.simulator.deribit_listing import INVERSE
from feeds.simulator.exchange import Answer, as_json
from feeds.simulator.history import INTERVALS
from feeds.simulator.link import now_s
from feeds.simulator.market import Market
from feeds.simulator.text import increment

if TYPE_CHECKING:
    from feeds.simulator.deribit import Deribit

_PREFIX = "/api/v2/public/"
_NEVER_MS = 32_503_708_800_000
_LISTED_MS = 1_534_167_754_000
_RESOLUTIONS = {"1": 1, "5": 5, "15": 15, "60": 60, "1D": 1440}
_MOST = 5000
_ROWS = ("open", "high", "low", "close")


class Problem(ValueError):
    """An error of JSON-RPC: code and message."""


def answer(exchange: Deribit, path: str, query: Mapping[str, str]) -> Answer:
    """The answer to a GET below the exchange's REST root."""
    views: dict[str, Callable[[Deribit, Mapping[str, str]], Any]] = {
        "get_instruments": _instruments, "get_index_price_names": _names,
        "get_tradingview_chart_data": _chart, "test": lambda exchange, query: {"version": "1.2.26"},
    }  # fmt: skip
    view, now_ns = views.get(path.removeprefix(_PREFIX)), exchange.clock.now_ns()
    if view is None or not path.startswith(_PREFIX):
        return Answer(404, as_json(text.refusal(None, -32601, "Method not found", now_ns)))
    if exchange.trouble.rate_limited > 0 or not exchange.credits.spend(now_s(), subscribing=False):
        exchange.counters["rate_limited"] += exchange.trouble.rate_limited > 0
        exchange.counters["credits_over_limit"] += exchange.trouble.rate_limited <= 0
        exchange.trouble.rate_limited = max(0, exchange.trouble.rate_limited - 1)
        words = text.refusal(None, 10028, "too_many_requests", now_ns)
        return Answer(429, as_json(words), (("Retry-After", str(exchange.trouble.retry_after_s)),))
    try:
        return Answer(200, as_json(text.result(None, view(exchange, query), now_ns)))
    except Problem as problem:
        return Answer(400, as_json(text.refusal(None, -32602, str(problem), now_ns)))


def _instruments(exchange: Deribit, query: Mapping[str, str]) -> list[dict[str, Any]]:
    currency, kind = query.get("currency", ""), query.get("kind", "")
    if not currency:
        raise Problem("Invalid params")
    rows = [_row(market) for market in exchange.listed()]
    rows = [row for row in rows if currency in ("any", row["base_currency"], row["quote_currency"])]
    return [row for row in rows if kind in ("", row["kind"])]


def _row(market: Market) -> dict[str, Any]:
    each = market.listing
    option = {"strike": each.strike, "option_type": each.right} if each.strike else {}
    return {
        "price_index": f"{each.base}_{'usd' if each.inverse else 'usdc'}".lower(),
        "kind": "option" if each.strike else "future",
        "instrument_name": each.native,
        "maker_commission": 0.0,
        "taker_commission": 0.0005,
        "instrument_type": "reversed" if each.inverse else "linear",
        "expiration_timestamp": each.expiry_ms or _NEVER_MS,
        "creation_timestamp": _LISTED_MS,
        "is_active": market.status == "trading",
        "state": "open" if market.status == "trading" else "halted",
        "tick_size": float(increment(each.price_decimals)),
        "tick_size_steps": [],
        "contract_size": 1.0 if each.strike or not each.inverse else 10.0,
        "min_trade_amount": float(increment(each.qty_decimals)),
        "settlement_currency": each.settle,
        "settlement_period": "week" if each.expiry_ms else "perpetual",
        "base_currency": each.base,
        "counter_currency": "USD" if each.inverse else "USDC",
        "quote_currency": each.quote,
        **option,
    }


def _names(exchange: Deribit, query: Mapping[str, str]) -> list[str]:
    bases = list(exchange.bases)
    return text.names(bases, [base for base in bases if base in INVERSE])


def _chart(exchange: Deribit, query: Mapping[str, str]) -> dict[str, Any]:
    market, interval = exchange.market(query.get("instrument_name", "")), query.get("resolution", "")
    start, end = query.get("start_timestamp", ""), query.get("end_timestamp", "")
    if market is None or _RESOLUTIONS.get(interval) not in INTERVALS or not (start + end).isdecimal():
        raise Problem("Invalid params")
    length = _RESOLUTIONS[interval]
    now_min = exchange.clock.now_ns() // 60_000_000_000
    first, last = -(-int(start) // 60_000), min(int(end) // 60_000, now_min)
    count = min(_MOST, max(0, (last - first) // length + 1))
    bars = [bar for bar in market.bars.last(length, count, last) if bar.start_min >= first] if count else []
    return _columns(market, bars) | {"status": "ok" if bars else "no_data"}


def _columns(market: Market, bars: list[TradedBar]) -> dict[str, list[Any]]:
    """``volume`` is in the base and ``cost`` in the quote: quantities are one of the two."""
    columns: dict[str, list[Any]] = {"ticks": [bar.start_min * 60_000 for bar in bars]}
    for name in _ROWS:
        columns[name] = [float(text.price(market, getattr(bar, name))) for bar in bars]
    counted = [float(text.amount(market, bar.volume)) for bar in bars]
    other = [float(text.turnover(market, bar.volume, bar.close)) for bar in bars]
    in_dollars = market.listing.inverse and not market.listing.strike
    columns["volume"], columns["cost"] = (other, counted) if in_dollars else (counted, other)
    return columns
