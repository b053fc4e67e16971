"""Bitstamp's wire text: an event of a channel with its data, which stands before the channel's name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from feeds.simulator.exchange import as_json
from feeds.simulator.market import Market, TradeRecord
from feeds.simulator.text import fixed

LEVELS = re.compile(rb'\["(?P<price>[0-9.]+)","(?P<qty>[0-9.]+)"\]')
PICTURED = 100
_SETTLED_S = 8 * 3600
_SOMEWHERE = "64000"


def price(market: Market, units: int) -> str:
    return fixed(units, market.listing.price_decimals)


def amount(market: Market, units: int) -> str:
    return fixed(units, market.listing.qty_decimals)


def told(event: str, channel: str, data: object) -> bytes:
    return as_json({"data": data, "channel": channel, "event": event})


def said(event: str, channel: str = "", data: object = None) -> bytes:
    return as_json({"event": f"bts:{event}", "channel": channel, "data": data})


def problem(words: str) -> bytes:
    return said("error", data={"code": None, "message": words})


def stamps(now_ns: int) -> dict[str, str]:
    return {"timestamp": str(now_ns // 1_000_000_000), "microtimestamp": str(now_ns // 1000)}


def book(market: Market, now_ns: int, depth: int) -> dict[str, object]:
    """The best ``depth`` levels a side, all with 0."""
    bids, asks = (_rows(market, side.top(depth)) for side in market.book.sides)
    return {**stamps(now_ns), "bids": bids, "asks": asks}


def change(market: Market, changed: dict[tuple[int, int], int], now_ns: int) -> dict[str, object]:
    """``changed``: side and price → what is there now, 0 for nothing."""
    bids, asks = (
        _rows(market, ((units, qty) for (side, units), qty in changed.items() if side == index))
        for index in (0, 1)
    )
    return {**stamps(now_ns), "bids": bids, "asks": asks}


def _rows(market: Market, levels: Iterable[tuple[int, int]]) -> list[list[str]]:
    return [[price(market, units), amount(market, qty)] for units, qty in levels]


def trade(market: Market, made: TradeRecord) -> dict[str, object]:
    """The order that came to the other has the greater number."""
    older, newer = 2 * made.trade_id, 2 * made.trade_id + 1
    buyer, seller = (newer, older) if made.bought else (older, newer)
    at, qty = price(market, made.price), amount(market, made.qty)
    return {
        "id": made.trade_id, "id_str": str(made.trade_id), "amount": float(qty), "amount_str": qty,
        "price": float(at), "price_str": at, "type": int(not made.bought), **stamps(made.time_ns),
        "buy_order_id": buyer, "sell_order_id": seller,
    }  # fmt: skip


def rate(market: Market | None, native: str, now_ns: int) -> dict[str, str]:
    """Mark, index and funding; of a market that is not simulated they stand still."""
    mark = index = _SOMEWHERE
    if market is not None:
        bids, asks = market.book.sides
        mark = fixed((bids.best() + asks.best()) * 50, market.listing.price_decimals + 2)
        index = f"{market.dollars(now_ns):.8f}"
    over = (float(mark) - float(index)) / float(index)
    due_s = (now_ns // 1_000_000_000 // _SETTLED_S + 1) * _SETTLED_S
    return {
        "market": native, "mark_price": mark, "index_price": index,
        "funding_rate": f"{max(-0.01, min(0.01, 1e-4 + over)):.6f}",
        "timestamp": str(now_ns // 1_000_000_000), "next_funding_time": str(due_s),
    }  # fmt: skip


def day(market: Market, now_ns: int) -> dict[str, object]:
    """The figures of a day by REST."""
    figures, last = market.stats.day, market.last_price
    bids, asks = market.book.sides
    perpetual = market.listing.kind == "perpetual"
    held = {"open_interest": amount(market, figures.volume // 3)} if perpetual else {}
    return {
        "timestamp": str(now_ns // 1_000_000_000), "open": price(market, figures.open),
        "high": price(market, figures.high), "low": price(market, figures.low), "last": price(market, last),
        "volume": amount(market, figures.volume), "vwap": price(market, market.stats.average),
        "bid": price(market, bids.best()), "ask": price(market, asks.best()), "side": "0",
        "open_24": price(market, figures.open),
        "percent_change_24": f"{(last - figures.open) * 100 / figures.open:.2f}",
        "market_type": "PERPETUAL" if perpetual else "SPOT", **held,
    }  # fmt: skip


def row(market: Market) -> dict[str, object]:
    """One market of the list by REST."""
    each = market.listing
    perpetual = each.kind == "perpetual"
    terms = {"payoff_type": "Linear", "contract_size": "1.00000000"} if perpetual else {}
    return {
        "name": f"{each.base}/{each.quote}{'-PERP' if perpetual else ''}", "market_symbol": each.native,
        "base_currency": each.base, "base_decimals": each.qty_decimals, "counter_currency": each.quote,
        "counter_decimals": each.price_decimals, "minimum_order_value": "10",
        "trading": "Enabled" if market.status == "trading" else "Disabled",
        "instant_order_counter_decimals": 2, "instant_and_market_orders": "Enabled",
        "description": f"{each.base} / {each.quote}",
        "market_type": "PERPETUAL" if perpetual else "SPOT", **terms,
    }  # fmt: skip
