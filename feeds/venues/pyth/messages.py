"""What Hermes sends over its WebSocket, and what it means; what others recorded of its event stream, too.

https://github.com/pyth-network/pyth-crosschain/blob/main/apps/hermes/server/src/api/ws.rs and ``types.rs``
beside it: ``price_update`` for each feed that was asked for, and ``response`` to each request, which says
neither which request it answers nor which feeds. An event of ``/v2/updates/price/stream``, with or without
its ``data:``, has all feeds in ``parsed`` (``types.rs``, ``PriceUpdate``).
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from feeds.events import Ack, Event, InstrumentStatus, Reconnect, Stats, Unknown
from feeds.symbols import instrument_name

VENUE = "PYTH"
STILL_S = 60
"""A price that is older was not published any more: the age that Pyth's own examples allow
(https://docs.pyth.network/price-feeds/core/use-real-time-data/pull-integration/evm)."""
STILL = "no new price is published"
_AGED = "Connection timeout"


class Price(Struct, gc=False):
    """``price`` and ``conf`` are integers as text, to be multiplied by ten to the power of ``expo``;
    ``publish_time`` is in seconds."""

    price: Annotated[str, Meta(pattern=r"^-?[0-9]{1,20}$")]
    conf: Annotated[str, Meta(pattern=r"^[0-9]{1,20}$")]
    expo: Annotated[int, Meta(ge=-20, le=12)]
    publish_time: Annotated[int, Meta(ge=0, le=9_000_000_000)]


class Feed(Struct, gc=False):
    """``id`` is written as whoever asked for it may write it: with ``0x``, in large letters."""

    id: Annotated[str, Meta(pattern=r"^(?:0x)?[0-9a-fA-F]{64}$")]
    price: Price


class Message(Struct, gc=False):
    """All that comes; an error of the rate alone has no ``type``."""

    type: str = ""
    status: str = ""
    error: str = ""
    price_feed: Feed | None = None
    parsed: list[Feed] | None = None


_decode = msgspec.json.Decoder(Message).decode


_DATA = b"data:"


@lru_cache(maxsize=4096)
def instrument(native: str) -> str:
    return instrument_name(VENUE, native.lower().removeprefix("0x"))


def scaled(number: str, expo: int) -> str:
    """``6401210000000`` and -8 → ``64012.10000000``: each digit that was sent, and no other."""
    return f"{Decimal(number).scaleb(expo):f}"


def read(frame: bytes, received_ns: int) -> list[list[Event]]:
    """What it says, of one feed after the other. Raises what msgspec raises, and ValueError."""
    found = _decode(frame.removeprefix(_DATA))
    if found.type == "price_update":
        if found.price_feed is None:
            raise ValueError("price_feed: expected a price, found none")
        return [_price(found.price_feed, received_ns)]
    if found.parsed:
        return [_price(feed, received_ns) for feed in found.parsed]
    return [[_answer(found)]]


def _answer(found: Message) -> Event:
    if found.status == "success":
        return Ack(True, "", "", "", 0, in_order=True)
    if found.status == "error":
        return _refusal(found.error)
    return Unknown(f"message {found.type:.40}" if found.type else "message")


def _price(feed: Feed, ns: int) -> list[Event]:
    """A price is sent again and again while no new one is published: then it is none of now."""
    name, price = instrument(feed.id), feed.price
    told, sure = scaled(price.price, price.expo), scaled(price.conf, price.expo)
    value = Stats(name, told, *5 * ("",), price.publish_time * 1_000_000, ns, sure)
    if ns // 1_000_000_000 - price.publish_time > STILL_S:
        return [value, InstrumentStatus(name, "halted", STILL, ns)]
    return [value]


def _refusal(words: str) -> Event:
    """Of a whole request, since one feed that there is not makes it fail: ``Price feed(s) with id(s) [0x…]
    not found``. Identifiers are ours without the ``0x``."""
    if words.startswith(_AGED):
        return Reconnect(words[:200])
    said = words.replace("[0x", "[").replace(" 0x", " ")[:200]
    return Ack(False, said or "refused without a reason", "", "", 0, in_order=True)
