"""What Bitfinex's data means, as events. Numbers stay the wire's digits; a short exponent is written out.

An amount has the sign of its side: in a book below 0 is an ask, in a trade the taker sold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias
from zlib import crc32

import msgspec

from feeds.bare import digits
from feeds.events import (
    BASE_UNITS,
    BUY,
    SELL,
    BookDelta,
    Event,
    Funding,
    Heartbeat,
    Level,
    Liquidation,
    Mark,
    OpenInterest,
    Quote,
    Stats,
    Trade,
    Unknown,
)
from feeds.venues.bitfinex import shapes
from feeds.venues.bitfinex.naming import VENUE, Topic, instrument

CHECKED = 25
"""Levels a side that a checksum is over."""
_EIGHT_HOURS_US = 8 * 3600 * 1_000_000
_TINY = Decimal("0.000001")

Read: TypeAlias = Callable[[Topic, bytes, int, int], list[Event]]
"""Of a topic: what a payload means, received at so many ns; the venue's own time in µs, 0 without."""


def sides(rows: Iterable[shapes.Level]) -> tuple[list[Level], list[Level]]:
    """Bids and asks: "when count = 0 then you have to delete the price level", and the amount is 1 or -1.

    https://docs.bitfinex.com/reference/ws-public-books
    """
    found: tuple[list[Level], list[Level]] = ([], [])
    for row in rows:
        amount = digits(row.amount)
        is_ask = amount.startswith("-")
        found[is_ask].append((digits(row.price), amount.removeprefix("-") if row.count else "0"))
    return found


def checksum_of(topic: Topic, payload: bytes, ns: int, us: int) -> BookDelta:
    """It changes nothing. The venue's number has a sign: its low 32 bits are the sum's."""
    crc = msgspec.json.decode(payload, type=int) & 0xFFFFFFFF
    return BookDelta(instrument(topic.symbol), (), (), 0, 0, None, crc, us, ns)


def checksum(bids: Sequence[Level], asks: Sequence[Level]) -> int:
    """CRC-32 over ``price:amount`` of the best bid and ask, the next two, and so on, amounts of asks below 0.

    https://docs.bitfinex.com/docs/ws-websocket-checksum. Prices are written out, amounts as JavaScript writes
    them: https://github.com/bitfinexcom/bfx-api-node-models, "converts exp prices to fixed".
    """
    parts: list[str] = []
    for at in range(min(CHECKED, max(len(bids), len(asks)))):
        if at < len(bids):
            parts.append(f"{bids[at][0]}:{_script(bids[at][1])}")
        if at < len(asks):
            parts.append(f"{asks[at][0]}:-{_script(asks[at][1])}")
    return crc32(":".join(parts).encode())


def _script(text: str) -> str:
    """As JavaScript writes a number: below a millionth with an exponent, ``1.5e-7``."""
    return _exponent(text) if text.startswith("0.000000") else text


@lru_cache(maxsize=4096)
def _exponent(text: str) -> str:
    number = Decimal(text).normalize()
    if not 0 < number < _TINY:
        return text
    whole, *rest = map(str, number.as_tuple().digits)
    return f"{whole}{'.' * bool(rest)}{''.join(rest)}e{number.adjusted()}"


def trade(topic: Topic, row: shapes.Trade, ns: int, *, replayed: bool = False) -> Trade:
    """``AMOUNT``: "how much was bought (positive) or sold (negative)", by who came.

    https://docs.bitfinex.com/reference/ws-public-trades
    """
    amount = digits(row.amount)
    side = SELL if amount.startswith("-") else BUY
    price, qty = digits(row.price), amount.removeprefix("-")
    return Trade(instrument(topic.symbol), str(row.id), side, price, qty, row.mts * 1000, ns, replayed)


def _trades(topic: Topic, payload: bytes, ns: int, us: int) -> list[Event]:
    """What was traded before, newest first."""
    rows = sorted(shapes.trades(payload), key=lambda row: (row.mts, row.id))
    return [trade(topic, row, ns, replayed=True) for row in rows] or [Heartbeat(VENUE, us, ns)]


def _ticker(topic: Topic, payload: bytes, ns: int, us: int) -> list[Event]:
    """Its sizes are sums over 25 levels, so no size is said of the best prices.

    https://docs.bitfinex.com/reference/rest-public-ticker
    """
    row, name = shapes.ticker(payload), instrument(topic.symbol)
    change, relative = digits(row.change), digits(row.change_relative)
    percent = f"{Decimal(relative).scaleb(2):f}" if relative else ""
    figures = digits(row.last), digits(row.volume), digits(row.high), digits(row.low), change, percent
    return [
        Quote(name, digits(row.bid), "", digits(row.ask), "", us, ns),
        Stats(name, *figures, us, ns),
    ]


def _deriv(topic: Topic, payload: bytes, ns: int, us: int) -> list[Event]:
    """``current`` is charged at the end of the running eight hours; ``accrued`` is what the next have so far.

    https://docs.bitfinex.com/reference/rest-public-derivatives-status: "funding applied in the current 8h
    period", "current accrued funding for next 8h period"; open interest counts contracts, of one of the base.
    """
    row, name = shapes.status(payload), instrument(topic.symbol)
    at_us, mark, index = row.mts * 1000, digits(row.mark), digits(row.spot)
    events: list[Event] = [Mark(name, mark, index, "", at_us, ns)] if mark or index else []
    if rate := digits(row.current):
        next_us, next_rate = (row.next_ms or 0) * 1000, digits(row.accrued)
        events.append(Funding(name, rate, next_us, _EIGHT_HOURS_US, next_rate, at_us, ns))
    if interest := digits(row.interest):
        events.append(OpenInterest(name, interest, BASE_UNITS, at_us, ns))
    return events or [Heartbeat(VENUE, at_us, ns)]


def _liquidations(topic: Topic, payload: bytes, ns: int, us: int) -> list[Event]:
    """Each position is told when its closing is begun and when it was carried out: the latter counts.

    A positive amount is a long position, so it is sold.
    https://docs.bitfinex.com/reference/rest-public-liquidations
    """
    rows = [row for row in shapes.liquidations(payload) if row.kind == "pos" and row.is_match]
    return [_liquidation(row, ns) for row in rows] or [Heartbeat(VENUE, us, ns)]


def _liquidation(row: shapes.Liquidated, ns: int) -> Event:
    amount, price = digits(row.amount), digits(row.price)
    if not price:
        return Unknown("liquidation without a price")
    side, qty = (BUY, amount[1:]) if amount.startswith("-") else (SELL, amount)
    return Liquidation(instrument(row.symbol), side, price, "", qty, "", row.mts * 1000, ns)


READERS: dict[str, Read] = {
    "ticker": _ticker,
    "trades": _trades,
    "deriv": _deriv,
    "liq": _liquidations,
}
"""Sort of a channel → its reader."""
