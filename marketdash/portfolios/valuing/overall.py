"""One total over portfolios that are measured in several currencies. Pure.

What those of one currency come to, and what they gained, is turned into the common one by one market rate of
now, each sum rounded once. What the currencies themselves gained against each other is in none of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from marketdash.portfolios.accounting.exact import ZERO
from marketdash.portfolios.valuing.summary import FIGURES, Figure, Summary, together
from marketdash.portfolios.valuing.valuation import Rate


class Overall(NamedTuple):
    """``whole``: what all ``count`` portfolios come to, of all that is known of it. ``rates``: of one of each
    other currency of which a sum is more or less than nothing, None where no market leads from it. ``sums``
    are those of each currency, by name; what has no rate, or none that is live, is missing or stale in that
    of the common one.
    """

    whole: Summary
    count: int
    rates: Mapping[str, Rate | None]
    sums: tuple[Summary, ...]

    @property
    def currency(self) -> str:
        return self.whole.base

    @property
    def is_partial(self) -> bool:
        return self.whole.is_partial


def currency_of(bases: Iterable[str]) -> str:
    """What most of them are measured in; of equals the first by name."""
    counts = Counter(bases)
    return min(counts, key=lambda code: (-counts[code], code))


def by_currency(found: Iterable[Summary]) -> dict[str, Summary]:
    """What those of each come to, by its name."""
    several: dict[str, list[Summary]] = {}
    for each in found:
        several.setdefault(each.base, []).append(each)
    return {base: together(several[base]) for base in sorted(several)}


def overall(found: Sequence[Summary], currency: str, rate_of: Callable[[str], Rate | None]) -> Overall:
    """``currency`` is that of one of them. What is nothing is so in every currency, without a rate."""
    sums = by_currency(found)
    rates = {base: rate_of(base) for base, each in sums.items() if base != currency and _is_more(each)}
    missing = [base for base, rate in rates.items() if rate is None]
    stale = [base for base, rate in rates.items() if rate is not None and not rate.is_live]
    own = sums[currency]
    sums[currency] = own._replace(missing=_with(own.missing, missing), stale=_with(own.stale, stale))
    others = (turned(each, currency, rates.get(base)) for base, each in sums.items() if base != currency)
    return Overall(together([sums[currency], *others]), len(found), rates, tuple(sums.values()))


def _is_more(of: Summary) -> bool:
    """Or less than nothing: what it is worth, or one of its figures."""
    return bool(of.total) or any(getattr(of, name).value for name in FIGURES)


def turned(of: Summary, currency: str, rate: Rate | None) -> Summary:
    """Its sums in another currency, by what one of its own is there; without a rate nobody can say them."""
    figures = {name: _figure(getattr(of, name), rate) for name in FIGURES}
    return of._replace(base=currency, total=rate.of(of.total) if rate else ZERO, **figures)


def _figure(of: Figure, rate: Rate | None) -> Figure:
    if not of.value:
        return of
    if rate is None:
        return Figure(ZERO, of.unknown + of.known, 0)
    return of._replace(value=rate.of(of.value))


def _with(names: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*names, *more}))
