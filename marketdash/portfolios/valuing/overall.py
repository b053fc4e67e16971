"""One total over portfolios that are measured in several currencies. Pure.

What those of one currency come to is turned into the common one by one market rate, rounded once. A gain has
no such sum: what was paid in one currency was paid at the rates of its time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from marketdash.portfolios.accounting.exact import precisely
from marketdash.portfolios.valuing.summary import Summary, together
from marketdash.portfolios.valuing.valuation import Rate


class Overall(NamedTuple):
    """``total`` of ``count`` portfolios, of all that is known of it. ``rates``: of one of each other
    currency, None where no market leads from it. ``sums`` are those of each currency, by name; what has no
    rate, or none that is live, is missing or stale in that of the common one.
    """

    currency: str
    count: int
    total: Decimal
    rates: Mapping[str, Rate | None]
    sums: tuple[Summary, ...]

    @property
    def is_partial(self) -> bool:
        return any(each.is_partial for each in self.sums)


def currency_of(bases: Iterable[str]) -> str:
    """What most of them are measured in; of equals the first by name."""
    counts = Counter(bases)
    return min(counts, key=lambda code: (-counts[code], code))


def overall(found: Sequence[Summary], currency: str, rate_of: Callable[[str], Rate | None]) -> Overall:
    """``currency`` is that of one of them. What is worth nothing is so in every currency, without a rate."""
    by_base: dict[str, list[Summary]] = {}
    for each in found:
        by_base.setdefault(each.base, []).append(each)
    sums = {base: together(by_base[base]) for base in sorted(by_base)}
    rates = {base: rate_of(base) for base in sums if base != currency}
    needed = {base: rate for base, rate in rates.items() if sums[base].total}
    missing = [base for base, rate in needed.items() if rate is None]
    stale = [base for base, rate in needed.items() if rate is not None and not rate.is_live]
    worths = [rate.of(sums[base].total) for base, rate in needed.items() if rate is not None]
    with precisely():
        total = sum(worths, sums[currency].total)
    own = sums[currency]
    sums[currency] = own._replace(missing=_with(own.missing, missing), stale=_with(own.stale, stale))
    return Overall(currency, len(found), total, rates, tuple(sums.values()))


def _with(names: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*names, *more}))
