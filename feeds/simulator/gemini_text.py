"""What Gemini writes: small letters, text with all its zeros, times in nanoseconds.

https://developer.gemini.com/websocket/streams
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from feeds.simulator.market import Market, TradeRecord
from feeds.simulator.text import fixed

LEVELS = re.compile(rb'\["(?P<price>[0-9.]+)","(?P<qty>[0-9.]+)"\]')
_HOUR_NS = 3_600_000_000_000


def price(market: Market, units: int) -> str:
    return fixed(units, market.listing.price_decimals)


def qty(market: Market, units: int) -> str:
    return fixed(units, market.listing.qty_decimals)


def symbol(market: Market) -> str:
    return market.listing.native.lower()


def levels(market: Market, rows: Iterable[tuple[int, int]]) -> str:
    return ",".join(f'["{price(market, at)}","{qty(market, size)}"]' for at, size in rows)


def depth(
    market: Market, first: int, sides: Iterable[Iterable[tuple[int, int]]], now_ns: int, last: int
) -> bytes:
    """From the number where the one before ended; the whole book from its own."""
    bids, asks = (levels(market, side) for side in sides)
    return (
        f'{{"e":"depthUpdate","E":{now_ns},"s":"{symbol(market)}","U":{first},"u":{last},'
        f'"b":[{bids}],"a":[{asks}]}}'
    ).encode()


def partial(market: Market, count: int) -> bytes:
    bids, asks = (levels(market, side.top(count)) for side in market.book.sides)
    head = f'{{"lastUpdateId":{market.update_id},"symbol":"{symbol(market)}"'
    return f'{head},"bids":[{bids}],"asks":[{asks}]}}'.encode()


def best(market: Market, now_ns: int) -> bytes:
    (bid, bid_qty), (ask, ask_qty) = (
        (price(market, side.best()), qty(market, side.totals.get(side.best(), 0)))
        for side in market.book.sides
    )
    return (
        f'{{"u":{market.update_id},"E":{now_ns},"s":"{symbol(market)}","b":"{bid}","B":"{bid_qty}",'
        f'"a":"{ask}","A":"{ask_qty}"}}'
    ).encode()


def trade(market: Market, made: TradeRecord) -> bytes:
    """``m``: the buyer had rested."""
    return (
        f'{{"E":{made.time_ns},"s":"{symbol(market)}","t":{made.trade_id},"p":"{price(market, made.price)}",'
        f'"q":"{qty(market, made.qty)}","m":{"false" if made.bought else "true"}}}'
    ).encode()


def mark_price(market: Market) -> str:
    """The middle of the book, with two digits more."""
    bids, asks = market.book.sides
    return fixed((bids.best() + asks.best()) * 50, market.listing.price_decimals + 2)


def index_price(market: Market, now_ns: int) -> str:
    return f"{market.dollars(now_ns):.5f}"


def mark(market: Market, now_ns: int) -> bytes:
    """``i`` is an index in units of its own, that nobody tells."""
    index = f"{market.dollars(now_ns) * 100:.3f}"
    return (
        f'{{"e":"markPrice","E":{now_ns},"s":"{symbol(market)}","p":"{mark_price(market)}","i":"{index}"}}'
    ).encode()


def payment(market: Market, now_ns: int) -> bytes:
    """What one of the base pays at the end of the hour; ``r`` is it in per cent, cut off."""
    spot, at = market.dollars(now_ns), float(mark_price(market))
    amount = max(-0.001, min(0.001, (at - spot) / spot / 24 + 1e-5)) * at
    due_ns = (now_ns // _HOUR_NS + 1) * _HOUR_NS
    return (
        f'{{"e":"fundingAmount","E":{now_ns},"s":"{symbol(market)}","T":{due_ns},'
        f'"i":60,"f":"{amount:.5f}","r":"{amount / at * 100:.3f}","p":"{mark_price(market)}","R":false}}'
    ).encode()
