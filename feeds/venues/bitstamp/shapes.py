"""The shapes of Bitstamp's messages: https://www.bitstamp.net/websocket/v2/

Each is an event of a channel with its data. The channel's name ends with the market and stands behind them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, Raw, Struct

from feeds.bare import NOTHING
from feeds.events import Level

Number: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]

# More digits than a time in microseconds has for the next ten thousand years.
_MOST_DIGITS = 18


class Frame(Struct, gc=False):
    event: str = ""
    channel: str = ""
    data: Raw = NOTHING


class Book(Struct, gc=False):
    """A picture of the best hundred a side, or what changed of the whole book. ``microtimestamp`` is all that
    orders them."""

    microtimestamp: str
    bids: list[Level]
    asks: list[Level]


class Picture(Struct, gc=False):
    """By REST, where the microseconds were not always told."""

    bids: list[Level]
    asks: list[Level]
    timestamp: str = ""
    microtimestamp: str = ""


class Trade(Struct, gc=False):
    """Numbers stand in it twice, as text since 2019; ``id_str`` came with ids that no float can hold.
    The microseconds were not always told."""

    id: Number
    type: int
    microtimestamp: str = ""
    timestamp: str = ""
    id_str: str = ""
    price_str: str = ""
    amount_str: str = ""
    price: Raw = NOTHING
    amount: Raw = NOTHING


class Rate(Struct, gc=False):
    """Of a perpetual, once a second. Times are in seconds."""

    funding_rate: str
    mark_price: str
    index_price: str
    timestamp: str
    next_funding_time: str


class Problem(Struct, gc=False):
    message: str = ""


def _decoder(kind: Any) -> Callable[[bytes | Raw], Any]:
    return msgspec.json.Decoder(kind).decode


frame: Callable[[bytes], Frame] = _decoder(Frame)
book, trade, rate, problem = _decoder(Book), _decoder(Trade), _decoder(Rate), _decoder(Problem)
picture = _decoder(Picture)


def micros(text: str) -> int:
    """Microseconds since 1970 of their digits; raises ValueError."""
    if not (text.isascii() and text.isdecimal()) or len(text) > _MOST_DIGITS:
        raise ValueError(f"time: expected digits, found {text!r:.40}")
    return int(text)


def seconds(text: str) -> int:
    """The same of whole seconds; raises ValueError."""
    return micros(f"{text}000000")
