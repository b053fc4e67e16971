"""What a market says for a field that is left empty: in the same words while one types and in the review."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from marketdash.numerals import Style
from marketdash.portfolios.accounting import exact
from marketdash.portfolios.accounting.exact import ONE
from marketdash.portfolios.valuing.valuation import Marked, Rate
from marketdash.portfolios.words.shown import places, quantity, unit


class Offer(NamedTuple):
    """Of a form's ``field``: ``value`` as the form takes it, ``shown`` as the person writes numbers, between
    the words before and after it; or why there is none, in ``lacks``. ``is_amount``: not for others' eyes."""

    field: str
    value: str = ""
    lead: str = ""
    shown: str = ""
    rest: str = ""
    is_amount: bool = False
    lacks: str = ""


def second(
    label: str, rate: Rate | None, first: Decimal, pair: tuple[str, str], when: str, style: Style
) -> Offer:
    """What so much comes to at the market, to the places of the second asset unless nothing is left of it
    there."""
    asset, currency = pair
    whole = exact.ZERO if rate is None else rate.of(first)
    if rate is None or not whole:
        return nothing("amount2", f"of {asset} in {currency}", "the amount")
    amount = exact.placed(whole, places(currency)) or whole
    price = f"1 {asset} = {unit(rate.of(ONE), style)} {currency}, {rate.path}"
    names = ", ".join(step.symbol for step in rate.steps)
    by = f"{price}, of {names}, {when}, {_age(rate.age_us, style)}"
    rest = f" {currency}, by the market's price of that time: {by}"
    return Offer("amount2", exact.plain(amount), label, quantity(amount, style), rest, is_amount=True)


def price(found: Marked | None, name: str, style: Style) -> Offer:
    """Of one contract, as its exchange quotes it."""
    if found is None:
        return nothing("price", f"of {name}", "it")
    by = f"{name}, {found.when}, {_age(found.age_us, style)}"
    rest = f", by the market's price of that time: {by}"
    return Offer("price", exact.plain(found.price), "Price", quantity(found.price, style), rest)


def nothing(field: str, what: str, to_type: str) -> Offer:
    return Offer(field, lacks=f"no market here says a price {what} of that time: type {to_type}")


def _age(us: int, style: Style) -> str:
    """Of the oldest price on the way, when it was asked."""
    return f"{quantity(Decimal(us // 100_000) / 10, style)} s old then"
