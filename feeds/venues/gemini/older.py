"""What Gemini's Market Data v2 sends, as others recorded it; v1 is in :mod:`feeds.venues.gemini.oldest`.

https://developer.gemini.com/websocket/archived/v2. Nothing numbers its books.
"""

from __future__ import annotations

from msgspec import UNSET, Raw, Struct, UnsetType

from feeds.events import (
    BUY,
    SELL,
    UNTOLD,
    BookDelta,
    BookSnapshot,
    Event,
    Funding,
    Heartbeat,
    LinkSequence,
    Mark,
    Trade,
    Unknown,
)
from feeds.venues.gemini import oldest
from feeds.venues.gemini.messages import fraction
from feeds.venues.gemini.naming import VENUE, instrument
from feeds.venues.gemini.shapes import Head, Number, decoder, micros, millis

_MINUTE_US = 60_000_000
# In an auction nobody came to anybody.
_SIDES = {"buy": BUY, "sell": SELL, "auction": UNTOLD}


class _Trade(Struct, gc=False):
    """``side`` is the taker's. ``tid`` is there since 2025; the documentation spells the other one twice."""

    timestamp: Number
    price: str
    quantity: str
    side: str
    symbol: str = ""
    tid: Number | str | None = None
    event_id: Number | str | None = None
    eventid: Number | str | None = None


class _Levels(Struct, gc=False):
    """With ``trades``, or auctions, however few, it is the first one after a subscription: the whole book."""

    symbol: str
    changes: list[tuple[str, str, str]]
    trades: list[_Trade] | UnsetType = UNSET
    auction_events: Raw | UnsetType = UNSET


class _Mark(Struct, gc=False):
    mark_price: str
    timestamp: Number
    spot_index: str = ""


class _Payment(Struct, gc=False):
    funding_amount: str
    funding_date_time: Number
    funding_interval_in_minutes: Number
    is_realized: bool
    timestamp: Number = 0
    mark_price: str = ""


class _Marks(Struct, gc=False):
    symbol: str
    changes: list[_Mark]


class _Payments(Struct, gc=False):
    symbol: str
    changes: list[_Payment]


class _Beat(Struct, gc=False):
    timestamp: Number
    socket_sequence: Number | None = None


_levels, _trade, _beat = decoder(_Levels), decoder(_Trade), decoder(_Beat)
_marks, _payments = decoder(_Marks), decoder(_Payments)


def read(found: Head, frame: bytes, received_ns: int) -> list[Event]:
    """Raises ValueError and what msgspec does."""
    reader = _READERS.get(found.type)
    if reader is None:
        return [Unknown(f"{found.type or found.reason:.40}")]
    return reader(frame, received_ns)


def _read_levels(frame: bytes, ns: int) -> list[Event]:
    """``{"type":"l2_updates","symbol":"BTCUSD","changes":[["sell","9160.20","0.19"]]}``, without a time."""
    found = _levels(frame)
    name = instrument(found.symbol)
    bids, asks = oldest.sides(found.changes)
    if found.trades is UNSET and found.auction_events is UNSET:
        return [BookDelta(name, bids, asks, 0, 0, None, None, 0, ns)]
    whole = BookSnapshot(name, bids, asks, 0, 0, None, 0, ns)
    trades = [] if found.trades is UNSET else _oldest_first(found.trades)
    return [whole, *(_made(each, name, ns, replayed=True) for each in trades)]


def _oldest_first(trades: list[_Trade]) -> list[_Trade]:
    """They come newest first."""
    turned = len(trades) > 1 and trades[0].timestamp >= trades[-1].timestamp
    return sorted(trades[::-1] if turned else trades, key=lambda each: each.timestamp)


def _read_trade(frame: bytes, ns: int) -> list[Event]:
    found = _trade(frame)
    return [_made(found, instrument(found.symbol), ns)]


def _made(found: _Trade, name: str, ns: int, *, replayed: bool = False) -> Trade:
    number = next((each for each in (found.tid, found.event_id, found.eventid) if each is not None), None)
    if number is None or found.side not in _SIDES:
        raise ValueError(f"trade: expected a number and a side, found {number!r:.40} and {found.side!r:.40}")
    us = millis(found.timestamp)
    return Trade(name, str(number)[:64], _SIDES[found.side], found.price, found.quantity, us, ns, replayed)


def _read_marks(frame: bytes, ns: int) -> list[Event]:
    """Times are in nanoseconds here."""
    found = _marks(frame)
    name = instrument(found.symbol)
    return [Mark(name, e.mark_price, e.spot_index, "", micros(e.timestamp), ns) for e in found.changes]


def _read_payments(frame: bytes, ns: int) -> list[Event]:
    """A fraction can be told where the mark stands beside the amount, which is not documented."""
    found = _payments(frame)
    name = instrument(found.symbol)
    return [
        Funding(
            name, fraction(each.funding_amount, each.mark_price), micros(each.funding_date_time),
            each.funding_interval_in_minutes * _MINUTE_US, "", micros(each.timestamp), ns,
        )
        for each in found.changes
        if each.mark_price and not each.is_realized
    ]  # fmt: skip


def _read_beat(frame: bytes, ns: int) -> list[Event]:
    found = _beat(frame)
    beat = Heartbeat(VENUE, millis(found.timestamp), ns)
    return [beat] if found.socket_sequence is None else [LinkSequence(found.socket_sequence), beat]


_READERS = {
    "l2_updates": _read_levels,
    "trade": _read_trade,
    "mark_price_updates": _read_marks,
    "funding_amount_updates": _read_payments,
    "heartbeat": _read_beat,
    "update": oldest.read_update,
}
