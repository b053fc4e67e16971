"""What Kraken's derivatives write: flat objects with bare numbers, one level of a book in a message.

https://docs.kraken.com/exchange/api-reference/futures-websocket
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable

from feeds.simulator.kraken_text import OLD_NAMES
from feeds.simulator.market import Market, TradeRecord
from feeds.simulator.text import fixed

LEVELS = re.compile(rb'"price":(?P<price>[0-9.]+),"qty":(?P<qty>[0-9.]+)')
_SIDES = ("buy", "sell")
_MS, _HOUR_MS = 1_000_000, 3_600_000


def price(market: Market, units: int) -> str:
    return fixed(units, market.listing.price_decimals)


def qty(market: Market, units: int) -> str:
    return fixed(units, market.listing.qty_decimals)


def snapshot(market: Market, now_ns: int) -> bytes:
    bids, asks = (
        ",".join(
            f'{{"price":{price(market, at)},"qty":{qty(market, size)}}}' for at, size in side.top(10_000)
        )
        for side in market.book.sides
    )
    return (
        f'{{"feed":"book_snapshot","product_id":"{market.listing.native}","timestamp":{now_ns // _MS},'
        f'"seq":{market.update_id},"tickSize":null,"bids":[{bids}],"asks":[{asks}]}}'
    ).encode()


def change(market: Market, side: int, at: int, size: int, seq: int, now_ns: int) -> bytes:
    return (
        f'{{"feed":"book","product_id":"{market.listing.native}","side":"{_SIDES[side]}","seq":{seq},'
        f'"price":{price(market, at)},"qty":{qty(market, size)},"timestamp":{now_ns // _MS}}}'
    ).encode()


def trade(market: Market, made: TradeRecord, kind: str) -> str:
    """Its ``uid`` is made of its number, so that it is the same whenever it is told."""
    number = uuid.uuid5(uuid.NAMESPACE_OID, f"{market.listing.native} {made.trade_id}")
    return (
        f'{{"feed":"trade","product_id":"{market.listing.native}","uid":"{number}",'
        f'"side":"{_SIDES[not made.bought]}","type":"{kind}","seq":{made.trade_id},'
        f'"time":{made.time_ns // _MS},"qty":{qty(market, made.qty)},"price":{price(market, made.price)}}}'
    )


def trades(market: Market, told: Iterable[str]) -> bytes:
    rows = ",".join(told)
    return f'{{"feed":"trade_snapshot","product_id":"{market.listing.native}","trades":[{rows}]}}'.encode()


def ticker(market: Market, now_ns: int) -> bytes:
    listing, day = market.listing, market.stats.day
    (bid, bid_qty), (ask, ask_qty) = (
        (price(market, side.best()), qty(market, side.totals.get(side.best(), 0)))
        for side in market.book.sides
    )
    change = f"{(market.last_price - day.open) * 100 / day.open:.2f}"
    perpetual = listing.kind == "perpetual"
    return (
        f'{{"time":{now_ns // _MS},"product_id":"{listing.native}",{_funding(market, now_ns)}'
        f'"leverage":"50x","premium":0.0,"feed":"ticker","bid":{bid},"ask":{ask},"bid_size":{bid_qty},'
        f'"ask_size":{ask_qty},"volume":{qty(market, day.volume)},"dtm":0,"index":{_index(market, now_ns)},'
        f'"last":{price(market, market.last_price)},"change":{change},'
        f'"suspended":{"false" if market.status == "trading" else "true"},'
        f'"tag":"{"perpetual" if perpetual else "quarter"}",'
        f'"pair":"{OLD_NAMES.get(listing.base, listing.base)}:USD",'
        f'"openInterest":{qty(market, day.volume // 3)},"markPrice":{_mark(market)},'
        f'"maturityTime":{listing.expiry_ms},"post_only":false,"volumeQuote":{qty(market, day.volume)},'
        f'"open":{price(market, day.open)},"high":{price(market, day.high)},"low":{price(market, day.low)}}}'
    ).encode()


def _index(market: Market, now_ns: int) -> str:
    return f"{market.dollars(now_ns):.{2 if market.dollars(now_ns) >= 100 else 8}f}"


def _mark(market: Market) -> str:
    """The middle of the book, with two digits more."""
    bids, asks = market.book.sides
    return fixed((bids.best() + asks.best()) * 50, market.listing.price_decimals + 2)


def _funding(market: Market, now_ns: int) -> str:
    """What one contract pays in an hour, and as a fraction; what is zero is left out."""
    if market.listing.kind != "perpetual":
        return ""
    spot = market.dollars(now_ns)
    over = (market.last_price / 10**market.listing.price_decimals - spot) / spot
    rate = round(max(-0.0025, min(0.0025, 1e-5 + over / 24)), 8)
    absolute = rate / spot if market.listing.inverse else rate * spot
    due = (now_ns // _MS // _HOUR_MS + 1) * _HOUR_MS
    rates = (
        f'"funding_rate":{absolute!r},"funding_rate_prediction":{absolute!r},'
        f'"relative_funding_rate":{rate!r},"relative_funding_rate_prediction":{rate!r},'
    )
    return f'{rates if rate else ""}"next_funding_rate_time":{due},'
