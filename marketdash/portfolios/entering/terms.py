"""A derivative as somebody types what happened to it: its terms and numbers → legs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from marketdash.portfolios.accounting.drafts import DraftLeg
from marketdash.portfolios.accounting.exact import ONE, ZERO, plain, precisely
from marketdash.portfolios.accounting.ledger import PAID, POSITION
from marketdash.portfolios.accounting.shapes import Refused
from marketdash.portfolios.entering.blanks import CALL, CASH


class Terms(NamedTuple):
    """``asset``: what it settles in. ``unit``: what ``multiplier`` counts. ``by``: who says so.

    Of options ``right`` is a call or a put, and ``delivers`` what they are of, as far as the catalogue knows.
    """

    instrument: str
    asset: str
    multiplier: Decimal
    inverse: bool = False
    is_option: bool = False
    unit: str = ""
    by: str = ""
    strike: Decimal | None = None
    right: str = ""
    delivers: str = ""


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


def settles(text: str, ways: Mapping[str, str], of: Terms) -> str:
    """In which way it ends, where that is one that it can."""
    if text not in ways:
        raise Refused("settles", f"expected one of {', '.join(ways)}, found {text!r:.40}")
    if text != CASH and of.right and text != of.right:
        raise Refused("settles", f"expected a {of.right}, as {of.instrument} is one, found a {text}")
    if text != CASH and of.inverse:
        raise Refused("settles", f"expected cash: {of.instrument} pays {of.asset} and delivers nothing")
    return text


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


def delivery(
    of: Terms, account: int, amount: Decimal, right: str, strike: Decimal, asset: str
) -> list[DraftLeg]:
    """An option that ends in what it is of, for its strike. Whoever held a call gets it, or had written a
    put; whoever held a put gives it, or had written a call."""
    with precisely():
        quantity = abs(amount) * of.multiplier * (1 if (right == CALL) == (amount < 0) else -1)
        paid = -quantity * strike
    (position,) = legs(of, account, amount, ZERO, ZERO)
    return [position, DraftLeg(account, asset, quantity), DraftLeg(account, of.asset, paid)]


def words(of: Terms) -> str:
    """For whoever reviews it."""
    kind = "an option, paid for at once" if of.is_option else "inverse" if of.inverse else "linear"
    size = " ".join(filter(None, (plain(of.multiplier), of.unit)))
    by = f", by {of.by}" if of.by else ""
    return f"{of.instrument}: {kind}; one contract is {size}, settled in {of.asset}{by}"
