"""What the simulator knows to be true, in the venue's own digits: what tests compare with."""

from __future__ import annotations

from typing import NamedTuple

from feeds.simulator.bars import TradedBar
from feeds.simulator.market import Market, TradeRecord
from feeds.simulator.text import fixed, trimmed


class TrueBook(NamedTuple):
    """Best first; texts as the venue writes them. ``last`` is the update id (Binance shows it)."""

    bids: list[tuple[str, str]]
    asks: list[tuple[str, str]]
    last: int


class TrueTop(NamedTuple):
    """The best of both sides, from a moment on."""

    time_ns: int
    bid: str
    bid_qty: str
    ask: str
    ask_qty: str


class TrueTrade(NamedTuple):
    """``side`` is the taker's: buy or sell."""

    trade_id: str
    side: str
    price: str
    qty: str
    time_us: int


class TrueBar(NamedTuple):
    start_us: int
    open: str
    high: str
    low: str
    close: str
    volume: str
    trades: int


def price_text(market: Market, units: int) -> str:
    return _text(market, units, market.listing.price_decimals)


def qty_text(market: Market, units: int) -> str:
    return _text(market, units, market.listing.qty_decimals)


def _text(market: Market, units: int, decimals: int) -> str:
    if market.listing.venue in ("COINBASE", "BYBIT", "OKX", "ALPACA", "BITFINEX"):
        return trimmed(units, decimals)
    if market.listing.venue == "BINANCE":
        # Eight decimals whatever the step.
        return fixed(units * 10 ** (8 - decimals), 8)
    return fixed(units, decimals)


def book(market: Market, depth: int) -> TrueBook:
    bids, asks = (
        [(price_text(market, price), qty_text(market, qty)) for price, qty in side.top(depth)]
        for side in market.book.sides
    )
    return TrueBook(bids, asks, market.update_id)


def tops(market: Market, since_ns: int) -> list[TrueTop]:
    """What was best from the last moment up to ``since_ns`` on, oldest first; 2,000 changes are kept."""
    found = []
    for time_ns, (bid, bid_qty, ask, ask_qty) in reversed(market.tops):
        prices = price_text(market, bid), qty_text(market, bid_qty), price_text(market, ask)
        found.append(TrueTop(time_ns, *prices, qty_text(market, ask_qty)))
        if time_ns <= since_ns:
            break
    return found[::-1]


def trade(market: Market, made: TradeRecord) -> TrueTrade:
    price, qty = price_text(market, made.price), qty_text(market, made.qty)
    return TrueTrade(str(made.trade_id), "buy" if made.bought else "sell", price, qty, made.time_ns // 1000)


def bar(market: Market, made: TradedBar) -> TrueBar:
    prices = (price_text(market, units) for units in (made.open, made.high, made.low, made.close))
    return TrueBar(made.start_min * 60_000_000, *prices, qty_text(market, made.volume), made.trades)
