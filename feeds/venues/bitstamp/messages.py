"""What Bitstamp's messages mean, as events. Numbers stay the venue's text."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from msgspec import Raw

from feeds.bare import digits
from feeds.events import (
    BUY,
    SELL,
    Ack,
    BookDelta,
    BookSnapshot,
    Event,
    Funding,
    Heartbeat,
    Level,
    Mark,
    Quote,
    Reconnect,
    Trade,
    Unknown,
)
from feeds.symbols import instrument_name
from feeds.venues.bitstamp import shapes
from feeds.venues.bitstamp.shapes import micros, seconds

VENUE = "BITSTAMP"
BOOKS, CHANGES, TRADES, RATES = "order_book_", "diff_order_book_", "live_trades_", "funding_rate_"
"""What the names of channels begin with; the market is what is left."""
PICTURED = 100
"""Levels a side of each picture: https://www.bitstamp.net/websocket/v2/, "Live order book"."""

Reader: TypeAlias = Callable[[Raw, str, int], list[Event]]

# https://www.bitstamp.net/websocket/v2/: "Trade type (0 - buy; 1 - sell)", which is what the later of the two
# orders did: of every trade that is shown there or elsewhere its number is the greater one.
_SIDES = (BUY, SELL)
_NO_LEVEL = "", ""


def read(frame: bytes, received_ns: int) -> list[Event]:
    """Raises ValueError, or what msgspec raises, on a frame of the wrong shape."""
    found = shapes.frame(frame)
    reader, instrument = _route(found.event, found.channel)
    if reader is not None:
        return reader(found.data, instrument, received_ns)
    control = _CONTROL.get(found.event)
    if control is not None:
        return [control(found, received_ns)]
    return [Unknown(f"{found.event or 'message':.40}")]


@lru_cache(maxsize=8192)
def _route(event: str, channel: str) -> tuple[Reader | None, str]:
    prefix = channel[: channel.rfind("_") + 1]
    reader = _READERS.get((event, prefix))
    return reader, instrument_name(VENUE, channel[len(prefix) :]) if reader else ""


def _picture(data: Raw, instrument: str, ns: int) -> list[Event]:
    """``order_book_btcusd``: the whole of the best hundred a side, each time that any of them changed.

    Nothing is to be lost: the next one has all of it. The best of both sides are the quote. What is bid
    at zero, which comes last, is no level.
    """
    found = shapes.book(data)
    us, bids, asks = micros(found.microtimestamp), found.bids, found.asks
    if bids and not bids[-1][0].strip("0."):
        bids.pop()
    best = *(bids[0] if bids else _NO_LEVEL), *(asks[0] if asks else _NO_LEVEL)
    book = BookSnapshot(instrument, bids, asks, PICTURED, us, None, us, ns)
    return [book, Quote(instrument, *best, us, ns)]


def _change(data: Raw, instrument: str, ns: int) -> list[Event]:
    """``diff_order_book_btcusd``: changed levels of the whole book; what is there now, zero for nothing.

    Its time says which picture by REST has it already, and nothing says what came before it.
    """
    found = shapes.book(data)
    us, bids = micros(found.microtimestamp), priced(found.bids)
    return [BookDelta(instrument, bids, found.asks, 1, us, None, None, us, ns)]


def _trade(data: Raw, instrument: str, ns: int) -> list[Event]:
    found = shapes.trade(data)
    if found.type not in (0, 1):
        raise ValueError(f"type: expected 0 or 1, found {found.type}")
    price, amount = found.price_str or digits(found.price), found.amount_str or digits(found.amount)
    if not (price and amount):
        raise ValueError("expected a price and an amount")
    us = micros(found.microtimestamp) if found.microtimestamp else seconds(found.timestamp)
    number = found.id_str or str(found.id)
    return [Trade(instrument, number, _SIDES[found.type], price, amount, us, ns)]


def _rate(data: Raw, instrument: str, ns: int) -> list[Event]:
    """``funding_rate_btcusd-perp``, a second apart. How long an interval lasts is not in it."""
    found = shapes.rate(data)
    us, due_us = seconds(found.timestamp), seconds(found.next_funding_time)
    return [
        Mark(instrument, found.mark_price, found.index_price, "", us, ns),
        Funding(instrument, found.funding_rate, due_us, 0, "", us, ns),
    ]


def _agreed(found: shapes.Frame, ns: int) -> Event:
    return Ack(True, "", "", "", 0, stream=found.channel)


def _left(found: shapes.Frame, ns: int) -> Event:
    return Ack(True, "", "", "", 0, subscribed=False, stream=found.channel)


def _refused(found: shapes.Frame, ns: int) -> Event:
    """``{"event":"bts:error","channel":"","data":{"code":null,"message":"Invalid channel provided."}}``."""
    words = shapes.problem(found.data).message[:200] or "refused without a reason"
    return Ack(False, words, "", "", 0, stream=found.channel[:200])


def _beat(found: shapes.Frame, ns: int) -> Event:
    """Only for those who ask, which we do not."""
    return Heartbeat(VENUE, 0, ns)


def _moved(found: shapes.Frame, ns: int) -> Event:
    """``{"event":"bts:request_reconnect","channel":"","data":null}``: "a few seconds to reconnect"."""
    return Reconnect("the venue asks for another connection")


_READERS: dict[tuple[str, str], Reader] = {
    ("data", BOOKS): _picture,
    ("data", CHANGES): _change,
    ("trade", TRADES): _trade,
    ("funding_rate_saved", RATES): _rate,
}
_CONTROL: dict[str, Callable[[shapes.Frame, int], Event]] = {
    "bts:subscription_succeeded": _agreed,
    "bts:unsubscription_succeeded": _left,
    "bts:error": _refused,
    "bts:heartbeat": _beat,
    "bts:request_reconnect": _moved,
}


def priced(levels: list[Level]) -> list[Level]:
    """Without what is bid at a price of zero, of which whole books by REST are known to have one."""
    return [level for level in levels if level[0].strip("0.")]
