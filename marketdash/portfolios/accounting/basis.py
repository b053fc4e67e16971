"""What each leg of an entry was worth at its time, in one currency: what lots are made of. Pure.

A worth comes from the best of four: the leg is that currency; somebody stated it; a rate of that time is
known; the other side of the same trade is worth as much. What none of them gives is unknown, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from marketdash.portfolios.accounting.exact import EXACT, ONE, PLACES, ZERO, placed, share
from marketdash.portfolios.accounting.ledger import (
    DEPOSIT,
    EXERCISE,
    FEE,
    PAID,
    POSITION,
    PRINCIPAL,
    TRADES,
    Contract,
    Entry,
    Leg,
    Rate,
)

_SAME, _STATED, _BY_RATE, _UNKNOWN = range(4)
_ORDER = {PRINCIPAL: 0, PAID: 1, POSITION: 2, FEE: 3}
_BALANCED = TRADES | {EXERCISE}


class Move(NamedTuple):
    """A leg with its ``value``, signed like its amount, or None where that is unknown.

    A position leg has no value of its own; ``unit`` is what one unit of its asset was worth.
    """

    account: int
    asset: str
    amount: Decimal
    role: str
    value: Decimal | None
    instrument: str = ""
    contract: Contract | None = None
    unit: Decimal | None = None


def valued(entry: Entry, base: str) -> list[Move]:
    """Principals as they stand, then money of derivatives, positions, and fees, which may eat of the rest.

    Runs under :func:`marketdash.portfolios.accounting.exact.precisely`.
    """
    units = units_of(entry.rates, base)
    legs = sorted(entry.legs, key=_order)
    values = [_graded(leg, base, units) for leg in legs]
    if entry.kind in _BALANCED:
        _balance(legs, values)
    elif entry.kind == DEPOSIT:
        _keep_costs(legs, values)
    _imply_fees(legs, values)
    return [_move(leg, value, units) for leg, (_, value) in zip(legs, values, strict=True)]


def _order(leg: Leg) -> int:
    return _ORDER[leg.role]


_Units = dict[str, Decimal]
_Graded = tuple[int, Decimal | None]


def units_of(rates: Iterable[Rate], base: str) -> _Units:
    """What one of each asset was worth, through one stated rate or two; the first that was stated counts."""
    direct = {base: ONE}
    for asset, currency, rate, _ in rates:
        if currency == base:
            direct.setdefault(asset, rate)
    found = dict(direct)
    for asset, currency, rate, _ in rates:
        if asset not in found and currency in direct:
            found[asset] = rate * direct[currency]
    return found


def _move(leg: Leg, value: Decimal | None, units: _Units) -> Move:
    account, asset, amount, role, _, instrument, contract = leg
    unit = units.get(asset) if role == POSITION else None
    return Move(account, asset, amount, role, value, instrument, contract, unit)


def _graded(leg: Leg, base: str, units: _Units) -> _Graded:
    """How sure, and how much."""
    if leg.role == POSITION:
        return _UNKNOWN, None
    if leg.asset == base:
        return _SAME, leg.amount
    if leg.worth is not None and leg.worth.currency in units:
        worth = leg.worth.amount * units[leg.worth.currency]
        return _STATED, worth if leg.amount > 0 else -worth
    unit = units.get(leg.asset)
    return (_UNKNOWN, None) if unit is None else (_BY_RATE, leg.amount * unit)


def _keep_costs(legs: Sequence[Leg], values: list[_Graded]) -> None:
    """What a deposit cost is what somebody says. Its price on that day is no cost."""
    for at, (grade, _) in enumerate(values):
        if grade == _BY_RATE and legs[at].role == PRINCIPAL:
            values[at] = _UNKNOWN, None


def _balance(legs: Sequence[Leg], values: list[_Graded]) -> None:
    """What was given is worth what was got: the surer side says how much, of equals the given one."""
    given, got = [], []
    for at, leg in enumerate(legs):
        if leg.role == PRINCIPAL:
            (got if leg.amount > 0 else given).append(at)
    if not given or not got:
        return
    if len(given) == len(got) == 1:  # nearly all there are
        _balance_two(values, given[0], got[0])
        return
    of_given, of_got = (max(values[at][0] for at in side) for side in (given, got))
    sure, other = (given, got) if of_given <= of_got else (got, given)
    worths = [worth for at in sure if (worth := values[at][1]) is not None]
    if len(worths) == len(sure):
        shares = _spread(-sum(worths, ZERO), [values[at] for at in other])
        for at, value in zip(other, shares, strict=True):
            values[at] = values[at][0], value


def _balance_two(values: list[_Graded], given: int, got: int) -> None:
    sure, other = (given, got) if values[given][0] <= values[got][0] else (got, given)
    worth, (grade, _) = values[sure][1], values[other]
    if worth is not None and grade != _SAME:
        values[other] = grade, -worth


def _spread(total: Decimal, side: Sequence[_Graded]) -> list[Decimal | None]:
    """``total`` over one side of a trade. What is the currency itself is worth itself, whatever the total."""
    fixed = sum((value for grade, value in side if grade == _SAME and value is not None), ZERO)
    shares = iter(_shares(total, total - fixed, [value for grade, value in side if grade != _SAME]))
    return [value if grade == _SAME else next(shares) for grade, value in side]


def _shares(total: Decimal, rest: Decimal, worths: Sequence[Decimal | None]) -> Sequence[Decimal | None]:
    """By their own worths, or what is left for the one that has none, unless that has another sign."""
    known = [worth for worth in worths if worth is not None]
    if not _is_part(rest, total):
        return [None] * len(worths)
    if len(worths) == 1:
        return [rest]
    if len(known) == len(worths):
        return _in_turn(rest, known)
    left = rest - sum(known, ZERO)
    fits = len(known) == len(worths) - 1 and _is_part(left, total)
    return [(left if fits else None) if worth is None else worth for worth in worths]


def _is_part(some: Decimal, total: Decimal) -> bool:
    """Nothing is a part of everything, and the only part of nothing."""
    return not some or (bool(total) and (some > 0) == (total > 0))


def _in_turn(rest: Decimal, weights: Sequence[Decimal]) -> list[Decimal | None]:
    """Each its share of what is left, the last all of it. By weights of nothing, nobody can say."""
    of, found = sum(weights, ZERO), []
    if not of:
        return [None] * len(weights)
    for weight in weights[:-1]:
        found.append(share(rest, weight, of) if of else ZERO)
        rest, of = rest - found[-1], of - weight
    return [*found, rest]


def _imply_fees(legs: Sequence[Leg], values: list[_Graded]) -> None:
    """A fee in an asset of the same trade, for which no rate is known, is worth what the trade says of it."""
    for at, leg in enumerate(legs):
        if values[at][1] is not None or leg.role != FEE:
            continue
        for other, like in enumerate(legs):
            value = values[other][1]
            if like.role == PRINCIPAL and like.asset == leg.asset and value is not None:
                values[at] = _BY_RATE, share(value, leg.amount, like.amount)
                break


def cost_of(amount: Decimal, contract: Contract) -> Decimal:
    """What so many contracts cost, in what they settle in; see :class:`~.pools.Lot`.

    Of an inverse one it is negative: its gain is ``contracts × multiplier × (1 ÷ opened - 1 ÷ closed)``.
    """
    if contract.inverse:
        return -share(amount, contract.multiplier, contract.price)
    return amount * contract.multiplier * contract.price


def price_of(quantity: Decimal, cost: Decimal | None, contract: Contract | None) -> Decimal | None:
    """Of one contract, on average, as :func:`cost_of` made a cost of it: of inverse ones the harmonic mean.
    None where nobody can say.

    The cost of an inverse one was rounded, and what was opened at 37,700 is to be so: digits that come of
    nothing else are left out, of up to a hundred lots.
    """
    if contract is None or cost is None or not quantity:
        return None
    size = EXACT.multiply(quantity, contract.multiplier)
    if not contract.inverse:
        return share(cost, ONE, size)
    if not cost:
        return None
    price = share(size, -ONE, cost)
    certain = PLACES - 3 + cost.adjusted() - price.adjusted()
    return placed(price, min(max(certain, 0), PLACES))


def delivering(moves: Sequence[Move]) -> tuple[int, int] | None:
    """Places of the contracts, and of what is delivered for what they settle in: one of each, or nobody can
    say what their cost is a part of."""
    contracts = [at for at, move in enumerate(moves) if move.role == POSITION]
    if len(contracts) != 1:
        return None
    settles = moves[contracts[0]].asset
    principal = [at for at, move in enumerate(moves) if move.role == PRINCIPAL]
    delivered = [at for at in principal if moves[at].asset != settles]
    return (contracts[0], delivered[0]) if len(principal) == 2 and len(delivered) == 1 else None
