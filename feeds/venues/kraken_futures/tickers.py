"""``ticker``: best prices, figures of a day, mark, open interest, funding; once a second at most.

https://docs.kraken.com/exchange/api-reference/futures-websocket/ticker
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Raw

from feeds.bare import NOTHING, digits
from feeds.events import (
    Event,
    Funding,
    InstrumentStatus,
    Mark,
    OpenInterest,
    Quote,
    Stats,
)
from feeds.venues.kraken_futures import shapes
from feeds.venues.kraken_futures.naming import instrument, unit

FUNDING_US = 3600 * 1_000_000
"""A rate is that of an hour, known when the hour begins:
https://support.kraken.com/hc/en-us/articles/4844359082772-Linear-Multi-Collateral-Perpetual-Contract-Specifications"""
_PERPETUAL = "perpetual"
# More digits behind the point than anybody can carry; what a venue makes of floats has them.
_MOST_DIGITS = 20


def side_of(price: Raw, size: Raw = NOTHING) -> tuple[str, str]:
    """Of a quote: an empty side is left out, or 0."""
    found = digits(price)
    return (found, digits(size)) if found.strip("0.") else ("", "")


def read_ticker(frame: bytes, ns: int) -> list[Event]:
    """A frame says all that there is."""
    found = shapes.ticker(frame)
    name, us = instrument(found.product_id), found.time * 1000
    events: list[Event] = [_quote(found, name, us, ns), _stats(found, name, us, ns)]
    mark, index = digits(found.markPrice), digits(found.index)
    if mark or index:
        events.append(Mark(name, mark, index, "", us, ns))
    if held := digits(found.openInterest):
        events.append(OpenInterest(name, held, unit(found.product_id), us, ns))
    if found.tag == _PERPETUAL:
        events.append(_funding(found, name, us, ns))
    if found.suspended or found.post_only:
        events.append(InstrumentStatus(name, "halted", "suspended" if found.suspended else "post only", ns))
    return events


def _quote(found: shapes.Ticker, name: str, us: int, ns: int) -> Quote:
    for price, size in ((found.bid, found.bid_size), (found.ask, found.ask_size)):
        if bool(digits(price)) != bool(digits(size)):
            raise ValueError("bid or ask: expected a price with its size")
    bid, ask = side_of(found.bid, found.bid_size), side_of(found.ask, found.ask_size)
    return Quote(name, *bid, *ask, us, ns)


def _stats(found: shapes.Ticker, name: str, us: int, ns: int) -> Stats:
    """``change`` is in per cent. ``volume`` counts what trades do: contracts, or units of the base."""
    figures = found.last, found.volume, found.high, found.low
    return Stats(name, *map(digits, figures), "", digits(found.change), us, ns)


def _funding(found: shapes.Ticker, name: str, us: int, ns: int) -> Funding:
    """``relative_funding_rate``, a fraction; ``funding_rate`` is what one contract pays, in dollars, or in
    the coin where it is inverse. The venue leaves out what is zero. The next time is a moment,
    not a duration."""
    rate = _rate(found.relative_funding_rate, found.funding_rate)
    predicted = _rate(found.relative_funding_rate_prediction, found.funding_rate_prediction)
    next_us = (found.next_funding_rate_time or 0) * 1000
    return Funding(name, rate, next_us, FUNDING_US, predicted, us, ns)


def _rate(relative: Raw, absolute: Raw) -> str:
    text = digits(relative)
    if not text and digits(absolute).strip("-0."):
        raise ValueError("relative_funding_rate: expected a number beside the absolute one")
    if len(text.partition(".")[2]) <= _MOST_DIGITS:
        return text or "0"
    return f"{round(Decimal(text), _MOST_DIGITS):f}"
