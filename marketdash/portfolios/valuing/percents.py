"""A portfolio without amounts: what may be shown of it, rounded so far that no amount follows from it. Pure.

With all their digits, weights and market prices would give away the quantities' ratios, and often the
quantities. So what leaves here has three places at most, on pages, in files and on sockets. It is the same
for a portfolio a thousand times as large: whoever watches for long, while rounded numbers change, finds
ratios more finely than they are written, and never an amount.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

from marketdash.portfolios.accounting.exact import ZERO, precisely, share
from marketdash.portfolios.valuing.lines import HUNDRED, Holding, Open
from marketdash.portfolios.valuing.summary import Summary

_WEIGHT, _PERCENT = Decimal("0.001"), Decimal("0.01")
_ROUNDING = Context(prec=99, rounding=ROUND_HALF_UP)
"""As numbers are written on pages: the same digits stand on this page and on the owner's."""


class Part(NamedTuple):
    """One line. ``weight`` is of 1, ``percent`` its gain and ``day`` its change of 24 hours, of a hundred.

    ``partly``: a part of it has no known cost. ``path`` and ``by``: which markets, not what they say.
    """

    name: str
    weight: Decimal | None
    percent: Decimal | None
    day: Decimal | None
    partly: bool
    is_missing: bool
    is_stale: bool
    age_us: int | None
    path: str
    by: tuple[str, ...] = ()


class PerCents(NamedTuple):
    """``gain``: of the holdings whose cost is known. The rest is as in :class:`Summary`."""

    base: str
    day: Decimal | None
    gain: Decimal | None
    holdings: tuple[Part, ...]
    positions: tuple[Part, ...]
    missing: tuple[str, ...]
    stale: tuple[str, ...]
    uncosted: tuple[str, ...]
    age_us: int


def per_cents(summary: Summary) -> PerCents:
    """All that is left of it when nobody is to see an amount."""
    return PerCents(
        base=summary.base,
        day=_rounded(summary.day_percent, _PERCENT),
        gain=_gain(summary),
        holdings=tuple(sorted(map(_holding, summary.holdings), key=_place)),
        positions=tuple(_position(row) for row in summary.positions),
        missing=summary.missing,
        stale=summary.stale,
        uncosted=summary.uncosted,
        age_us=summary.age_us,
    )


def _place(part: Part) -> tuple[bool, Decimal, str]:
    """The largest first. Of those that are equal as they are shown, nobody sees which is larger."""
    return part.is_missing, -(part.weight or ZERO), part.name


def _holding(row: Holding) -> Part:
    with precisely():
        before = None if row.value is None or row.day is None else row.value - row.day
        day = share(row.day, HUNDRED, abs(before)) if row.day is not None and before else None
    return Part(
        row.asset,
        _rounded(row.weight, _WEIGHT),
        _rounded(row.percent, _PERCENT),
        _rounded(day, _PERCENT),
        bool(row.unknown),
        row.value is None,
        row.is_stale,
        row.age_us,
        row.rate.path if row.rate is not None and row.rate.steps else "",
        row.priced.by if row.priced is not None else (),
    )


def _position(row: Open) -> Part:
    weight = _rounded(row.weight, _WEIGHT)
    return Part(row.name, weight, None, None, False, row.value is None, row.is_stale, row.age_us, "")


def _gain(summary: Summary) -> Decimal | None:
    """The currency itself gains nothing and is left out, as in the sum of what is unrealised."""
    counted = [row for row in summary.holdings if row.percent is not None and row.asset != summary.base]
    with precisely():
        cost = sum((abs(row.cost) for row in counted), ZERO)
        gain = sum((row.gain for row in counted if row.gain is not None), ZERO)
        return _rounded(share(gain, HUNDRED, cost), _PERCENT) if cost else None


def _rounded(value: Decimal | None, place: Decimal) -> Decimal | None:
    return None if value is None else value.quantize(place, context=_ROUNDING)
