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

    received: int | None
    heard: str
    moved: str


def words(of: Priced) -> Words:
    if of.said is None:
        received = None if of.age_us is None else -of.age_us
        heard = f',"ts_received":{"null" if received is None else received}}}'
        of.said = Words(received, heard, f',"price":"{of.text}"{heard}')
    return of.said


def fields(of: Priced | None) -> dict[str, Any]:
    """All that is said of it."""
    if of is None:
        return {"price": None, "live": False, "path": "", "by": [], "ts_received": None}
    told = {"price": of.text, "live": of.is_live, "path": of.path, "by": list(of.by)}
    return {**told, "ts_received": words(of).received}


def moved(told: Told, of: Words, value: Decimal, gain: Decimal, day: Decimal) -> str:
    """A line that is worth something else: the hot path, so texts are made anew only where they may not be
    plain."""
    figures = f'{value!s}","gain":"{gain!s}","day":"{day!s}"'
    if '0"' in figures or "E" in figures:
        figures = f'{plain(value)}","gain":"{plain(gain)}","day":"{plain(day)}"'
    told.received = of.received
    return f'{told.head},"value":"{figures}{of.moved}'
