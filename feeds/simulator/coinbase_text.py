"""Coinbase Advanced Trade's wire text: strings without zeros at the end, an envelope numbered per link.

https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from feeds.simulator.bars import TradedBar
from feeds.simulator.market import Market, TradeRecord
from feeds.simulator.text import iso_trimmed_ns, iso_trimmed_us, trimmed

_SIDES = ("bid", "offer")
PERCENT_DIGITS = 14

LevelChange = tuple[int, int, int, int]
"""(side, price, quantity, time_ns)."""


def price(market: Market, units: int) -> str:
    return trimmed(units, market.listing.price_decimals)


def size(market: Market, units: int) -> str:
    return trimmed(units, market.listing.qty_decimals)


def head(channel: str, now_ns: int) -> str:
    """Up to the sequence number, which each link counts for itself."""
    return f'{{"channel":"{channel}","timestamp":"{iso_trimmed_ns(now_ns)}","sequence_num":'


def level2(market: Market, kind: str, changes: Iterable[LevelChange]) -> str:
    """``kind`` is snapshot or update; quantity 0 removes a level."""
    decimals, lot = market.listing.price_decimals, market.listing.qty_decimals
    updates = ",".join(
        f'{{"side":"{_SIDES[side]}","event_time":"{iso_trimmed_us(time_ns)}",'
        f'"price_level":"{trimmed(units, decimals)}","new_quantity":"{trimmed(qty, lot)}"}}'
        for side, units, qty, time_ns in changes
    )
    return f'{{"type":"{kind}","product_id":"{market.listing.native}","updates":[{updates}]}}'


def trades(market: Market, kind: str, made: Iterable[TradeRecord]) -> str:
    """Newest first. ``side`` is the maker's: what a buyer took was for sale."""
    rows = ",".join(
        f'{{"product_id":"{market.listing.native}","trade_id":"{each.trade_id}",'
        f'"price":"{price(market, each.price)}","size":"{size(market, each.qty)}",'
        f'"time":"{iso_trimmed_us(each.time_ns)}","side":"{"SELL" if each.bought else "BUY"}"}}'
        for each in made
    )
    return f'{{"type":"{kind}","trades":[{rows}]}}'


def percent(market: Market) -> str:
    """Change over 24 hours, with the venue's fourteen digits."""
    opened = market.stats.day.open
    change = Decimal(market.last_price - opened) * 100 / Decimal(opened)
    return f"{change:.{PERCENT_DIGITS}f}"


def ticker(market: Market, kind: str, *, touch: bool = True) -> str:
    """``ticker_batch`` has no best bid and offer."""
    bids, asks = market.book.sides
    bid, ask, day = bids.best(), asks.best(), market.stats.day
    best = (
        f',"best_bid":"{price(market, bid)}","best_ask":"{price(market, ask)}",'
        f'"best_bid_quantity":"{size(market, bids.totals.get(bid, 0))}",'
        f'"best_ask_quantity":"{size(market, asks.totals.get(ask, 0))}"'
    )
    # A year has lower lows and higher highs than a day.
    return (
        f'{{"type":"{kind}","tickers":[{{"type":"ticker","product_id":"{market.listing.native}",'
        f'"price":"{price(market, market.last_price)}","volume_24_h":"{size(market, day.volume)}",'
        f'"low_24_h":"{price(market, day.low)}","high_24_h":"{price(market, day.high)}",'
        f'"low_52_w":"{price(market, day.low * 2 // 3)}","high_52_w":"{price(market, day.high * 2)}",'
        f'"price_percent_chg_24_h":"{percent(market)}"{best if touch else ""}}}]}}'
    )


def candles(market: Market, kind: str, bars: Iterable[TradedBar]) -> str:
    rows = ",".join(
        f'{{"start":"{bar.start_min * 60}","high":"{price(market, bar.high)}",'
        f'"low":"{price(market, bar.low)}","open":"{price(market, bar.open)}",'
        f'"close":"{price(market, bar.close)}",'
        f'"volume":"{size(market, bar.volume)}","product_id":"{market.listing.native}"}}'
        for bar in bars
    )
    return f'{{"type":"{kind}","candles":[{rows}]}}'


def heartbeat(now_ns: int, counter: int) -> str:
    """The time as Go prints it, which is no ISO 8601."""
    stamp = iso_trimmed_ns(now_ns)[:-1].replace("T", " ")
    running = f"{counter}.{now_ns % 1_000_000_000:09d}"
    return f'{{"current_time":"{stamp} +0000 UTC m=+{running}","heartbeat_counter":{counter}}}'
