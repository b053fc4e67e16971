"""Prices in words, once for all who hold the asset, and lines as JSON that is put together of them. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from msgspec.json import Encoder

from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.valuing.pricing import Priced

_encode = Encoder().encode


class Told:
    """What was said of one line: how its JSON begins, and when its price of then was received."""

    __slots__ = ("head", "received")

    def __init__(self, name: str) -> None:
        self.head = f'{{"asset":{_encode(name).decode()}'
        self.received: int | None = None


class Words(NamedTuple):
    """``heard`` and ``moved`` end a line's JSON: with a price that came again, and with another one."""

    price: str
    received: int | None
    fields: dict[str, Any]
    heard: str
    moved: str


NO_PRICE: dict[str, Any] = {"price": None, "live": False, "path": "", "by": [], "ts_received": None}


def words(of: Priced) -> Words:
    if of.said is None:
        price, received = of.text, None if of.age_us is None else -of.age_us
        fields = {"price": price, "live": of.is_live, "path": of.path, "by": list(of.by)}
        heard = f',"ts_received":{"null" if received is None else received}}}'
        moved = f',"price":"{price}"{heard}'
        of.said = Words(price, received, {**fields, "ts_received": received}, heard, moved)
    return of.said


def moved(told: Told, of: Words, value: Decimal, gain: Decimal, day: Decimal) -> str:
    """A line that is worth something else: the hot path, so texts are made anew only where they may not be
    plain."""
    figures = f'{value!s}","gain":"{gain!s}","day":"{day!s}"'
    if '0"' in figures or "E" in figures:
        figures = f'{plain(value)}","gain":"{plain(gain)}","day":"{plain(day)}"'
    told.received = of.received
    return f'{told.head},"value":"{figures}{of.moved}'
