"""Amounts as somebody types them: text → number, or what was expected and found. Pure."""

from __future__ import annotations

from decimal import Decimal

from marketdash.portfolios.accounting import exact
from marketdash.portfolios.accounting.shapes import Refused


def amount(text: str, either_way: bool = False, what: str = "amount") -> Decimal:
    found = _needed(text, what)
    if not found or (found < 0 and not either_way):
        word = "anything but 0" if either_way else "more than 0"
        raise Refused("amount", f"expected {word}, found {text:.80}")
    return found


def fee(text: str) -> Decimal | None:
    return _not_below(text, "expected 0 or more, as what was paid") if text else None


def worth(text: str) -> Decimal | None:
    return _not_below(text, "expected 0 or more") if text else None


def price(text: str, inverse: bool) -> Decimal:
    """An inverse contract pays what 1 ÷ price says; any other may end worthless, at 0."""
    found = _not_below(text, "expected 0 or more", "price")
    if inverse and not found:
        raise Refused("price", f"expected more than 0, found {text:.80}")
    return found


def _needed(text: str, what: str) -> Decimal:
    if not text:
        raise Refused(what, f"the {what} is empty: type a number, such as 1250.5")
    return exact.number(text)


def _not_below(text: str, expected: str, what: str = "amount") -> Decimal:
    found = _needed(text, what)
    if found < 0:
        raise Refused("amount", f"{expected}, found {text:.80}")
    return found
