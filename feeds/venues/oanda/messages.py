"""What OANDA's stream of prices means: https://developer.oanda.com/rest-live-v20/pricing-ep/

A dealer's quotes: nobody trades with anybody, so there are no trades, no last price and no order book. The
best bucket of each side is the quote; those behind it are what the dealer takes for larger orders.
"""

from __future__ import annotations

from collections.abc import Sequence

from feeds.bare import digits
from feeds.events import Event, Heartbeat, InstrumentStatus, Quote, Unknown
from feeds.symbols import instrument_name
from feeds.venues.oanda import shapes
from feeds.venues.oanda.shapes import Level, Message, Tick, amount, micros

VENUE = "OANDA"
CLOSED, INVALID = "the venue takes no orders in it now", "the venue calls its price invalid"
_REASONS = {"": CLOSED, "non-tradeable": CLOSED, "invalid": INVALID}


def events_of(frame: bytes, received_ns: int) -> list[Event]:
    """A price, with the halt before it while nobody can trade at it. Raises what msgspec raises, and
    ValueError."""
    found = shapes.read(frame)
    if found.type == "PRICE" or (not found.type and found.instrument):
        return _price(found, received_ns)
    if found.type == "HEARTBEAT":
        return [Heartbeat(VENUE, micros(found.time), received_ns)]
    if found.tick is not None:
        return _tick(found.tick, received_ns)
    if found.heartbeat is not None:
        return [Heartbeat(VENUE, micros(found.heartbeat.time), received_ns)]
    return [Unknown(f"type {found.type:.40}" if found.type else "message")]


def _price(found: Message, ns: int) -> list[Event]:
    name = instrument_name(VENUE, found.instrument)
    quote = Quote(name, *_best(found.bids), *_best(found.asks), micros(found.time), ns)
    if why := _halted(found):
        return [InstrumentStatus(name, "halted", why, ns), quote]
    return [quote]


def _tick(found: Tick, ns: int) -> list[Event]:
    """https://developer.oanda.com/rest-live/streaming/, and ``status`` of …/rest-live/rates/"""
    name = instrument_name(VENUE, found.instrument)
    quote = Quote(name, digits(found.bid), "", digits(found.ask), "", micros(found.time), ns)
    return [InstrumentStatus(name, "halted", CLOSED, ns), quote] if found.status == "halted" else [quote]


def _best(levels: Sequence[Level] | None) -> tuple[str, str]:
    """The first, as they are ordered from the best on. A side without liquidity is empty."""
    if levels is None:
        raise ValueError("bids, asks: expected the buckets of both sides")
    return (levels[0].price, amount(levels[0].liquidity)) if levels else ("", "")


def _halted(found: Message) -> str:
    tradeable = found.status in ("", "tradeable") if found.tradeable is None else found.tradeable
    return "" if tradeable else _REASONS.get(found.status, CLOSED)
