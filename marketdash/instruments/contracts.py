"""What a perpetual or a future is, and what its venue says of it, in words and numbers. Pure.

``core/contract.js`` works the same out in the page, to the same digit.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from feeds import symbols
from marketdash.instruments import display
from marketdash.instruments.catalogue import Listed
from marketdash.numerals import ENGLISH, Style
from marketdash.publish import Row
from marketdash.venues import funds_continuously

YEAR_DAYS = 365
_DAY_US = 86_400_000_000
_EXTRA_DECIMALS = 2
"""Venues work marks out to more digits than orders have; all of them stand in the title."""

Rows = Mapping[str, Row]
"""By channel."""


class Contract(NamedTuple):
    """``shown`` is what people read, ``titles`` the same with all digits; ``ages`` by channel."""

    words: str
    rows: Rows
    shown: Mapping[str, str]
    titles: Mapping[str, str]
    states: Mapping[str, str]
    ages: Mapping[str, str]


def contract(listed: Listed, rows: Rows, zone: ZoneInfo, style: Style = ENGLISH, now_us: int = 0) -> Contract:
    """Of one that has a mark price; ``rows`` are those of its own channels that are known."""
    mark = rows["mark"].body if "mark" in rows else {}
    funding = rows["funding"].body if "funding" in rows else {}
    decimals = listed.price_decimals + _EXTRA_DECIMALS
    basis = premium(mark.get("mark"), mark.get("index"))
    return Contract(
        words(listed, style),
        rows,
        {
            **{name: _price(mark.get(name), decimals, style) for name in ("mark", "index")},
            "basis": display.signed(basis, decimals, style),
            "basis_pct": "" if basis is None else _percent(share(basis, mark.get("index")), style),
            "yearly": _percent(yearly(basis, mark.get("index"), _left_us(listed, now_us)), style),
            "rate": _percent(_hundredfold(funding.get("rate")), style, 4),
            "payer": payer(funding.get("rate")),
            "next_in": "continuous" if funds_continuously(listed.venue) else "",
            "next": display.time_of_day(funding["next"], zone)[:5] if funding.get("next") else "",
            "interest": display.price(mark.get("open_interest"), 0, style),
            "interest_unit": counted_in(listed, mark.get("open_interest_unit", "")),
            "expiry": _date(listed, zone),
            "left": left(_left_us(listed, now_us)),
        },
        {name: str(mark.get(name, "")) for name in ("mark", "index")},
        {
            channel: rows[channel].standing.state if channel in rows else "syncing"
            for channel in listed.channels
        },
        {
            channel: display.age(rows[channel].age_us if channel in rows else None)
            for channel in listed.channels
        },
    )


# what it is


def words(listed: Listed, style: Style = ENGLISH) -> str:
    """``One contract is 100 USD, whatever the price; paid in BTC, so it is inverse.``"""
    size, pays = display.price(listed.contract_size, 0, style), listed.settle or listed.quote
    if listed.strike:
        does = "buy" if listed.right == "call" else "sell"
        return (
            f"The right to {does} {size} {listed.base} for {listed.strike_in(style)} {listed.struck_in} "
            f"each, at expiry alone (European); paid in {pays}."
        )
    if listed.counts_quote:
        return f"Sizes are in {listed.quote}, whatever the price; paid in {pays}: inverse."
    if listed.inverse:
        return f"One contract is {size} {listed.quote} worth of {listed.base}; paid in {pays}: inverse."
    if listed.counts_contracts:
        return f"One contract is {size} {listed.base}; paid in {pays}."
    return f"Sizes are in {listed.base}; paid in {pays}."


def counted_in(listed: Listed, unit: str) -> str:
    return {"base": listed.base, "quote": listed.quote, "contracts": "contracts"}.get(unit, "")


def turnover(listed: Listed, body: Mapping[str, Any]) -> Decimal | None:
    """24 hours in the quote currency: an inverse contract is worth so much of it, whatever the price."""
    volume = display.decimal(body.get("volume"))
    if volume is None or not listed.counts_contracts:
        return display.turnover(body.get("volume"), body.get("last"))
    units = display.EXACT.multiply(volume, Decimal(listed.contract_size))
    return units if listed.inverse else display.turnover(f"{units:f}", body.get("last"))


# what it stands at


def premium(mark: object, index: object) -> Decimal | None:
    """Mark less index."""
    above, below = display.decimal(mark), display.decimal(index)
    return None if above is None or below is None else display.EXACT.subtract(above, below)


def share(basis: Decimal | None, index: object) -> Decimal | None:
    """In per cent of the index."""
    of = display.decimal(index)
    return None if basis is None or not of else display.EXACT.divide(basis * 100, of)


def yearly(basis: Decimal | None, index: object, left_us: int | None) -> Decimal | None:
    """The share for 365 days, not compounded; nothing on the last day, when it says nothing any more."""
    of = display.decimal(index)
    if basis is None or not of or left_us is None or left_us < _DAY_US:
        return None
    return display.EXACT.divide(
        basis * 100 * YEAR_DAYS * _DAY_US, display.EXACT.multiply(of, Decimal(left_us))
    )


def payer(rate: object) -> str:
    """Who pays whom."""
    number = display.decimal(rate)
    if number is None:
        return ""
    return "nobody pays" if not number else "longs pay" if number > 0 else "shorts pay"


def left(left_us: int | None) -> str:
    """``in 30 days``, ``in 31 h``, ``in 12 min``, ``expired``."""
    if left_us is None:
        return ""
    if left_us <= 0:
        return "expired"
    for unit_us, most, word in ((60_000_000, 120, "min"), (3_600_000_000, 48, "h")):
        if left_us < most * unit_us:
            return f"in {left_us // unit_us} {word}"
    return f"in {left_us // _DAY_US} days"


def _left_us(listed: Listed, now_us: int) -> int | None:
    return listed.expiry_us - now_us if listed.expiry_us else None


def _hundredfold(text: object) -> Decimal | None:
    number = display.decimal(text)
    return None if number is None else number.scaleb(2, display.EXACT)


def _price(text: object, decimals: int, style: Style) -> str:
    number = display.decimal(text)
    return display.ABSENT if number is None else display.rounded(number, decimals, style)


def _percent(number: Decimal | None, style: Style, decimals: int = 3) -> str:
    shown = display.signed(number, decimals, style)
    return shown if number is None else f"{shown}%"


def _date(listed: Listed, zone: ZoneInfo) -> str:
    return display.date_and_time(listed.expiry_us, zone) if listed.expiry_us else ""


def needed(listed: Listed) -> dict[str, str]:
    """Topic by channel: what a first paint reads of it."""
    channels = [channel for channel in listed.channels if channel != symbols.LIQUIDATION]
    return {channel: symbols.topic(channel, listed.symbol) for channel in channels}
