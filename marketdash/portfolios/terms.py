"""A derivative as somebody types what happened to it: its terms and numbers → legs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from marketdash.portfolios.drafts import DraftLeg
from marketdash.portfolios.exact import ONE, plain, precisely
from marketdash.portfolios.ledger import PAID, POSITION
from marketdash.portfolios.shapes import Refused


class Terms(NamedTuple):
    """``asset``: what it settles in. ``unit``: what ``multiplier`` counts. ``by``: who says so."""

    instrument: str
    asset: str
    multiplier: Decimal
    inverse: bool = False
    is_option: bool = False
    unit: str = ""
    by: str = ""


NONE = Terms("", "", ONE)
"""Where nothing can be named: what is wrong is said already."""


def named(text: str, known: Mapping[str, Terms | str]) -> Terms:
    found = known.get(text, "expected the name of a perpetual, a future or an option, found nothing")
    if isinstance(found, str):
        raise Refused("instrument", found)
    return found


def sign(text: str, sides: Mapping[str, tuple[str, int]]) -> int:
    if text not in sides:
        raise Refused("side", f"expected one of {', '.join(sides)}, found {text!r:.40}")
    return sides[text][1]


def money(of: Terms, account: int, amount: Decimal) -> DraftLeg:
    """What it paid or took."""
    return DraftLeg(account, of.asset, amount, PAID, instrument=of.instrument)


def legs(
    of: Terms, account: int, amount: Decimal, price: Decimal, paid: Decimal | None = None
) -> list[DraftLeg]:
    """``paid``: what moved with it. Where nobody says, an option is paid for at once, all else later."""
    if paid is None and of.is_option:
        with precisely():
            paid = -amount * of.multiplier * price
    contract = {"price": price, "multiplier": of.multiplier, "inverse": of.inverse}
    position = DraftLeg(account, of.asset, amount, POSITION, instrument=of.instrument, **contract)
    return [position, *([money(of, account, paid)] if paid else [])]


def words(of: Terms) -> str:
    """For whoever reviews it."""
    kind = "an option, paid for at once" if of.is_option else "inverse" if of.inverse else "linear"
    size = " ".join(filter(None, (plain(of.multiplier), of.unit)))
    by = f", by {of.by}" if of.by else ""
    return f"{of.instrument}: {kind}; one contract is {size}, settled in {of.asset}{by}"
