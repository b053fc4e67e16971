"""An entry as somebody hands it in, and what is asked of it before it is recorded. Pure.

Numbers come as text. Every refusal names the field: ``legs.1.amount`` is the amount of the second leg.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from feeds import symbols
from marketdash.portfolios.accounting import exact, shapes
from marketdash.portfolios.accounting.ledger import (
    KINDS,
    POSITION,
    PRINCIPAL,
    REVERSAL,
    ROLES,
    SOURCES,
    TYPED,
    Contract,
    Leg,
    Rate,
    Worth,
)
from marketdash.portfolios.accounting.shapes import Refused

MOST_LEGS, NOTE_LENGTH, REFERENCE_LENGTH, SOURCE_LENGTH = 200, 1000, 200, 200
SLACK_US = 5 * 60 * 1_000_000
"""How far a clock may be ahead of ours."""

_UNWRITABLE = frozenset({"\0", *map(chr, range(0xD800, 0xE000))})

Number = str | int | Decimal


@dataclass(frozen=True)
class DraftLeg:
    """``worth`` with its ``currency`` is what the leg was worth; a position has a price and its terms."""

    account: int
    asset: str
    amount: Number
    role: str = PRINCIPAL
    worth: Number | None = None
    currency: str = ""
    worth_source: str = ""
    instrument: str = ""
    price: Number | None = None
    multiplier: Number = "1"
    inverse: bool = False


@dataclass(frozen=True)
class DraftRate:
    asset: str
    currency: str
    rate: Number
    source: str


@dataclass(frozen=True)
class Draft:
    """``account`` is where it was recorded. Empty ``fingerprint``: it is unlike any other."""

    kind: str
    at_us: int
    account: int
    legs: Sequence[DraftLeg]
    rates: Sequence[DraftRate] = ()
    source: str = TYPED
    reference: str = ""
    note: str = ""
    fingerprint: str = field(default_factory=lambda: f"once:{uuid.uuid4().hex}")


class Checked(NamedTuple):
    """A draft whose numbers are numbers and whose legs fit its kind."""

    draft: Draft
    legs: tuple[Leg, ...]
    rates: tuple[Rate, ...]


def fingerprint(*parts: str) -> str:
    """Of what identifies an entry where it comes from: the same parts give the same one, others another."""
    whole = b"".join(b"%d:%b" % (len(encoded), encoded) for encoded in (part.encode() for part in parts))
    return hashlib.sha256(whole).hexdigest()


def checked(draft: Draft, now_us: int) -> Checked:
    """Raises :class:`~marketdash.portfolios.accounting.shapes.Refused`."""
    _check_head(draft, now_us)
    if not 0 < len(draft.legs) <= MOST_LEGS:
        raise Refused("legs", f"expected 1 to {MOST_LEGS}, found {len(draft.legs)}")
    legs = tuple(_leg(leg, f"legs.{at}") for at, leg in enumerate(draft.legs))
    shapes.check(draft.kind, legs)
    rates = tuple(_rate(rate, f"rates.{at}") for at, rate in enumerate(draft.rates))
    if len({rate[:2] for rate in rates}) < len(rates):
        raise Refused("rates", "expected one of an asset in a currency, found two")
    return Checked(draft, legs, rates)


def _check_head(draft: Draft, now_us: int) -> None:
    if draft.kind not in KINDS or draft.kind == REVERSAL:
        raise Refused("kind", f"expected one of {', '.join(KINDS)}, found {draft.kind!r:.40}")
    if draft.source not in SOURCES:
        raise Refused("source", f"expected one of {', '.join(SOURCES)}, found {draft.source!r:.40}")
    if not 0 <= draft.at_us <= now_us + SLACK_US:
        raise Refused("time", f"expected one from 1970 until now, found {draft.at_us} µs")
    for name, most in (("note", NOTE_LENGTH), ("reference", REFERENCE_LENGTH), ("fingerprint", 64)):
        text(getattr(draft, name), name, most)
    if not draft.fingerprint:
        raise Refused("fingerprint", "expected some text, found nothing")


def text(value: str, name: str, most: int) -> str:
    """What PostgreSQL cannot store, and what is too long, is refused here and not there."""
    if len(value) > most or not _UNWRITABLE.isdisjoint(value):
        raise Refused(name, f"expected at most {most} characters, found {len(value)}: {value!a:.60}")
    return value


def _leg(leg: DraftLeg, name: str) -> Leg:
    if leg.role not in ROLES:
        raise Refused(f"{name}.role", f"expected one of {', '.join(ROLES)}, found {leg.role!r:.40}")
    amount = _number(leg.amount, f"{name}.amount")
    if not amount:
        raise Refused(f"{name}.amount", "expected more or less than 0, found 0")
    contract = _contract(leg, name) if leg.role == POSITION else None
    return Leg(leg.account, leg.asset, amount, leg.role, _worth(leg, name), _instrument(leg, name), contract)


def _worth(leg: DraftLeg, name: str) -> Worth | None:
    if leg.worth is None:
        return None
    if leg.role == POSITION:
        raise Refused(f"{name}.worth", "expected none: contracts have a price")
    amount = _number(leg.worth, f"{name}.worth")
    if amount < 0 or not leg.currency:
        raise Refused(f"{name}.worth", f"expected 0 or more of a currency, found {leg.worth} {leg.currency}")
    return Worth(amount, leg.currency, text(leg.worth_source, f"{name}.worth_source", SOURCE_LENGTH))


def _instrument(leg: DraftLeg, name: str) -> str:
    try:
        if leg.instrument:
            symbols.split_instrument(leg.instrument)
    except symbols.InvalidName as problem:
        raise Refused(f"{name}.instrument", str(problem).partition(": ")[2]) from None
    return text(leg.instrument, f"{name}.instrument", 97)


def _contract(leg: DraftLeg, name: str) -> Contract:
    price = _number("" if leg.price is None else leg.price, f"{name}.price")
    multiplier = _number(leg.multiplier, f"{name}.multiplier")
    if price < 0 or (leg.inverse and not price):
        raise Refused(
            f"{name}.price", f"expected {'more than 0' if leg.inverse else '0 or more'}, found {leg.price}"
        )
    if multiplier <= 0:
        raise Refused(f"{name}.multiplier", f"expected more than 0, found {leg.multiplier}")
    return Contract(price, multiplier, leg.inverse)


def rate(draft: DraftRate) -> Rate:
    """Of an entry that is recorded already."""
    return _rate(draft, "rate")


def _rate(draft: DraftRate, name: str) -> Rate:
    found = _number(draft.rate, f"{name}.rate")
    if found < 0 or draft.asset == draft.currency:
        raise Refused(
            f"{name}.rate",
            f"expected 0 or more of another currency, found {draft.rate} {draft.currency} for {draft.asset}",
        )
    return Rate(draft.asset, draft.currency, found, text(draft.source, f"{name}.source", SOURCE_LENGTH))


def _number(value: Number, name: str) -> Decimal:
    try:
        return exact.number(value, name)
    except exact.InvalidNumber as problem:
        raise Refused(problem.what, problem.words) from None
