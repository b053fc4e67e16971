"""What all of Bybit's markets write alike: the envelope of a topic, and numbers.

https://bybit-exchange.github.io/docs/v5/ws/connect. The order of keys differs between markets and depths, so
nothing is found by its place; a frame does not say which market it is of.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Context, Decimal
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, Struct

from feeds.events import Event
from feeds.symbols import is_number

Stamp: TypeAlias = Annotated[int, Meta(ge=0, le=253_402_300_799_999)]
"""Milliseconds, everywhere."""
Id: TypeAlias = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Levels: TypeAlias = list[tuple[str, str]]
Reader: TypeAlias = Callable[[bytes, int], list[Event]]
"""From a whole frame and our receive time; it knows of which topic and instrument it is."""

_LONGEST_MS = 253_402_300_799_999
_FRACTION = re.compile(r"([+-]?)([0-9]{1,18})(?:\.([0-9]{1,20}))?")
# Two numbers of twenty digits on each side of the point.
_EXACT = Context(prec=60)


class Named(Struct, gc=False):
    """Any JSON object: data of a topic, an answer to a request."""

    topic: str = ""
    op: str = ""
    type: str = ""
    success: bool | None = None
    ret_msg: str = ""
    req_id: str | int | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


class Topics(Struct, gc=False):
    """What the options' market answers: what it agreed to, and what not."""

    successTopics: list[str] = []  # noqa: N815
    failTopics: list[str] = []  # noqa: N815


named: Callable[[bytes], Named] = msgspec.json.Decoder(Named).decode
topics: Callable[[Any], Topics] = msgspec.json.Decoder(Topics).decode


def decoder(payload: Any) -> Callable[[bytes], Any]:
    """Of a topic's whole frame. ``cts`` is when the matching engine made it, ``ts`` when it was sent."""
    fields: list[Any] = [("data", payload), ("ts", Stamp), ("type", str, ""), ("cts", Stamp, 0)]
    return msgspec.json.Decoder(msgspec.defstruct("Frame", fields, gc=False)).decode


def priced(price: str, quantity: str) -> tuple[str, str]:
    """One side's best level; without a price above zero there is none."""
    return (price, quantity) if price.strip("0.") else ("", "")


def unless_zero(text: str) -> str:
    return text if text.strip("0.") else ""


def percent(fraction: str) -> str:
    """``0.0015`` is ``0.15``: the point is moved, no digit is lost. What is no number stays so."""
    found = _FRACTION.fullmatch(fraction)
    if found is None:
        return fraction
    rest = (found[3] or "").ljust(2, "0")
    whole, rest = (found[2] + rest[:2]).lstrip("0") or "0", rest[2:]
    return f"{found[1]}{whole}.{rest}" if rest else found[1] + whole


def half(text: str) -> str:
    return f"{_EXACT.divide(Decimal(text), Decimal(2)):f}" if is_number(text) else text


def difference(last: str, before: str) -> str:
    """``""`` where one of them is not known."""
    if not (is_number(last) and is_number(before)):
        return ""
    return f"{_EXACT.subtract(Decimal(last), Decimal(before)):f}"


def micros(text: str) -> int:
    """Of milliseconds that are written as text; 0: not said. Raises :class:`ValueError`."""
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()) or len(text) > 15 or int(text) > _LONGEST_MS:
        raise ValueError(f"time: expected milliseconds, found {text!r:.40}")
    return int(text) * 1000
