"""What Gemini's Market Data v1 sends of several markets at once, as others recorded it.

https://developer.gemini.com/websocket/archived/multi-market-data. A number of the link proves its books. On
the socket of one market no frame says which one it is of, so that nothing can be made of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from feeds.events import (
    BUY,
    SELL,
    UNTOLD,
    BookDelta,
    BookSnapshot,
    Event,
    Level,
    LinkSequence,
    Trade,
    Unknown,
)
from feeds.venues.gemini.naming import instrument
from feeds.venues.gemini.shapes import Number, decoder, millis

# Who had rested, by the side of the book.
_TAKER = {"bid": SELL, "ask": BUY}
_BOOK = {"bid": 0, "buy": 0, "ask": 1, "sell": 1}


class _Happened(Struct, gc=False):
    """A level or a trade of v1; ``symbol`` where several markets are on one socket."""

    type: str
    symbol: str = ""
    side: str = ""
    price: str = ""
    remaining: str = ""
    reason: str = ""
    tid: Number | str | None = None
    amount: str = ""
    makerSide: str = ""  # noqa: N815


class _Update(Struct, gc=False):
    socket_sequence: Number
    events: list[_Happened]
    timestampms: Number = 0


_update = decoder(_Update)


def sides(levels: Iterable[tuple[str, str, str]]) -> tuple[list[Level], list[Level]]:
    """Bids and asks of (side, price, size), in v2's words or v1's. Raises ValueError."""
    found: tuple[list[Level], list[Level]] = ([], [])
    for side, price, size in levels:
        if side not in _BOOK:
            raise ValueError(f"side: expected one of the book's two, found {side!r:.40}")
        found[_BOOK[side]].append((price, size))
    return found


def read_update(frame: bytes, ns: int) -> list[Event]:
    """``{"type":"update","eventId":…,"timestampms":…,"socket_sequence":15,"events":[…]}``, v1."""
    found = _update(frame)
    us = millis(found.timestampms)
    events: list[Event] = [LinkSequence(found.socket_sequence)]
    of: dict[str, list[_Happened]] = {}
    for each in found.events:
        of.setdefault(each.symbol, []).append(each)
    if "" in of:
        return [*events, Unknown("v1 update that names no market")]
    for symbol, happened in of.items():
        name = instrument(symbol)
        events += _book(name, [each for each in happened if each.type == "change"], us, ns)
        events += [_traded(each, name, us, ns) for each in happened if each.type == "trade"]
    return events


def _book(name: str, changes: list[_Happened], us: int, ns: int) -> list[Event]:
    """What is of best prices alone (``top_of_book``) is no book. It begins like one, of a level a side."""
    changes = [each for each in changes if each.reason != "top-of-book"]
    if not changes:
        return []
    bids, asks = sides((each.side, each.price, each.remaining) for each in changes)
    if changes[0].reason == "initial":
        if max(len(bids), len(asks)) < 2:
            return []
        return [BookSnapshot(name, bids, asks, 0, 0, None, us, ns)]
    return [BookDelta(name, bids, asks, 0, 0, None, None, us, ns)]


def _traded(found: _Happened, name: str, us: int, ns: int) -> Trade:
    """In an auction nobody came to anybody."""
    if found.tid is None:
        raise ValueError("trade: expected a tid")
    side = _TAKER.get(found.makerSide, UNTOLD)
    return Trade(name, str(found.tid)[:64], side, found.price, found.amount, us, ns)
