"""Binance spot's wire text: eight decimals in strings, one-letter keys in the venue's order.

https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
"""

from __future__ import annotations

from collections.abc import Iterable

from feeds.simulator import history
from feeds.simulator.bars import TradedBar
from feeds.simulator.market import Market, TradeRecord
from feeds.simulator.text import fixed

_NAMES = {
    "1m": 1, "3m": 3, "5m": 5, "15m": 15, "30m": 30,
    "1h": 60, "2h": 120, "4h": 240, "6h": 360, "8h": 480, "12h": 720, "1d": 1440,
}  # fmt: skip
INTERVALS = {name: minutes for name, minutes in _NAMES.items() if minutes in history.INTERVALS}
_DAY_NS = 86_400_000_000_000


def padded(units: int, decimals: int) -> str:
    """``units`` of 10^-decimals with eight decimals, what is beyond them cut off."""
    if decimals <= 8:
        return fixed(units * 10 ** (8 - decimals), 8)
    return fixed(units // 10 ** (decimals - 8), 8)


def price(market: Market, units: int) -> str:
    return padded(units, market.listing.price_decimals)


def qty(market: Market, units: int) -> str:
    return padded(units, market.listing.qty_decimals)


def turnover(market: Market, units: int) -> str:
    return padded(units, market.listing.price_decimals + market.listing.qty_decimals)


def levels(market: Market, side: Iterable[tuple[int, int]]) -> str:
    prices, lots = 8 - market.listing.price_decimals, 8 - market.listing.qty_decimals
    up, out = 10**prices, 10**lots
    return ",".join(f'["{fixed(each * up, 8)}","{fixed(size * out, 8)}"]' for each, size in side)


def depth(
    market: Market, first: int, last: int, changes: dict[tuple[int, int], int], time: int
) -> bytes:  # fmt: skip
    """``changes`` is (side, price) → quantity, bids under side 0; best first, as recorded."""
    bids = sorted(((p, size) for (side, p), size in changes.items() if side == 0), reverse=True)
    asks = sorted((p, size) for (side, p), size in changes.items() if side == 1)
    return (
        f'{{"e":"depthUpdate","E":{time},"s":"{market.listing.native}","U":{first},"u":{last},'
        f'"b":[{levels(market, bids)}],"a":[{levels(market, asks)}]}}'
    ).encode()


def partial(market: Market, count: int) -> bytes:
    """The best ``count`` levels. Nothing in it says which symbol it is of: only the stream's name does."""
    bids, asks = market.book.sides
    return (
        f'{{"lastUpdateId":{market.update_id},"bids":[{levels(market, bids.top(count))}],'
        f'"asks":[{levels(market, asks.top(count))}]}}'
    ).encode()


def trade(market: Market, made: TradeRecord, unit_ns: int) -> bytes:
    """``m``: the buyer was the maker, so the aggressor sold."""
    time = made.time_ns // unit_ns
    return (
        f'{{"e":"trade","E":{time},"s":"{market.listing.native}","t":{made.trade_id},'
        f'"p":"{price(market, made.price)}","q":"{qty(market, made.qty)}","T":{time},'
        f'"m":{"false" if made.bought else "true"},"M":true}}'
    ).encode()


def agg_trade(market: Market, number: int, made: list[TradeRecord], unit_ns: int) -> bytes:
    """Fills of one taker at one price."""
    first, last = made[0], made[-1]
    time = last.time_ns // unit_ns
    return (
        f'{{"e":"aggTrade","E":{time},"s":"{market.listing.native}","a":{number},'
        f'"p":"{price(market, first.price)}","q":"{qty(market, sum(each.qty for each in made))}",'
        f'"f":{first.trade_id},"l":{last.trade_id},"T":{time},'
        f'"m":{"false" if first.bought else "true"},"M":true}}'
    ).encode()


def book_ticker(market: Market) -> bytes:
    """No event name and no time, on spot."""
    bid, ask = touch(market)
    return (
        f'{{"u":{market.update_id},"s":"{market.listing.native}","b":"{bid[0]}","B":"{bid[1]}",'
        f'"a":"{ask[0]}","A":"{ask[1]}"}}'
    ).encode()


def touch(market: Market) -> tuple[tuple[str, str], tuple[str, str]]:
    """Best bid and offer as (price, quantity); zeros for an empty side."""
    bids, asks = market.book.sides
    return tuple(
        (price(market, side.best()), qty(market, side.totals.get(side.best(), 0))) for side in (bids, asks)
    )  # type: ignore[return-value]


def change_percent(market: Market) -> str:
    opened = market.stats.day.open
    return fixed(round((market.last_price - opened) * 100_000 / opened), 3)


def average(market: Market) -> str:
    day = market.stats.day
    return padded(day.turnover // day.volume if day.volume else day.close, market.listing.price_decimals)


def day_ticker(market: Market, now_ns: int, unit_ns: int) -> bytes:
    """The rolling 24 hours."""
    day, last = market.stats.day, market.trades[-1]
    bid, ask = touch(market)
    return (
        f'{{"e":"24hrTicker","E":{now_ns // unit_ns},"s":"{market.listing.native}",'
        f'"p":"{price(market, market.last_price - day.open)}","P":"{change_percent(market)}",'
        f'"w":"{average(market)}","x":"{price(market, day.open)}","c":"{price(market, market.last_price)}",'
        f'"Q":"{qty(market, last.qty)}","b":"{bid[0]}","B":"{bid[1]}","a":"{ask[0]}","A":"{ask[1]}",'
        f'"o":"{price(market, day.open)}","h":"{price(market, day.high)}","l":"{price(market, day.low)}",'
        f'"v":"{qty(market, day.volume)}","q":"{turnover(market, day.turnover)}",'
        f'"O":{(now_ns - _DAY_NS) // unit_ns},"C":{now_ns // unit_ns},'
        f'"F":{last.trade_id - day.trades + 1},"L":{last.trade_id},"n":{day.trades}}}'
    ).encode()


def mini_ticker(market: Market, now_ns: int, unit_ns: int) -> bytes:
    day = market.stats.day
    return (
        f'{{"e":"24hrMiniTicker","E":{now_ns // unit_ns},"s":"{market.listing.native}",'
        f'"c":"{price(market, market.last_price)}","o":"{price(market, day.open)}",'
        f'"h":"{price(market, day.high)}","l":"{price(market, day.low)}",'
        f'"v":"{qty(market, day.volume)}","q":"{turnover(market, day.turnover)}"}}'
    ).encode()


def kline(market: Market, name: str, bar: TradedBar, now_ns: int, unit_ns: int, *, closed: bool) -> bytes:
    native, unit = market.listing.native, 1_000_000_000 // unit_ns
    begin, end = bar.start_min * 60 * unit, (bar.start_min + INTERVALS[name]) * 60 * unit - 1
    first, last = bar.first_id or -1, bar.last_id or -1
    return (
        f'{{"e":"kline","E":{now_ns // unit_ns},"s":"{native}","k":{{"t":{begin},"T":{end},"s":"{native}",'
        f'"i":"{name}","f":{first},"L":{last},"o":"{price(market, bar.open)}",'
        f'"c":"{price(market, bar.close)}",'
        f'"h":"{price(market, bar.high)}","l":"{price(market, bar.low)}","v":"{qty(market, bar.volume)}",'
        f'"n":{bar.trades},"x":{"true" if closed else "false"},"q":"{turnover(market, bar.turnover)}",'
        f'"V":"{qty(market, bar.bought)}","Q":"{turnover(market, bar.bought_turnover)}","B":"0"}}}}'
    ).encode()
