"""What one became: step by step, or at the pace at which amounts of several times become one amount. Pure.

A rate is no money: it has 34 digits, at a hundredth of what exact quotients cost. The amounts are exact.
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

from marketdash.portfolios.accounting.exact import ONE, ZERO

PLACES = Decimal("1E-12")
_TRYING = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-999_999,
    Emax=999_999,
    traps=[InvalidOperation, DivisionByZero, Overflow, FloatOperation],
)
MOST = Decimal(10) ** 11
"""Whoever had next to nothing and has something gained no number that means anything."""
_CLOSE = Decimal("1E-20")
_WIDEST, _MOST_TRIES = 64, 200

Term = tuple[Decimal, Decimal]
"""(an amount, the part of the time in which it worked)."""


def chained(steps: Iterable[tuple[Decimal, Decimal]]) -> list[Decimal]:
    """What one became after each step from one amount, which is above zero, to another."""
    with localcontext(_TRYING):
        found = [ONE]
        for start, end in steps:
            found.append(found[-1] * end / start)
        return found


def drawdown(index: Iterable[Decimal]) -> Decimal:
    """The deepest fall from the highest before it, of that; 0 where there was none."""
    peak, least = ZERO, ONE
    with localcontext(_TRYING):
        for each in index:
            if each >= peak:
                peak = each
            else:
                least = min(least, each / peak)
        return ONE - least


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
        return None if found is None or found.exp() > MOST else found.exp().quantize(PLACES)


def scaled(growth: Decimal, span: int, of: int) -> Decimal:
    """The same pace for ``span``, where ``growth`` took ``of``."""
    with localcontext(_TRYING):
        return (growth.ln() * span / of).exp().quantize(PLACES) if growth > 0 else ZERO


def _root(terms: Sequence[Term]) -> Decimal | None:
    """The logarithm of the growth, if there is one and no other."""

    def off(log: Decimal) -> Decimal:
        return sum((amount * (part * log).exp() for amount, part in terms), ZERO)

    bracket = _around(off)
    found = None if bracket is None else _between(off, *bracket)
    return found if found is not None and _is_only(terms, found) else None


Off = Callable[[Decimal], Decimal]


def _around(off: Off) -> tuple[Decimal, Decimal] | None:
    """From standing still outwards: a higher pace makes more of it, so where that is too much it is less."""
    still = off(ZERO) > 0
    near, far = ZERO, Decimal("-0.015625" if still else "0.015625")
    while abs(far) <= _WIDEST:
        if (off(far) > 0) != still:
            return min(near, far), max(near, far)
        near, far = far, far * 4
    return None


def _is_only(terms: Sequence[Term], log: Decimal) -> bool:
    """A pace at which nobody ever took out more than there was is the only one that fits (Soper, 1959)."""
    balance, before = ZERO, ONE
    least = -max(abs(amount) for amount, _ in terms) * PLACES
    for amount, part in reversed(terms):
        if balance < least:
            return False
        balance, before = balance * ((before - part) * log).exp() + amount, part
    return True


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
