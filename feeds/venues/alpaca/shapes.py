"""The shapes of Alpaca's messages: https://docs.alpaca.markets/docs/real-time-stock-pricing-data

Every frame is an array. What controls the link comes alone, data many at a time and of all sorts mixed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Raw, Struct, field

from feeds.codec import DecodeError


class Message(Struct, gc=False, tag_field="T"):
    """What each of them is, is its ``T``."""


class Data(Message, gc=False):
    symbol: str = field(name="S")
    time: str = field(name="t")


class Trade(Data, gc=False, tag="t"):
    id: int = field(name="i")
    price: Raw = field(name="p")
    size: Raw = field(name="s")
    exchange: str = field(name="x", default="")
    tape: str = field(name="z", default="")


class Quote(Data, gc=False, tag="q"):
    bid: Raw = field(name="bp")
    bid_size: Raw = field(name="bs")
    ask: Raw = field(name="ap")
    ask_size: Raw = field(name="as")


class _Bar(Data, gc=False):
    open: Raw = field(name="o")
    high: Raw = field(name="h")
    low: Raw = field(name="l")
    close: Raw = field(name="c")
    volume: Raw = field(name="v")


class MinuteBar(_Bar, gc=False, tag="b"):
    """Made of trades that were followed too."""


class UpdatedBar(_Bar, gc=False, tag="u"):
    """A minute that a late trade changed; that trade comes as well."""


class DailyBar(_Bar, gc=False, tag="d"):
    """The day so far, once a minute."""


class Correction(Data, gc=False, tag="c"):
    was: int = field(name="oi")
    id: int = field(name="ci")
    price: Raw = field(name="cp")
    size: Raw = field(name="cs")
    exchange: str = field(name="x", default="")
    tape: str = field(name="z", default="")


class Cancel(Data, gc=False, tag="x"):
    """``action``: C for a cancellation, E for an error. The trade is gone either way."""

    id: int = field(name="i")
    exchange: str = field(name="x", default="")
    action: str = field(name="a", default="")
    tape: str = field(name="z", default="")


class Band(Data, gc=False, tag="l"):
    """Limit up, limit down: between which prices may be. Carried nowhere."""

    up: Raw = field(name="u")
    down: Raw = field(name="d")


class Status(Data, gc=False, tag="s"):
    code: str = field(name="sc")
    words: str = field(name="sm", default="")
    reason: str = field(name="rm", default="")


class Imbalance(Data, gc=False, tag="i"):
    """Of orders in an auction that comes. Carried nowhere."""


class Success(Message, gc=False, tag="success"):
    msg: str


class Error(Message, gc=False, tag="error"):
    code: int
    msg: str = ""


class Subscribed(Message, gc=False, tag="subscription"):
    """All that the link has now; of what there is none the list may be null."""

    trades: list[str] | None = None
    quotes: list[str] | None = None
    daily: list[str] | None = field(name="dailyBars", default=None)


Known = (
    Trade | Quote | MinuteBar | UpdatedBar | DailyBar | Correction | Cancel | Band | Status | Imbalance
    | Success | Error | Subscribed
)  # fmt: skip


class Unread(Struct, gc=False):
    """A sort of message that is not documented; ``kind`` is its ``T``."""

    kind: str = field(name="T", default="message")


_all: Callable[[bytes], list[Any]] = msgspec.json.Decoder(list[Known]).decode
_one: Callable[[bytes], Any] = msgspec.json.Decoder(Known).decode
_parts: Callable[[bytes], list[Raw]] = msgspec.json.Decoder(list[Raw]).decode
_head: Callable[[bytes], Unread] = msgspec.json.Decoder(Unread).decode
_KINDS = {each.__struct_config__.tag for each in Known.__args__}


def read(frame: bytes) -> list[Any]:
    """Its messages. One of a sort that nobody knows costs none of the others. Raises what msgspec raises."""
    try:
        return _all(frame)
    except msgspec.ValidationError:
        if frame.lstrip()[:1] == b"{":  # what is no array is none of theirs
            return [_head(frame)]
        return [_apart(bytes(part)) for part in _parts(frame)]


def _apart(part: bytes) -> Any:
    head = _head(part)
    return _one(part) if head.kind in _KINDS else head


def decode(kind: Any, body: bytes) -> Any:
    """An answer by REST; raises :class:`DecodeError`."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error


@lru_cache(maxsize=64)
def _minute_us(text: str) -> int:
    digits = text.replace("-", "").replace("T", "").replace(":", "")
    if len(text) != 16 or len(digits) != 12 or not _is_digits(digits):
        raise ValueError(f"time: expected 2021-02-22T15:51:44.208Z, found {text!r:.60}")
    return round(datetime.fromisoformat(f"{text}:00+00:00").timestamp()) * 1_000_000


def micros(text: str) -> int:
    """``2021-02-22T15:51:45.335689322Z`` in integer µs since 1970; what is finer is cut off.

    The fraction has any number of digits, or none. Raises :class:`ValueError`.
    """
    second, fraction = text[17:19], text[20:-1]
    point = "." if fraction else "Z"
    digits = second + fraction
    if text[16:17] != ":" or text[19:20] != point or text[-1:] != "Z" or not _is_digits(digits):
        raise ValueError(f"time: expected 2021-02-22T15:51:44.208Z, found {text!r:.60}")
    if len(second) != 2 or second > "60":
        raise ValueError(f"time: expected seconds up to 60, found {text!r:.60}")
    return max(0, _minute_us(text[:16])) + int(second + fraction.ljust(6, "0")[:6])


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdecimal()
