"""What Deribit's channels mean, as events: one reader for each kind of channel.

https://docs.deribit.com/subscriptions. Amounts are dollars of a perpetual or future that is settled in its
coin, and units of the base of everything else.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

from feeds.bare import digits
from feeds.events import (
    BUY,
    SELL,
    BookDelta,
    BookSnapshot,
    Event,
    Funding,
    InstrumentStatus,
    Liquidation,
    Mark,
    OptionQuote,
    Stats,
    Trade,
    Unknown,
    VenueStatus,
)
from feeds.venues.deribit import shapes
from feeds.venues.deribit.channels import DVOL, VENUE, instrument
from feeds.venues.deribit.tickers import FUNDING_US, quote, read_ticker

Reader: TypeAlias = Callable[[bytes, str, int], list[Event]]
"""From a whole frame, the name of its channel and our receive time."""

_OTHER = {BUY: SELL, SELL: BUY}
# What happened to an instrument → what may be done with it since. What else happens changes nothing.
_LISTED = {"started": "trading", "deactivated": "halted", "closed": "delisted", "terminated": "delisted"}

_best = shapes.decoder(shapes.Best)
_book, _levels = shapes.decoder(shapes.Book), shapes.decoder(shapes.Levels)
_trades, _option_marks = shapes.decoder(list[shapes.Trade]), shapes.decoder(list[shapes.OptionMark])
_index, _volatility = shapes.decoder(shapes.Index), shapes.decoder(shapes.Volatility)
_interest, _listing = shapes.decoder(shapes.Interest), shapes.decoder(shapes.Listing)
_platform = shapes.decoder(shapes.Platform)


def _read_quote(frame: bytes, channel: str, ns: int) -> list[Event]:
    found = _best(frame)
    return [quote(found, instrument(found.instrument_name), ns)]


def _read_book(frame: bytes, channel: str, ns: int) -> list[Event]:
    """``book.{instrument}.{interval}``: a snapshot, then changes, of which each names the one before.

    ``book.{instrument}.{group}.{depth}.{interval}`` is whole each time. Of one whose prices are rounded to
    groups the best price is none that anybody offered.
    """
    parts = channel.split(".")
    if len(parts) == 5:
        return _read_levels(frame, parts, ns)
    found = _book(frame)
    name, us = instrument(found.instrument_name), found.timestamp * 1000
    bids, asks = _changes(found.bids), _changes(found.asks)
    if found.type == "snapshot":
        return [BookSnapshot(name, bids, asks, 0, found.change_id, None, us, ns)]
    if found.prev_change_id is None:
        raise ValueError("prev_change_id: expected a number, because the book changes")
    return [BookDelta(name, bids, asks, 0, found.change_id, found.prev_change_id, None, us, ns)]


def _changes(changes: list[shapes.Change]) -> list[tuple[str, str]]:
    return [(digits(price), "0" if what == "delete" else digits(qty)) for what, price, qty in changes]


def _read_levels(frame: bytes, parts: list[str], ns: int) -> list[Event]:
    _, _, group, depth, _ = parts
    if group != "none" or not depth.isdecimal() or len(depth) > 6:
        return [Unknown("book in groups")]
    found = _levels(frame)
    sides = [[(digits(price), digits(qty)) for price, qty in side] for side in (found.bids, found.asks)]
    name, us = instrument(found.instrument_name), found.timestamp * 1000
    return [BookSnapshot(name, *sides, int(depth), found.change_id, None, us, ns)]


def _read_trades(frame: bytes, channel: str, ns: int) -> list[Event]:
    """``trades.{instrument}.{interval}`` and ``trades.{kind}.{currency}.{interval}``; oldest first.

    ``direction`` is the taker's. ``liquidation`` says whose side was closed by the venue: ``T`` the taker's,
    ``M`` the maker's, ``MT`` both. One order may have traded many times, and each is told.
    """
    events: list[Event] = []
    for row in _trades(frame):
        if row.direction not in _OTHER:
            raise ValueError(f"direction: expected buy or sell, found {row.direction!r:.20}")
        name, us = instrument(row.instrument_name), row.timestamp * 1000
        price, qty = digits(row.price), digits(row.amount)
        events.append(Trade(name, row.trade_id, row.direction, price, qty, us, ns))
        for whose in row.liquidation or "":
            side = row.direction if whose == "T" else _OTHER[row.direction]
            events.append(Liquidation(name, side, price, price, qty, qty, us, ns))
    return events


def _read_index(frame: bytes, channel: str, ns: int) -> list[Event]:
    found = _index(frame)
    return [_value(found.index_name, digits(found.price), found.timestamp, ns)]


def _read_volatility(frame: bytes, channel: str, ns: int) -> list[Event]:
    """DVOL, in per cent a year."""
    found = _volatility(frame)
    return [_value(DVOL + found.index_name, digits(found.volatility), found.timestamp, ns)]


def _value(native: str, value: str, stamp: int, ns: int) -> Stats:
    return Stats(instrument(native), value, "", "", "", "", "", stamp * 1000, ns)


def _read_interest(frame: bytes, channel: str, ns: int) -> list[Event]:
    found, name = _interest(frame), instrument(channel.partition(".")[2].partition(".")[0])
    us, index = found.timestamp * 1000, digits(found.index_price)
    return [
        Mark(name, "", index, "", us, ns),
        Funding(name, digits(found.interest), 0, FUNDING_US, "", us, ns),
    ]


def _read_option_marks(frame: bytes, channel: str, ns: int) -> list[Event]:
    """``markprice.options.{index}``: all options of an index, once a second."""
    events: list[Event] = []
    for row in _option_marks(frame):
        name, us, iv = instrument(row.instrument_name), row.timestamp * 1000, digits(row.iv)
        iv = f"{Decimal(iv).scaleb(2).normalize():f}" if iv else ""
        events.append(Mark(name, digits(row.mark_price), "", "", us, ns))
        events.append(OptionQuote(name, "", "", iv, *8 * ("",), us, ns))
    return events or [Unknown("markprice of nothing")]


def _read_listing(frame: bytes, channel: str, ns: int) -> list[Event]:
    """``instrument.state.{kind}.{currency}``; ``created`` and ``settled`` change nothing."""
    found = _listing(frame)
    status = _LISTED.get(found.state)
    if status is None:
        return [Unknown(f"instrument {found.state:.30}")]
    reason = "" if status == "trading" else found.state
    return [InstrumentStatus(instrument(found.instrument_name), status, reason, ns)]


def _read_platform(frame: bytes, channel: str, ns: int) -> list[Event]:
    """``{"maintenance":true}``; else that an index is locked, or who may ask."""
    found = _platform(frame)
    if found.maintenance is None:
        return [Unknown("platform_state")]
    status = ("halted", "maintenance") if found.maintenance else ("online", "")
    return [VenueStatus(VENUE, *status, ns)]


READERS: dict[str, Reader] = {
    "ticker": read_ticker,
    "quote": _read_quote,
    "book": _read_book,
    "trades": _read_trades,
    "deribit_price_index": _read_index,
    "deribit_volatility_index": _read_volatility,
    "perpetual": _read_interest,
    "markprice": _read_option_marks,
    "instrument": _read_listing,
    "platform_state": _read_platform,
}
"""What a channel's name begins with → its reader."""
