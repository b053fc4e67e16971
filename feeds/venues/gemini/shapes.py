"""The shapes of today's frames, and a typed decoder for each.

Prices and quantities are text; times are whole nanoseconds; a symbol is in small letters.
https://developer.gemini.com/websocket/streams, https://developer.gemini.com/websocket/message-format
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Struct

Number: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 2)]
Levels: TypeAlias = list[tuple[str, str]]

# No time in milliseconds has so many digits before the year 5000, and none in nanoseconds fewer after 1973.
_NANOSECONDS = 10**17


class Depth(Struct, gc=False):
    """``U`` and ``u``: the numbers that it goes from and to."""

    E: Number
    s: str
    U: Number
    u: Number
    b: Levels
    a: Levels


class Best(Struct, gc=False):
    E: Number
    s: str
    b: str
    B: str
    a: str
    A: str


class Trade(Struct, gc=False):
    """``m``: the buyer was the maker."""

    E: Number
    s: str
    t: Number | str
    p: str
    q: str
    m: bool


class Mark(Struct, gc=False):
    E: Number
    s: str
    p: str


class Payment(Struct, gc=False):
    """``f`` is what one unit of the base is charged at ``T``, ``p`` the mark, ``i`` the minutes between two
    of them, ``R``: it was charged."""

    E: Number
    s: str
    T: Number
    i: Number
    f: str
    p: str
    R: bool


class Error(Struct, gc=False):
    code: int = 0
    msg: str = ""


class Head(Struct, gc=False):
    """Any JSON object: a stream's frame, an answer, or a frame of an older socket."""

    e: str = ""
    type: str = ""
    id: Any = UNSET
    status: int | None = None
    error: Error | None = None
    reason: str = ""
    u: Any = UNSET
    B: Any = UNSET
    t: Any = UNSET
    m: Any = UNSET
    lastUpdateId: Any = UNSET  # noqa: N815


def decoder(kind: Any) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(kind).decode


depth, best, trade = decoder(Depth), decoder(Best), decoder(Trade)
mark, payment = decoder(Mark), decoder(Payment)
head: Callable[[bytes], Head] = decoder(Head)


def micros(stamp: int) -> int:
    """Nanoseconds in microseconds; the venue's own test files have milliseconds in their place."""
    return stamp // 1000 if stamp >= _NANOSECONDS else millis(stamp)


def millis(stamp: int) -> int:
    """Milliseconds in microseconds."""
    return min(stamp * 1000, 10**18)
