"""What Bitfinex writes: arrays of bare numbers, as JavaScript writes them.

https://docs.bitfinex.com/reference/ws-public-books and its like.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from decimal import Decimal

from feeds.simulator.market import Market, TradeRecord
from feeds.simulator.text import trimmed

LEVELS = re.compile(
    rb"\[(?P<price>[0-9.]+(?:e-[0-9]+)?),[1-9][0-9]*,(?P<sign>-?)(?P<qty>[0-9.]+(?:e-[0-9]+)?)\]"
)
CHECKED = 25
_MS, _EIGHT_H_MS = 1_000_000, 8 * 3_600_000


def script(text: str) -> str:
    """Below a millionth with an exponent: ``1.5e-7``."""
    number = Decimal(text)
    if not number or abs(number) >= Decimal("0.000001"):
        return text
    digits = "".join(map(str, number.normalize().as_tuple().digits))
    return f"{digits[0]}{'.' * (len(digits) > 1)}{digits[1:]}e{number.adjusted()}"


def price(market: Market, units: int) -> str:
    return script(trimmed(units, market.listing.price_decimals))


def amount(market: Market, units: int) -> str:
    return script(trimmed(units, market.listing.qty_decimals))


def level(market: Market, side: int, at: int, qty: int) -> str:
    """0 orders and an amount of one, of the side's sign, take it away."""
    count, text = (1, amount(market, qty)) if qty else (0, "1")
    return f"[{price(market, at)},{count},{'-' * side}{text}]"


def levels(market: Market, sides: Iterable[Iterable[tuple[int, int]]]) -> str:
    rows = (level(market, side, at, qty) for side, window in enumerate(sides) for at, qty in window)
    return f"[{','.join(rows)}]"


def checksum(market: Market) -> int:
    """A signed number. Prices are written out, amounts are as JavaScript writes them."""
    bids, asks = (side.top(CHECKED) for side in market.book.sides)
    parts: list[str] = []
    for at in range(CHECKED):
        for window, sign in ((bids, ""), (asks, "-")):
            if at < len(window):
                told = trimmed(window[at][0], market.listing.price_decimals)
                parts += [told, f"{sign}{amount(market, window[at][1])}"]
    found = zlib.crc32(":".join(parts).encode())
    return found - (1 << 32) if found >> 31 else found


def trade(market: Market, made: TradeRecord) -> str:
    """An amount below 0 was sold by who came."""
    sign = "" if made.bought else "-"
    told = f"{sign}{amount(market, made.qty)},{price(market, made.price)}"
    return f"[{made.trade_id},{made.time_ns // _MS},{told}]"


def trades(market: Market, count: int) -> str:
    """The newest first."""
    made = list(market.trades)[-count:]
    return f"[{','.join(trade(market, each) for each in reversed(made))}]"


def ticker(market: Market) -> str:
    """The sizes are those of 25 levels together."""
    bids, asks = market.book.sides
    (bid, bid_sum), (ask, ask_sum) = (
        (price(market, side.best()), amount(market, sum(qty for _, qty in side.top(CHECKED))))
        for side in (bids, asks)
    )
    day = market.stats.day
    change, relative = market.last_price - day.open, (market.last_price - day.open) / day.open
    return (
        f"[{bid},{bid_sum},{ask},{ask_sum},{trimmed(change, market.listing.price_decimals)},"
        f"{round(relative, 8) or 0!r},{price(market, market.last_price)},{amount(market, day.volume)},"
        f"{price(market, day.high)},{price(market, day.low)}]"
    )


def status(market: Market, now_ns: int) -> str:
    """Of a perpetual: the middle of its book, the price of the coin, mark, funding and open interest."""
    now_ms, spot = now_ns // _MS, market.dollars(now_ns)
    bids, asks = market.book.sides
    middle = script(trimmed((bids.best() + asks.best()) * 5, market.listing.price_decimals + 1))
    over = (market.last_price / 10**market.listing.price_decimals - spot) / spot
    rate = round(max(-0.0025, min(0.0025, over / 8)), 8) or 0
    due = (now_ms // _EIGHT_H_MS + 1) * _EIGHT_H_MS
    held = amount(market, market.stats.day.volume // 3)
    return (
        f"[{now_ms},null,{middle},{spot:.8g},null,1396531.67460709,null,{due},{rate / 2!r},6,null,{rate!r},"
        f"null,null,{middle},null,null,{held},null,null,null,0.0005,0.0025]"
    )


def liquidation(market: Market, made: TradeRecord, *, matched: bool) -> str:
    """First that a position will be closed, then at what price it was; above 0 it was long, so it is sold."""
    size = f"{'-' * made.bought}{amount(market, made.qty)}"
    at, name = price(market, made.price), market.listing.native
    end = f"1,1,null,{at}" if matched else "0,0,null,null"
    return f'[["pos",{made.trade_id},{made.time_ns // _MS},null,"{name}",{size},{at},null,{end}]]'
