"""Alpaca's wire text: arrays of messages, bare numbers, times to the nanosecond.

https://docs.alpaca.markets/docs/real-time-stock-pricing-data
"""

from __future__ import annotations

from feeds.simulator.bars import TradedBar
from feeds.simulator.market import Market, TradeRecord
from feeds.simulator.text import iso_seconds, iso_trimmed_ns, trimmed

_WHERE = '"x":"V"'


def price(market: Market, units: int) -> str:
    return trimmed(units, market.listing.price_decimals)


def trade(market: Market, made: TradeRecord) -> str:
    """It says nothing of who came to whom."""
    return (
        f'{{"T":"t","S":"{market.listing.native}","i":{made.trade_id},{_WHERE},'
        f'"p":{price(market, made.price)},"s":{made.qty},"c":["@"],"z":"C",'
        f'"t":"{iso_trimmed_ns(made.time_ns)}"}}'
    )


def quote(market: Market, now_ns: int) -> str:
    """A side that is empty is 0, and 0 of it."""
    bids, asks = market.book.sides
    bid, ask = bids.best(), asks.best()
    return (
        f'{{"T":"q","S":"{market.listing.native}","bx":"V","bp":{price(market, bid)},'
        f'"bs":{bids.totals.get(bid, 0)},'
        f'"ax":"V","ap":{price(market, ask)},"as":{asks.totals.get(ask, 0)},"c":["R"],"z":"C",'
        f'"t":"{iso_trimmed_ns(now_ns)}"}}'
    )


def bar(market: Market, made: TradedBar, kind: str = "") -> str:
    """``kind`` of the stream's own, with the symbol; without it as REST has it."""
    head = f'"T":"{kind}","S":"{market.listing.native}",' if kind else ""
    prices = ",".join(
        f'"{name}":{price(market, units)}'
        for name, units in (("o", made.open), ("h", made.high), ("l", made.low), ("c", made.close))
    )
    start, average = iso_seconds(made.start_min * 60_000_000_000), price(market, made.close)
    return f'{{{head}{prices},"v":{made.volume},"n":{made.trades},"vw":{average},"t":"{start}"}}'


def status(market: Market, now_ns: int) -> str:
    halted = market.status != "trading"
    code, words = ("H", "Trading Halt") if halted else ("T", "Trading Resumption")
    reason = '"rc":"T1","rm":"Halt News Pending"' if halted else '"rc":"","rm":""'
    return (
        f'{{"T":"s","S":"{market.listing.native}","sc":"{code}","sm":"{words}",{reason},"z":"C",'
        f'"t":"{iso_trimmed_ns(now_ns)}"}}'
    )


def cancel(market: Market, made: TradeRecord, now_ns: int) -> str:
    return (
        f'{{"T":"x","S":"{market.listing.native}","i":{made.trade_id},{_WHERE},'
        f'"p":{price(market, made.price)},"s":{made.qty},"a":"C","z":"C","t":"{iso_trimmed_ns(now_ns)}"}}'
    )


def correction(market: Market, was: TradeRecord, now: TradeRecord, now_ns: int) -> str:
    return (
        f'{{"T":"c","S":"{market.listing.native}",{_WHERE},'
        f'"oi":{was.trade_id},"op":{price(market, was.price)},"os":{was.qty},"oc":["@"],'
        f'"ci":{now.trade_id},"cp":{price(market, now.price)},"cs":{now.qty},"cc":["@"],"z":"C",'
        f'"t":"{iso_trimmed_ns(now_ns)}"}}'
    )
