"""The rate at which amounts of several times become one amount. Pure.

A rate is found by trying, so it is rounded; the amounts are not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    InvalidOperation,
    Overflow,
    localcontext,
)
from itertools import pairwise

from marketdash.portfolios.exact import ZERO

PLACES = Decimal("1E-12")
_TRYING = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-9999,
    Emax=9999,
    traps=[InvalidOperation, DivisionByZero, Overflow, FloatOperation],
)
_CLOSE = Decimal("1E-20")
_WIDEST, _GRID, _MOST_TRIES = 64, 64, 200

Term = tuple[Decimal, Decimal]
"""(an amount, the part of the time in which it worked)."""


def growth(paid: Iterable[tuple[int, Decimal]], span: int, end: Decimal) -> Decimal | None:
    """What one became in all of ``span``, if each of ``paid`` (time left to work, amount) grew at one pace to
    ``end`` together. None where no pace does that, or several do."""
    with localcontext(_TRYING):
        amounts: dict[int, Decimal] = defaultdict(Decimal)
        for left, amount in [*paid, (0, -end)]:
            amounts[left] += amount
        terms = [(amount, Decimal(left) / span) for left, amount in sorted(amounts.items()) if amount]
        if terms and all(amount > 0 and part for amount, part in terms):  # nothing is left of it
            return ZERO
        found = _root(terms)
        return None if found is None else found.exp().quantize(PLACES)


def scaled(growth: Decimal, span: int, of: int) -> Decimal:
    """The same pace for ``span``, where ``growth`` took ``of``."""
    with localcontext(_TRYING):
        return (growth.ln() * span / of).exp().quantize(PLACES) if growth > 0 else ZERO


def _root(terms: Sequence[Term]) -> Decimal | None:
    """The logarithm of the growth."""

    def off(log: Decimal) -> Decimal:
        return sum((amount * (part * log).exp() for amount, part in terms), ZERO)

    turns = sum((one > 0) != (other > 0) for (one, _), (other, _) in pairwise(terms))
    if turns == 0:
        return None
    bracket = _around(off) if turns == 1 else _only(off)
    return None if bracket is None else _between(off, *bracket)


Off = Callable[[Decimal], Decimal]


def _around(off: Off) -> tuple[Decimal, Decimal] | None:
    """Amounts that turn once have one rate (Descartes): wider and wider around none."""
    width = Decimal("0.015625")
    while width <= _WIDEST:
        if (off(-width) > 0) != (off(width) > 0):
            return -width, width
        width *= 2
    return None


def _only(off: Off) -> tuple[Decimal, Decimal] | None:
    """Amounts that turn more often may have several, and then none of them is the one."""
    logs = [Decimal(each) / 8 for each in range(-_GRID, _GRID + 1)]
    above = [off(log) > 0 for log in logs]
    found = [
        (one, other) for (one, low), (other, high) in pairwise(zip(logs, above, strict=True)) if low != high
    ]
    return found[0] if len(found) == 1 else None


def _between(off: Off, low: Decimal, high: Decimal) -> Decimal:
    """False position, where the end that stays counts half (Illinois)."""
    at_low, at_high, stayed = off(low), off(high), 0
    for _ in range(_MOST_TRIES):
        if not at_high - at_low or high - low < _CLOSE:
            break
        middle = high - at_high * (high - low) / (at_high - at_low)
        here = off(middle)
        if not here:
            return middle
        if (here > 0) == (at_high > 0):
            high, at_high = middle, here
            at_low, stayed = (at_low / 2 if stayed == 1 else at_low), 1
        else:
            low, at_low = middle, here
            at_high, stayed = (at_high / 2 if stayed == -1 else at_high), -1
    return high if abs(at_high) < abs(at_low) else low
