"""Numbers of money: decimal text at the boundary, exact in between. Pure.

Sums, differences and products are exact: under :data:`EXACT` a result that does not fit is an error, never a
rounding. Only a division rounds, and there is one: :func:`share`.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from decimal import (
    ROUND_05UP,
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)

WHOLE, PLACES = 20, 24
"""Digits that a number may have before and after the point: more than any token's 18, NEAR's 24 included."""
LENGTH = 1 + WHOLE + 1 + PLACES

# A price by a quantity by a multiplier has 132 digits at most, a quantity by the prices of a path of four
# 220; sums of a billion of them have ten more.
_DIGITS = 300
_NEVER = [InvalidOperation, DivisionByZero, Overflow, FloatOperation]
EXACT = Context(prec=_DIGITS, rounding=ROUND_HALF_EVEN, Emin=-999, Emax=999, traps=[*_NEVER, Inexact])
# Rounded so, a quotient can be rounded once more and is what one rounding would have made of it.
_QUOTIENT = Context(prec=_DIGITS, rounding=ROUND_05UP, Emin=-999, Emax=999, traps=_NEVER)
# As good where it has two digits more than are kept, and much sooner there.
_FEW = 60
_SHORT = Context(prec=_FEW, rounding=ROUND_05UP, Emin=-999, Emax=999, traps=_NEVER)
# Cut off anywhere, a quotient begins with the same digit.
_CUT = Context(prec=3, rounding=ROUND_DOWN, Emin=-999, Emax=999, traps=_NEVER)
_PLACED = Context(prec=_DIGITS, rounding=ROUND_HALF_EVEN, Emin=-999, Emax=999, traps=_NEVER)

ZERO, ONE = Decimal(0), Decimal(1)
_LAST_PLACE = ONE.scaleb(-PLACES)
_PLAIN = re.compile(rf"[+-]?[0-9]{{1,{WHOLE}}}(?:\.[0-9]{{1,{PLACES}}})?").fullmatch
_TEXT = re.compile(r"[+-]?(?:[0-9]{1,64}(?:\.[0-9]{0,64})?|\.[0-9]{1,64})(?:[eE][+-]?[0-9]{1,2})?")


class InvalidNumber(ValueError):
    """Not a number that a ledger can hold; ``words`` say what was expected and found."""

    def __init__(self, what: str, words: str) -> None:
        super().__init__(f"{what}: {words}")
        self.what, self.words = what, words


def number(value: str | int | Decimal, what: str = "number") -> Decimal:
    """Without trailing zeros. Refuses floats, NaN, Infinity and what is longer than a ledger holds."""
    if isinstance(value, str):
        if _PLAIN(value):  # nearly all there are, and nothing else can be wrong with them
            return EXACT.normalize(found) if (found := Decimal(value)) else ZERO
        found = Decimal(value) if _TEXT.fullmatch(value) else None
    else:
        found = _of_number(value)
    if value == "":
        raise InvalidNumber(what, "expected a number such as 0.5, found nothing")
    if found is None:
        huge = isinstance(value, int) and not isinstance(value, bool)  # too long to be written out
        shown = "a whole number of more than 64 digits" if huge else f"{value!r:.60}"
        raise InvalidNumber(what, f"expected a plain decimal number, found {shown}")
    if not found:
        return ZERO
    found = EXACT.normalize(found)
    if found.adjusted() >= WHOLE or int(found.as_tuple().exponent) < -PLACES:
        most = f"at most {WHOLE} digits before the point and {PLACES} after it"
        raise InvalidNumber(what, f"expected {most}, found {value!s:.140}")
    return found


def _of_number(value: object) -> Decimal | None:
    """Whole numbers are exact, and so is a bounded Decimal; a truth is no number."""
    if isinstance(value, Decimal):
        if not value:
            return ZERO
        digits = len(value.as_tuple().digits)
        return value if value.is_finite() and digits <= _DIGITS and abs(value.adjusted()) < 99 else None
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value) if abs(value) < 10**64 else None
    return None


def plain(value: Decimal) -> str:
    """The one text of a number: no exponent, no trailing zeros, no minus before zero."""
    if not value:
        return "0"
    text = str(EXACT.normalize(value))  # a third of what format() costs, and nearly always the same
    return format(Decimal(text), "f") if "E" in text else text


def short(value: Decimal) -> tuple[Decimal, int]:
    """The same number without zeros behind its last place, and how many places that are: 1200 and 0."""
    text = plain(value)
    return Decimal(text), places(text)


def places(text: str) -> int:
    """Of a plain text."""
    return len(text.partition(".")[2])


def share(whole: Decimal, part: Decimal, of: Decimal) -> Decimal:
    """``whole × part ÷ of``, rounded once, half to even, to :data:`PLACES` places.

    Who divides something among several gives each its share of what is left, and the last one all of that: so
    nothing is lost or made.
    """
    product = EXACT.multiply(whole, part)
    if of is ONE or of == ONE:
        return _PLACED.quantize(product, _LAST_PLACE)
    few = product.adjusted() - of.adjusted() < _FEW - PLACES - 2
    return _PLACED.quantize((_SHORT if few else _QUOTIENT).divide(product, of), _LAST_PLACE)


def placed(value: Decimal, places: int) -> Decimal:
    """Rounded half to even: for what is proposed, never for what is held."""
    return _PLACED.quantize(value, ONE.scaleb(-places))


def ratio(one: Decimal, other: Decimal) -> Decimal:
    """To put quotients in order and for nothing else: equal ones are equal and others differ."""
    return _QUOTIENT.divide(one, other)


def magnitude(one: Decimal, other: Decimal) -> int:
    """The power of ten of ``one ÷ other``."""
    return _CUT.divide(one, other).adjusted()


def precisely() -> AbstractContextManager[Context]:
    """Operators inside follow :data:`EXACT`; the context of the process has 28 digits and rounds, and with
    it a bare minus and ``abs``. :meth:`Decimal.copy_negate` and :meth:`Decimal.copy_abs` never do."""
    return localcontext(EXACT)
