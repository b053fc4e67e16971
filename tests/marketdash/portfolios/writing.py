"""Short words for entries in tests: ``leg("BTC", "0.1")``, ``entry("buy", leg(…), leg(…))``."""

from __future__ import annotations

from decimal import Decimal
from itertools import count

from marketdash.portfolios.accounting.drafts import Draft, DraftLeg
from marketdash.portfolios.accounting.ledger import Contract, Entry, Leg, Rate, Worth

_ids = count(1)
HOUR_US = 3_600_000_000


def leg(asset: str, amount: str, role: str = "principal", worth: str = "", account: int = 1) -> Leg:
    """``worth`` is in euro."""
    stated = Worth(Decimal(worth), "EUR", "stated") if worth else None
    return Leg(account, asset, Decimal(amount), role, stated)


def fee(asset: str, amount: str, worth: str = "") -> Leg:
    return leg(asset, amount, "fee", worth)


def contracts(
    name: str, settles: str, amount: str, price: str, multiplier: str = "1", inverse: bool = False
) -> Leg:
    terms = Contract(Decimal(price), Decimal(multiplier), inverse)
    return Leg(1, settles, Decimal(amount), "position", None, name, terms)


def paid(name: str, asset: str, amount: str) -> Leg:
    return Leg(1, asset, Decimal(amount), "paid", None, name)


def rate(asset: str, value: str, currency: str = "EUR") -> Rate:
    return Rate(asset, currency, Decimal(value), "stated")


def entry(kind: str, *parts: Leg | Rate) -> Entry:
    """An hour after the one that was written before it."""
    pk = next(_ids)
    legs = tuple(part for part in parts if isinstance(part, Leg))
    return Entry(pk, pk * HOUR_US, kind, legs, tuple(part for part in parts if isinstance(part, Rate)))


def draft_of(entry: Entry, account: int | None = None, **more: str) -> Draft:
    """The same, to be recorded; its legs keep their accounts."""
    legs = tuple(_draft_leg(leg) for leg in entry.legs)
    return Draft(entry.kind, entry.at_us, account or entry.legs[0].account, legs, entry.rates, **more)  # type: ignore[arg-type]


def _draft_leg(leg: Leg) -> DraftLeg:
    worth = leg.worth or Worth(None, "", "")  # type: ignore[arg-type]
    terms = leg.contract or Contract(None, Decimal(1), False)  # type: ignore[arg-type]
    amounts = (leg.account, leg.asset, leg.amount, leg.role, *worth, leg.instrument)
    return DraftLeg(*amounts, terms.price, terms.multiplier, terms.inverse)
