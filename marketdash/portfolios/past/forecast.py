"""What will be of unknown cost of entries that are not recorded yet, by what is stored now. Asks for nothing.

A file has many rows and few kinds of them: whether rates can be found is worked out once for all entries of
one shape near whose times the same closes are stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from marketdash import publish
from marketdash.portfolios.accounting import drafts
from marketdash.portfolios.accounting.drafts import Draft
from marketdash.portfolios.accounting.ledger import DEPOSIT, Entry
from marketdash.portfolios.past.nearby import NEAR_US, has_unknown_cost, lacking, with_rates
from marketdash.portfolios.past.past import Past
from marketdash.portfolios.valuing import routes

AT_ONCE = 2000
DEPOSITED, ASKED, NOBODY = "deposited", "asked", "nobody"
"""Why: what a deposit cost nobody said; no close of that time is stored, and a venue will be asked for it; no
market that is followed here leads from there to the currency."""

Closes = dict[publish.Moment, publish.PastClose]


class _Told(NamedTuple):
    """``why``: of a known cost where that is empty."""

    why: str
    beyond: tuple[str, ...] = ()


def uncosted(made: Iterable[Draft], base: str, now_us: int) -> dict[str, Any]:
    """How many entries, by why; and the assets that no market says anything of."""
    by, waiting = _Forecast(base, now_us), iter(made)
    while some := list(islice(waiting, AT_ONCE)):
        by.add(some)
    return {**by.counts, "assets": sorted(by.assets)[:10]}


class _Forecast:
    def __init__(self, base: str, now_us: int) -> None:
        self.counts, self.assets = Counter[str](), set[str]()
        self._base, self._now_us, self._by = base, now_us, Past(base)
        self._markets: dict[Any, list[str]] = {}
        self._known: dict[Any, _Told] = {}

    def add(self, some: Sequence[Draft]) -> None:
        shapes = [_shape(draft) for draft in some]
        for draft, shape in zip(some, shapes, strict=True):
            if shape not in self._markets:
                lacks = lacking(self._entry(draft), self._base)
                self._markets[shape] = self._by.markets(lacks, routes.DETOUR)
        moments = {
            (symbol, draft.at_us)
            for draft, shape in zip(some, shapes, strict=True)
            for symbol in self._markets[shape]
        }
        closes = publish.closes_at(moments)
        for draft, shape in zip(some, shapes, strict=True):
            self._count(draft, (shape, *self._stored(draft, self._markets[shape], closes)))

    def _stored(self, draft: Draft, markets: Iterable[str], closes: Closes) -> list[tuple[str, bool]]:
        """Of which of them there is a close, and whether it is near."""
        there = ((symbol, closes.get((symbol, draft.at_us))) for symbol in markets)
        return [
            (symbol, abs(close.end_us - draft.at_us) <= NEAR_US)
            for symbol, close in there
            if close is not None
        ]

    def _count(self, draft: Draft, key: Any) -> None:
        if key not in self._known:
            self._known[key] = self._told(self._entry(draft))
        why, beyond = self._known[key]
        if why:
            self.counts[why] += 1
            self.assets.update(beyond)

    def _told(self, entry: Entry) -> _Told:
        found = self._by.found([entry])
        rates, missing = (found[0].rates, found[0].lacks) if found else ([], [])
        if not has_unknown_cost(with_rates(entry, rates), self._base):
            return _Told("")
        beyond = tuple(asset for asset in missing if asset not in self._by.within)
        if entry.kind == DEPOSIT:
            return _Told(DEPOSITED)
        return _Told(NOBODY if beyond or not missing else ASKED, beyond)

    def _entry(self, draft: Draft) -> Entry:
        checked = drafts.checked(draft, self._now_us)
        return Entry(0, draft.at_us, draft.kind, checked.legs, checked.rates)


def _shape(draft: Draft) -> tuple[Any, ...]:
    """All that matters for which rates it lacks, but for sizes."""
    legs = (
        (leg.asset, leg.role, str(leg.amount).startswith("-"), leg.currency, leg.worth is None)
        for leg in draft.legs
    )
    return (draft.kind, *legs, *((rate.asset, rate.currency) for rate in draft.rates))
