"""Kraken's public REST: always HTTP 200, what went wrong stands in ``error``."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from feeds.simulator import kraken_text as text
from feeds.simulator.exchange import Answer, Exchange, as_json
from feeds.simulator.history import INTERVALS
from feeds.simulator.market import Market
from feeds.simulator.text import fixed, increment, iso_seconds

_PREFIX = "/0/public/"
_BARS = 720
# A book by REST does not write numbers as the socket does.
_LEAST_PRICE_DECIMALS, _MOST_QTY_DECIMALS = 5, 3
_FEES = [[0, 0.4], [10000, 0.35], [50000, 0.24], [100000, 0.22]]
_MAKER_FEES = [[0, 0.25], [10000, 0.2], [50000, 0.14], [100000, 0.12]]


class Problem(ValueError):
    """An error in the venue's own words."""


def answer(exchange: Exchange, path: str, query: Mapping[str, str]) -> Answer:
    """The answer to a GET below the exchange's REST root."""
    views: dict[str, Callable[[Exchange, Mapping[str, str]], Any]] = {
        "AssetPairs": _asset_pairs, "OHLC": _ohlc, "Depth": _depth, "Time": _time, "SystemStatus": _status,
        "Trades": _trades, "Assets": _assets, "Ticker": _ticker,
    }  # fmt: skip
    view = views.get(path.removeprefix(_PREFIX))
    if view is None or not path.startswith(_PREFIX):
        return Answer(404, as_json({"error": ["EGeneral:Unknown method"]}))
    if exchange.trouble.rate_limited > 0:
        exchange.trouble.rate_limited -= 1
        exchange.counters["rate_limited"] += 1
        return Answer(200, as_json({"error": ["EAPI:Rate limit exceeded"]}))
    try:
        return Answer(200, as_json({"error": [], "result": view(exchange, query)}))
    except Problem as problem:
        return Answer(200, as_json({"error": [str(problem)]}))


def _key(market: Market) -> str:
    return text.pair_key(market.listing.base, market.listing.quote)


def _altname(market: Market) -> str:
    return text.old_name(market.listing.base) + text.old_name(market.listing.quote)


def _wsname(market: Market) -> str:
    return f"{text.old_name(market.listing.base)}/{text.old_name(market.listing.quote)}"


def _wanted(exchange: Exchange, query: Mapping[str, str]) -> Market:
    """A pair by any of its names."""
    pair = query.get("pair", "")
    for market in exchange.listed():
        if pair in (market.listing.native, _key(market), _altname(market), _wsname(market)):
            return market
    raise Problem("EQuery:Unknown asset pair")


def _assets(exchange: Exchange, query: Mapping[str, str]) -> dict[str, Any]:
    listed = exchange.listed()
    names = {name for market in listed for name in (market.listing.base, market.listing.quote)}
    return {
        text.asset_code(name): {
            "aclass": "currency", "altname": text.old_name(name), "decimals": 10, "display_decimals": 5,
            "status": "enabled",
        }
        for name in sorted(names)
    }  # fmt: skip


def _ticker(exchange: Exchange, query: Mapping[str, str]) -> dict[str, Any]:
    pairs = query["pair"].split(",") if "pair" in query else []
    markets = [_wanted(exchange, {"pair": pair}) for pair in pairs] or exchange.listed()
    return {_key(market): _day(market) for market in markets}


def _day(market: Market) -> dict[str, Any]:
    """Today and the last 24 hours are the same here."""
    decimals, lot, day = market.listing.price_decimals, market.listing.qty_decimals, market.stats.day

    def best(side: Any) -> list[str]:
        price = side.best()
        size = side.totals.get(price, 0)
        return [fixed(price, decimals), str(size // 10**lot), fixed(size, lot)]

    bids, asks = market.book.sides
    last, mean = market.trades[-1], text.average(day, decimals)
    twice = {
        "v": fixed(day.volume, lot),
        "p": mean,
        "l": fixed(day.low, decimals),
        "h": fixed(day.high, decimals),
    }
    return {
        "a": best(asks), "b": best(bids), "c": [fixed(last.price, decimals), fixed(last.qty, lot)],
        **{name: [value, value] for name, value in twice.items()},
        "t": [day.trades, day.trades], "o": fixed(day.open, decimals),
    }  # fmt: skip


def _asset_pairs(exchange: Exchange, query: Mapping[str, str]) -> dict[str, Any]:
    if "pair" in query:
        markets = [_wanted(exchange, {"pair": pair}) for pair in query["pair"].split(",")]
    else:
        markets = exchange.listed()
    return {_key(market): _pair(market) for market in markets}


def _pair(market: Market) -> dict[str, Any]:
    each = market.listing
    return {
        "altname": _altname(market), "wsname": _wsname(market),
        "aclass_base": "currency", "base": text.asset_code(each.base),
        "aclass_quote": "currency", "quote": text.asset_code(each.quote),
        "lot": "unit", "cost_decimals": 5, "pair_decimals": each.price_decimals,
        "lot_decimals": each.qty_decimals, "lot_multiplier": 1, "leverage_buy": [], "leverage_sell": [],
        "fees": _FEES, "fees_maker": _MAKER_FEES, "fee_volume_currency": "ZUSD",
        "margin_call": 80, "margin_stop": 40,
        "ordermin": increment(each.qty_decimals, 100), "costmin": "0.5",
        "tick_size": increment(each.price_decimals),
        "status": "online" if market.status == "trading" else "maintenance",
    }  # fmt: skip


def _ohlc(exchange: Exchange, query: Mapping[str, str]) -> dict[str, Any]:
    market = _wanted(exchange, query)
    interval = int(query.get("interval", "1")) if query.get("interval", "1").isdigit() else 0
    if interval not in INTERVALS:
        raise Problem("EGeneral:Invalid arguments:interval")
    since = int(query.get("since", "0")) if query.get("since", "0").isdigit() else 0
    bars = market.bars.last(interval, _BARS)
    decimals, lot = market.listing.price_decimals, market.listing.qty_decimals
    rows = [
        [
            bar.start_min * 60,
            fixed(bar.open, decimals), fixed(bar.high, decimals), fixed(bar.low, decimals),
            fixed(bar.close, decimals), text.average(bar, decimals) if bar.trades else "0.0",
            fixed(bar.volume, lot), bar.trades,
        ]
        for bar in bars if bar.start_min * 60 > since
    ]  # fmt: skip
    # "last" is the newest bar that is complete: what to ask with next.
    return {_key(market): rows, "last": bars[-2].start_min * 60}


def _depth(exchange: Exchange, query: Mapping[str, str]) -> dict[str, Any]:
    market = _wanted(exchange, query)
    count = int(query.get("count", "100")) if query.get("count", "100").isdigit() else 100
    now_s = exchange.clock.now_ns() // 1_000_000_000
    bids, asks = market.book.sides
    sides = {
        name: [[*_level(market, *level), now_s] for level in side.top(min(count, 500))]
        for name, side in (("asks", asks), ("bids", bids))
    }
    return {_key(market): sides}


def _level(market: Market, price: int, qty: int) -> tuple[str, str]:
    decimals, lot = market.listing.price_decimals, market.listing.qty_decimals
    more, less = max(0, _LEAST_PRICE_DECIMALS - decimals), max(0, lot - _MOST_QTY_DECIMALS)
    return fixed(price * 10**more, decimals + more), fixed(qty // 10**less, lot - less)


def _trades(exchange: Exchange, query: Mapping[str, str]) -> dict[str, Any]:
    market = _wanted(exchange, query)
    decimals, lot = market.listing.price_decimals, market.listing.qty_decimals
    rows = [
        [fixed(trade.price, decimals), fixed(trade.qty, lot), trade.time_ns / 1e9,
         "b" if trade.bought else "s", "m" if trade.market else "l", "", trade.trade_id]
        for trade in market.trades
    ]  # fmt: skip
    return {_key(market): rows, "last": str(market.trades[-1].time_ns)}


def _time(exchange: Exchange, query: Mapping[str, str]) -> dict[str, Any]:
    seconds = exchange.clock.now_ns() // 1_000_000_000
    return {
        "unixtime": seconds,
        "rfc1123": time.strftime("%a, %d %b %y %H:%M:%S +0000", time.gmtime(seconds)),
    }


def _status(exchange: Exchange, query: Mapping[str, str]) -> dict[str, Any]:
    return {"status": exchange.trouble.status, "timestamp": iso_seconds(exchange.clock.now_ns())}
