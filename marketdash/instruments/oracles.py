"""A market against indexes of the same pair. Pure.

``core/oracle.js`` works the same out in the page, to the same digit. Only what has the same quote currency is
compared: a tether is not a dollar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from marketdash.instruments import display
from marketdash.instruments.catalogue import Listed
from marketdash.instruments.contracts import premium, share
from marketdash.instruments.lines import Line
from marketdash.numerals import ENGLISH, Style

KINDS = ("spot", "forex", "equity", "perpetual", "future")
"""What has a price of its base in its quote: an option's is of a right, an index is what is held against."""
EXTRA_DECIMALS = 2


class Oracle(NamedTuple):
    """One index against the market: ``shown`` is what people read, ``titles`` the same with all digits."""

    line: Line
    shown: Mapping[str, str]
    titles: Mapping[str, str]


class Oracles(NamedTuple):
    """``words`` say why there is none, or which ones are not compared."""

    mid: str
    rows: list[Oracle]
    words: str


def oracles(line: Line, others: Iterable[Line], style: Style = ENGLISH) -> Oracles:
    """``others`` are instruments of the same asset."""
    listed, found = line.listed, list(others)
    here = middle(line.body) if line.state == "live" else None
    decimals = listed.price_decimals + 1
    same = [each for each in found if compares(listed, each.listed)]
    return Oracles(
        display.ABSENT if here is None else display.rounded(here, decimals, style),
        [_oracle(listed, here, each, style) for each in same],
        words(listed, [each.listed for each in found]),
    )


def compares(listed: Listed, other: Listed) -> bool:
    """Whether ``other`` is an index of what ``listed`` has a price of, in the same currency."""
    same = (listed.asset, listed.quote_asset) == (other.asset, other.quote_asset)
    return listed.kind in KINDS and other.kind == "index" and same


def words(listed: Listed, others: Iterable[Listed]) -> str:
    """What is not compared, and why; ``""`` where there is nothing to say."""
    if listed.kind not in KINDS:
        return f"An {listed.kind} is held against no index here."
    indexes = [each for each in others if each.kind == "index" and each.asset == listed.asset]
    strange = sorted({each.quote for each in indexes if each.quote_asset != listed.quote_asset})
    said = []
    if not any(compares(listed, each) for each in indexes):
        said.append(f"No index of {listed.base}/{listed.quote} is followed.")
    if strange:
        said.append(f"Indexes in {', '.join(strange)} are not compared: {listed.quote} is another currency.")
    return " ".join(said)


def _oracle(listed: Listed, here: Decimal | None, line: Line, style: Style) -> Oracle:
    value, sure = line.body.get("last"), line.body.get("confidence")
    decimals = listed.price_decimals + EXTRA_DECIMALS
    off = premium(None if here is None else f"{here:f}", value) if line.state == "live" else None
    told = {"price": value, "confidence": sure}
    return Oracle(
        line,
        {
            **{name: _price(text, decimals, style) for name, text in told.items()},
            "off": _percent(share(off, value), style),
            "times": _times(off, sure, style),
            "bps": display.fixed(bps(sure, value), 2, style),
            "age": display.age(published_us(line.body, line.age_us)),
        },
        {name: str(text or "") for name, text in told.items()},
    )


def middle(body: Mapping[str, Any]) -> Decimal | None:
    """Between the best bid and the best ask; nothing where one is missing."""
    return display.middle(body.get("bid"), body.get("ask"))


def multiple(off: Decimal | None, confidence: object) -> Decimal | None:
    """How many times its confidence the market is away from an index; signed."""
    sure = display.decimal(confidence)
    return None if off is None or not sure else display.EXACT.divide(off, sure)


def bps(confidence: object, value: object) -> Decimal | None:
    """In hundredths of a per cent of the index."""
    sure, of = display.decimal(confidence), display.decimal(value)
    return None if sure is None or not of else display.EXACT.divide(sure * 10_000, of)


def published_us(body: Mapping[str, Any], age_us: int | None) -> int | None:
    """How long ago its venue published it: what it took to us, and what has passed since."""
    at, received = body.get("ts_exchange"), body.get("ts_received")
    return None if age_us is None or not at or not received else age_us + max(0, received - at)


def _times(off: Decimal | None, confidence: object, style: Style) -> str:
    number = multiple(off, confidence)
    return display.ABSENT if number is None else f"{display.signed(number, 1, style)} ×"


def _percent(number: Decimal | None, style: Style) -> str:
    shown = display.signed(number, 3, style)
    return shown if number is None else f"{shown}%"


def _price(text: object, decimals: int, style: Style) -> str:
    number = display.decimal(text)
    return display.ABSENT if number is None else display.rounded(number, decimals, style)
