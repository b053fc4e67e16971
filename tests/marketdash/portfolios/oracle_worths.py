"""What legs were worth, written a second time for :mod:`tests.marketdash.portfolios.oracle`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from marketdash.portfolios.accounting.ledger import Entry, Leg

BOTH_SIDES = ("buy", "sell", "swap", "exercise")
Value = Fraction | None


def rounded(true: Fraction) -> Fraction:
    return Fraction(round(true * 10**24), 10**24)


def unit_of(entry: Entry, asset: str, base: str) -> Value:
    if asset == base:
        return Fraction(1)
    table = {}
    for rate in reversed(entry.rates):
        table[rate.asset, rate.currency] = Fraction(rate.rate)
    if (asset, base) in table:
        return table[asset, base]
    for rate in entry.rates:
        if rate.asset == asset and (rate.currency, base) in table:
            return Fraction(rate.rate) * table[rate.currency, base]
    return None


def own_worth(entry: Entry, leg: Leg, base: str) -> tuple[int, Value]:
    """(0 certain, 1 stated, 2 by a rate, 3 unknown; how much)."""
    if leg.asset == base:
        return 0, Fraction(leg.amount)
    if leg.worth is not None:
        unit = unit_of(entry, leg.worth.currency, base)
        if unit is not None:
            return 1, Fraction(leg.worth.amount) * unit * (1 if leg.amount > 0 else -1)
    unit = unit_of(entry, leg.asset, base)
    if unit is None or (entry.kind == "deposit" and leg.role == "principal"):
        return 3, None
    return 2, Fraction(leg.amount) * unit


def worths(entry: Entry, legs: list[Leg], base: str) -> list[Value]:
    graded = [(3, None) if leg.role == "position" else own_worth(entry, leg, base) for leg in legs]
    found = [value for _, value in graded]
    given = [at for at, leg in enumerate(legs) if leg.role == "principal" and leg.amount < 0]
    got = [at for at, leg in enumerate(legs) if leg.role == "principal" and leg.amount > 0]
    if entry.kind in BOTH_SIDES and given and got:
        of_given, of_got = (max(graded[at][0] for at in side) for side in (given, got))
        judge, judged = (given, got) if of_given <= of_got else (got, given)
        if all(found[at] is not None for at in judge):
            total = -sum(found[at] for at in judge)  # type: ignore[misc]
            judge_by_total(total, judged, graded, found)
    for at, leg in enumerate(legs):
        if leg.role == "fee" and found[at] is None:
            for like, value in zip(legs, found, strict=True):
                if like.role == "principal" and like.asset == leg.asset and value is not None:
                    found[at] = rounded(value * Fraction(leg.amount) / Fraction(like.amount))
                    break
    return found


def judge_by_total(total: Fraction, side: list[int], graded: list[Any], found: list[Value]) -> None:
    open_ = [at for at in side if graded[at][0] != 0]
    rest = total - sum(found[at] for at in side if at not in open_)  # type: ignore[misc]
    if rest * total < 0 or (rest and not total):
        for at in open_:
            found[at] = None
        return
    unknown = [at for at in open_ if found[at] is None]
    if len(open_) == 1:
        found[open_[0]] = rest
    elif not unknown:
        weights = [found[at] for at in open_]
        for number, at in enumerate(open_):
            weight = sum(weights[number:])  # type: ignore[arg-type]
            if not sum(weights):  # type: ignore[arg-type]
                found[at] = None
            elif at == open_[-1]:
                found[at] = rest
            else:
                found[at] = rounded(rest * weights[number] / weight) if weight else Fraction(0)  # type: ignore[operator]
                rest -= found[at]  # type: ignore[operator]
    elif len(unknown) == 1:
        left = rest - sum(found[at] for at in open_ if found[at] is not None)  # type: ignore[misc]
        found[unknown[0]] = left if left == 0 or left * total > 0 else None
