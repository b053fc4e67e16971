"""OKX's wire text: everything is text, numbers have no zeros at their end, times are milliseconds.

https://www.okx.com/docs-v5/en/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from feeds.simulator import okx_listing, options
from feeds.simulator.bars import TradedBar
from feeds.simulator.exchange import as_json
from feeds.simulator.market import Market, TradeRecord
from feeds.simulator.text import increment, trimmed

LEVELS = re.compile(rb'\["(?P<price>[0-9.]+)","(?P<qty>[0-9.]+)","0","[0-9]+"\]')
_MS, _EIGHT_H_MS = 1_000_000, 28_800_000
_STATES = {"trading": "live", "halted": "suspend", "delisted": "expired"}

Arg = dict[str, str]


def framed(arg: Arg, rows: Sequence[Any], **more: Any) -> bytes:
    return as_json({"arg": arg, **more, "data": rows})


def price(market: Market, units: int) -> str:
    return trimmed(units, market.listing.price_decimals)


def qty(market: Market, units: int) -> str:
    return trimmed(units, market.listing.qty_decimals)


def _ms(now_ns: int) -> str:
    return str(now_ns // _MS)


def levels(market: Market, side: Iterable[tuple[int, int]]) -> list[list[str]]:
    return [[price(market, p), qty(market, q), "0", "1" if q else "0"] for p, q in side]


def book(market: Market, sides: Sequence[Iterable[tuple[int, int]]], now_ns: int) -> dict[str, Any]:
    """Asks come first; the number is that of the last change in it."""
    bids, asks = (levels(market, side) for side in sides)
    return {"asks": asks, "bids": bids, "ts": _ms(now_ns), "seqId": market.update_id}


def update(market: Market, sides: Sequence[Iterable[tuple[int, int]]], now_ns: int, previous: int) -> Any:
    return book(market, sides, now_ns) | {"checksum": 0, "prevSeqId": previous}


def _native(market: Market) -> Arg:
    return {"instType": okx_listing.type_of(market.listing), "instId": market.listing.native}


def _in_coin(market: Market, volume: int, at: int) -> str:
    """What the venue calls a volume in currency: the quote of spot, the base of contracts."""
    listing = market.listing
    lots, prices = Decimal(10) ** listing.qty_decimals, Decimal(10) ** listing.price_decimals
    size = Decimal(okx_listing.contract_value(listing)) / (100 if listing.strike else 1)
    if listing.kind == "spot":
        return f"{volume * at / lots / prices:.8f}"
    if listing.inverse and not listing.strike:
        return f"{volume / lots * size * prices / max(at, 1):.8f}"
    return f"{volume / lots * size:.8f}"


def ticker(market: Market, now_ns: int) -> Any:
    bids, asks = market.book.sides
    bid, ask, day, last = bids.best(), asks.best(), market.stats.day, market.trades[-1]
    return {
        **_native(market),
        "last": price(market, market.last_price),
        "lastSz": qty(market, last.qty),
        "askPx": price(market, ask),
        "askSz": qty(market, asks.totals.get(ask, 0)),
        "bidPx": price(market, bid),
        "bidSz": qty(market, bids.totals.get(bid, 0)),
        "open24h": price(market, day.open),
        "high24h": price(market, day.high),
        "low24h": price(market, day.low),
        "sodUtc0": price(market, day.open),
        "sodUtc8": price(market, day.open),
        "volCcy24h": _in_coin(market, day.volume, day.close),
        "vol24h": qty(market, day.volume),
        "ts": _ms(now_ns),
    }


def trade(market: Market, made: Sequence[TradeRecord]) -> Any:
    """The fills of one order at one price are one, which has the number of the last."""
    last = made[-1]
    return {
        "instId": market.listing.native,
        "tradeId": str(last.trade_id),
        "px": price(market, last.price),
        "sz": qty(market, sum(each.qty for each in made)),
        "side": "buy" if last.bought else "sell",
        "ts": _ms(last.time_ns),
        "count": str(len(made)),
        "source": "0",
        "seqId": market.update_id,
    }


def mark(market: Market, now_ns: int) -> Any:
    """Near the middle of the book."""
    bids, asks = market.book.sides
    middle = trimmed((bids.best() + asks.best()) * 5, market.listing.price_decimals + 1)
    return {**_native(market), "markPx": middle, "ts": _ms(now_ns)}


def index(market: Market, native: str, now_ns: int) -> Any:
    value = f"{market.dollars(now_ns):.6f}"
    return {
        "instId": native, "idxPx": value, "high24h": value, "low24h": value, "open24h": value,
        "sodUtc0": value, "sodUtc8": value, "ts": _ms(now_ns),
    }  # fmt: skip


def limit(native: str, now_ns: int) -> Any:
    """Limits that move all the time."""
    moved = now_ns // 200_000_000 % 1000
    return {
        "instId": native, "buyLmt": f"6700{moved / 1000:.3f}", "sellLmt": f"6100{moved / 1000:.3f}",
        "ts": _ms(now_ns), "enabled": True,
    }  # fmt: skip


def funding(market: Market, now_ns: int) -> Any:
    due = (now_ns // _MS // _EIGHT_H_MS + 1) * _EIGHT_H_MS
    spot, units = market.underlying(now_ns), 10**market.listing.price_decimals
    rate = max(-0.0075, min(0.0075, 0.0001 + (market.last_price / units - spot) / spot))
    return {
        "formulaType": "withRate", "fundingRate": f"{rate:.10f}", "fundingTime": str(due),
        "impactValue": "", "instId": market.listing.native, "instType": "SWAP", "interestRate": "",
        "method": "current_period", "maxFundingRate": "0.0075", "minFundingRate": "-0.0075",
        "nextFundingRate": "", "nextFundingTime": str(due + _EIGHT_H_MS), "premium": "0",
        "settFundingRate": f"{rate:.10f}", "settState": "settled", "ts": _ms(now_ns),
    }  # fmt: skip


def interest(market: Market, now_ns: int) -> Any:
    """A third of what a day trades."""
    held, at = market.stats.day.volume // 3, market.last_price
    coins = _in_coin(market, held, at)
    dollars = f"{float(coins) * market.dollars(now_ns):.2f}"
    return {**_native(market), "oi": qty(market, held), "oiCcy": coins, "oiUsd": dollars, "ts": _ms(now_ns)}


def liquidation(market: Market, made: TradeRecord) -> Any:
    """An order of the market, taken for the end of somebody's position."""
    side, held = ("buy", "short") if made.bought else ("sell", "long")
    detail = {
        "bkLoss": "0", "bkPx": price(market, made.price), "ccy": "", "posSide": held, "side": side,
        "sz": qty(market, made.qty), "ts": _ms(made.time_ns),
    }  # fmt: skip
    family = okx_listing.family(market.listing)
    return {"details": [detail], "instFamily": family, **_native(market), "uly": family}


def summary(market: Market, now_ns: int) -> Any:
    """Greeks in coin and, with ``BS``, in dollars; volatilities are fractions."""
    listing, forward = market.listing, market.dollars(now_ns)
    found = options.worth(listing, forward, now_ns)
    coin = {
        "delta": found.delta - found.price / forward, "gamma": found.gamma * forward,
        "vega": found.vega / forward, "theta": found.theta / forward,
    }  # fmt: skip
    dollars = {name: getattr(found, name) for name in ("delta", "gamma", "vega", "theta")}
    return {
        **_native(market),
        "uly": okx_listing.family(listing),
        **{name: f"{value:.10f}" for name, value in coin.items()},
        "lever": f"{forward / max(found.price, 1):.4f}",
        "markVol": f"{found.volatility:.10f}",
        "bidVol": f"{max(0.0, found.volatility - 0.011):.10f}",
        "askVol": f"{found.volatility + 0.012:.10f}",
        "realVol": "",
        **{f"{name}BS": f"{value:.10f}" for name, value in dollars.items()},
        "ts": _ms(now_ns),
        "fwdPx": f"{forward:.4f}",
        "volLv": f"{options.level(now_ns):.10f}",
    }


def listing(market: Market) -> Any:
    each = market.listing
    spot, option = each.kind == "spot", bool(each.strike)
    family = "" if spot else okx_listing.family(each)
    return {
        "alias": "", "auctionEndTime": "", "baseCcy": each.base if spot else "", "category": "1",
        "ctMult": "" if spot else "0.01" if option else "1",
        "ctType": "" if spot or option else "inverse" if each.inverse else "linear",
        "ctVal": "" if spot else okx_listing.contract_value(each),
        "ctValCcy": "" if spot else "USD" if each.inverse and not option else each.base,
        "expTime": str(each.expiry_ms) if each.expiry_ms else "", "instFamily": family, **_native(market),
        "lever": "" if option else "10", "listTime": "1611916828000", "lotSz": increment(each.qty_decimals),
        "minSz": increment(each.qty_decimals), "optType": each.right[:1].upper(),
        "quoteCcy": each.quote if spot else "", "ruleType": "normal",
        "settleCcy": "" if spot else each.settle, "state": _STATES[market.status],
        "stk": str(each.strike) if option else "", "tickSz": increment(each.price_decimals), "uly": family,
    }  # fmt: skip


def maintenance(status: str, now_ns: int) -> Any:
    now = _ms(now_ns)
    return {
        "begin": now, "end": now, "href": "", "preOpenBegin": "", "scheDesc": "", "serviceType": "5",
        "state": "completed" if status == "online" else "ongoing", "system": "unified", "maintType": "1",
        "env": "1", "title": "" if status == "online" else status, "ts": now,
    }  # fmt: skip


def candle(market: Market, bar: TradedBar, *, closed: bool) -> list[str]:
    prices = [price(market, units) for units in (bar.open, bar.high, bar.low, bar.close)]
    coins = _in_coin(market, bar.volume, bar.close)
    volume = qty(market, bar.volume)
    return [str(bar.start_min * 60_000), *prices, volume, coins, coins, "1" if closed else "0"]
