"""What Bybit's markets write: spot without zeros at the end, contracts with all digits; milliseconds.

https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook and the pages beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from feeds.simulator import futures_text
from feeds.simulator.bars import TradedBar
from feeds.simulator.market import Market, TradeRecord
from feeds.simulator.options import Worth, worth
from feeds.simulator.text import fixed, trimmed

_MS, _EIGHT_H_MS = 1_000_000, 28_800_000
INTERVALS = {"1": 1, "5": 5, "15": 15, "60": 60, "240": 240, "D": 1440}

Levels = Sequence[tuple[int, int]]


def price(market: Market, units: int) -> str:
    digits = trimmed if market.listing.kind == "spot" else fixed
    return digits(units, market.listing.price_decimals)


def qty(market: Market, units: int) -> str:
    """A level that is gone has the quantity 0, without digits."""
    digits = trimmed if market.listing.kind == "spot" or not units else fixed
    return digits(units, market.listing.qty_decimals) if units else "0"


def levels(market: Market, side: Iterable[tuple[int, int]]) -> str:
    return ",".join(f'["{price(market, each)}","{qty(market, size)}"]' for each, size in side)


def book(
    market: Market, depth: int, kind: str, number: int, sides: tuple[Levels, Levels], now_ns: int
) -> bytes:
    """Where ``ts`` stands depends on market and depth, as documented."""
    native, ms = market.listing.native, now_ns // _MS
    early = depth == 1 or market.listing.kind == "spot"
    head = f'"ts":{ms},"type":"{kind}"' if early else f'"type":"{kind}","ts":{ms}'
    bids, asks = (levels(market, side) for side in sides)
    return (
        f'{{"topic":"orderbook.{depth}.{native}",{head},"data":{{"s":"{native}","b":[{bids}],"a":[{asks}],'
        f'"u":{number},"seq":{market.update_id}}},"cts":{ms}}}'
    ).encode()


def trades(market: Market, topic: str, made: Iterable[TradeRecord], now_ns: int) -> bytes:
    rows = [_trade(market, each) for each in made]
    return as_topic(topic, rows, type="snapshot", ts=now_ns // _MS)


def _trade(market: Market, made: TradeRecord) -> dict[str, Any]:
    return {
        "T": made.time_ns // _MS, "s": market.listing.native, "S": "Buy" if made.bought else "Sell",
        "v": qty(market, made.qty), "p": price(market, made.price), "i": str(made.trade_id), "BT": False,
        "RPI": False, "seq": market.update_id,
    }  # fmt: skip


def liquidations(market: Market, made: Iterable[TradeRecord], now_ns: int) -> bytes:
    """A market order of the flow, taken for the end of a position: who buys was short."""
    rows = [
        {
            "T": each.time_ns // _MS, "s": market.listing.native, "S": "Sell" if each.bought else "Buy",
            "v": qty(market, each.qty), "p": price(market, each.price),
        }
        for each in made
    ]  # fmt: skip
    return as_topic(f"allLiquidation.{market.listing.native}", rows, type="snapshot", ts=now_ns // _MS)


def kline(
    market: Market, topic: str, word: str, bars: Iterable[tuple[TradedBar, bool]], now_ns: int
) -> bytes:
    rows = []
    for bar, closed in bars:
        begin = bar.start_min * 60_000
        prices = {"open": bar.open, "close": bar.close, "high": bar.high, "low": bar.low}
        row: dict[str, Any] = {"start": begin, "end": begin + INTERVALS[word] * 60_000 - 1, "interval": word}
        row |= {name: price(market, units) for name, units in prices.items()}
        row |= {"volume": qty(market, bar.volume), "turnover": turnover(market, bar), "confirm": closed}
        rows.append({**row, "timestamp": now_ns // _MS})
    return as_topic(topic, rows, ts=now_ns // _MS, type="snapshot")


def turnover(market: Market, bar: TradedBar) -> str:
    return futures_text.turnover(market, bar.volume, bar.close)


def figures(market: Market, now_ns: int) -> dict[str, str]:
    """All fields of a ticker; of contracts only those that changed are sent later."""
    day = market.stats.day
    moved = (market.last_price - day.open) * 10**6 // max(day.open, 1)
    common = {
        "symbol": market.listing.native, "lastPrice": price(market, market.last_price),
        "highPrice24h": price(market, day.high), "lowPrice24h": price(market, day.low),
        "prevPrice24h": price(market, day.open), "volume24h": qty(market, day.volume),
        "turnover24h": turnover(market, day), "price24hPcnt": fixed(moved, 6),
    }  # fmt: skip
    return common if market.listing.kind == "spot" else {**common, **_contract(market, now_ns)}


def _contract(market: Market, now_ns: int) -> dict[str, str]:
    """A future is charged no funding."""
    listing, single = market.listing, market.stats.day.volume // 3
    places, perpetual = listing.price_decimals + 1, listing.kind == "perpetual"
    (bid, bid_qty), (ask, ask_qty) = _best(market)
    return {
        "markPrice": fixed(futures_text.mark_units(market), places),
        "indexPrice": fixed(futures_text.index_units(market), places),
        "openInterest": qty(market, 2 * single), "singleOpenInterest": qty(market, single),
        "fundingRate": futures_text.funding_rate(market) if perpetual else "",
        "nextFundingTime": str((now_ns // _MS // _EIGHT_H_MS + 1) * _EIGHT_H_MS) if perpetual else "",
        **({"fundingIntervalHour": "8"} if perpetual else {"predictedDeliveryPrice": "0.00"}),
        "bid1Price": bid, "bid1Size": bid_qty, "ask1Price": ask, "ask1Size": ask_qty,
    }  # fmt: skip


def _best(market: Market) -> list[tuple[str, str]]:
    tops = [side.top(1) for side in market.book.sides]
    return [(price(market, top[0][0]), qty(market, top[0][1])) if top else ("", "") for top in tops]


def ticker(market: Market, kind: str, fields: Mapping[str, str], now_ns: int) -> bytes:
    topic, ms = f"tickers.{market.listing.native}", now_ns // _MS
    if market.listing.kind == "spot":
        return as_topic(topic, fields, ts=ms, type=kind, cs=market.update_id)
    whole = {"topic": topic, "type": kind, "data": fields, "cs": market.update_id, "ts": ms}
    return json.dumps(whole, separators=(",", ":")).encode()


def option_ticker(market: Market, now_ns: int) -> bytes:
    """The identifier comes first, another one in each frame."""
    topic, ms = f"tickers.{market.listing.native}", now_ns // _MS
    head = f'{{"id":"{topic}-{market.update_id}-{ms}","topic":"{topic}","ts":{ms},"data":'
    data = json.dumps(_line(market, now_ns), separators=(",", ":"))
    return f'{head}{data},"type":"snapshot"}}'.encode()


def _line(market: Market, now_ns: int) -> dict[str, str]:
    day, forward = market.stats.day, market.underlying(now_ns)
    found = worth(market.listing, forward, now_ns)
    moved = (market.last_price - day.open) * 10**8 // max(day.open, 1)
    told: dict[str, str] = {"symbol": market.listing.native}
    for word, (at, size) in zip(("bid", "ask"), _best(market), strict=True):
        told |= {f"{word}Price": at or "0", f"{word}Size": size or "0", f"{word}Iv": _implied(found, at)}
    return told | {
        "lastPrice": price(market, market.last_price), "highPrice24h": price(market, day.high),
        "lowPrice24h": price(market, day.low), "markPrice": f"{found.price:.8f}",
        "indexPrice": f"{forward:.2f}", "markPriceIv": f"{found.volatility:.4f}",
        "underlyingPrice": f"{forward:.2f}", "openInterest": qty(market, day.volume // 3),
        "turnover24h": turnover(market, day),
        "volume24h": qty(market, day.volume), "delta": f"{found.delta:.8f}", "gamma": f"{found.gamma:.8f}",
        "vega": f"{found.vega:.8f}", "theta": f"{found.theta:.8f}", "predictedDeliveryPrice": "0",
        "change24h": fixed(moved, 8),
    }  # fmt: skip


def _implied(found: Worth, at: str) -> str:
    """What a price says of the volatility: near enough where it is near the worth."""
    if not at:
        return "0"
    return f"{max(0.0001, found.volatility + (float(at) - found.price) / max(found.vega, 1e-9) / 100):.4f}"


def as_topic(topic: str, data: Any, **fields: Any) -> bytes:
    return json.dumps({"topic": topic, **fields, "data": data}, separators=(",", ":")).encode()
