"""OANDA's messages and answers as they are written: https://developer.oanda.com/rest-live-v20/pricing-df/

Numbers are text. Liquidity is documented as a bare number, and comes as text too.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Raw, Struct, field

from feeds.bare import NOTHING, digits
from feeds.codec import DecodeError

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d):([0-5]\d|60)(?:\.(\d{1,9}))?Z", re.ASCII).fullmatch
_UNIX = re.compile(r"(\d{1,11})(?:\.(\d{1,9}))?", re.ASCII).fullmatch


class Level(Struct, gc=False):
    price: str
    liquidity: Raw = NOTHING


class Tick(Struct, gc=False):
    """A price of the API before this one, v1, in bare numbers and without sizes; or a heartbeat of it."""

    time: str
    instrument: str = ""
    bid: Raw = NOTHING
    ask: Raw = NOTHING
    status: str = ""


class Message(Struct, gc=False):
    """All that a stream sends. Of 2016 prices are shown without their ``type``; ``status`` is the older word
    for ``tradeable``. Prices at which positions are closed where nobody offers any are not read."""

    type: str = ""
    time: str = ""
    instrument: str = ""
    bids: list[Level] | None = None
    asks: list[Level] | None = None
    tradeable: bool | None = None
    status: str = ""
    tick: Tick | None = None
    heartbeat: Tick | None = None


class Figures(Struct, gc=False):
    open: str = field(name="o")
    high: str = field(name="h")
    low: str = field(name="l")
    close: str = field(name="c")


class Candle(Struct, gc=False):
    """``volume`` is how many prices there were, which is no quantity, and is not read."""

    time: str
    mid: Figures
    complete: bool


class Candles(Struct, gc=False):
    candles: list[Candle]


class Instrument(Struct, gc=False):
    name: str
    type: str
    precision: int = field(name="displayPrecision")
    least: str = field(name="minimumTradeSize", default="1")


class Instruments(Struct, gc=False):
    instruments: list[Instrument]


read = msgspec.json.Decoder(Message).decode


def decode(kind: Any, body: bytes) -> Any:
    """An answer by REST; raises :class:`DecodeError`."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error


def amount(raw: Raw) -> str:
    """Raises ValueError for what is neither a number nor the text of one."""
    data = bytes(raw)
    return msgspec.json.decode(data, type=str) if data[:1] == b'"' else digits(raw)


@lru_cache(maxsize=64)
def _minute_us(text: str) -> int:
    return round(datetime.fromisoformat(f"{text}:00+00:00").timestamp()) * 1_000_000


def micros(text: str) -> int:
    """``2016-10-27T08:38:43.094548890Z``, or ``1477557523.094548890`` where that was asked for, in integer µs
    since 1970; what is finer is cut off. Raises :class:`ValueError`."""
    if (found := _RFC3339(text)) is not None:
        return max(0, _minute_us(found[1])) + int(found[2]) * 1_000_000 + _fraction_us(found[3])
    if (found := _UNIX(text)) is not None:
        return int(found[1]) * 1_000_000 + _fraction_us(found[2])
    raise ValueError(f"time: expected 2016-10-27T08:38:43.094548890Z, found {text!r:.60}")


def _fraction_us(digits: str | None) -> int:
    return int((digits or "").ljust(6, "0")[:6])
