"""The folded books of all portfolios, kept from one round to the next: a minute in which nothing was recorded
reads no ledger."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any, NamedTuple

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery

from marketdash.instruments.models import Asset
from marketdash.portfolios import folding, reading
from marketdash.portfolios.accounting import saving
from marketdash.portfolios.accounting.ledger import DEPOSIT, REVERSAL, WITHDRAWAL
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.equity.thinning import MINUTE_US
from marketdash.portfolios.models import Entry, EquityPoint, Portfolio

logger = logging.getLogger(__name__)


class Standing(NamedTuple):
    """What is to be valued. The rest is as :class:`EquityPoint` has it."""

    portfolio: int
    base: int
    book: Book
    entries: int
    since_us: int | None


class _Kept(NamedTuple):
    of: tuple[Any, ...]
    book: Book
    entries: int


class Books:
    """Of one process. Lots are kept as they are saved, because no value needs them one by one."""

    def __init__(self) -> None:
        self.counters: Counter[str] = Counter()
        self._kept: dict[int, _Kept] = {}
        self._codes: set[tuple[int, str]] = set()

    def now(self) -> list[Standing]:
        """All that can be folded, each as far as it was recorded when it was read."""
        codes = set(Asset.objects.values_list("pk", "code"))
        before = self._kept if codes == self._codes else {}
        self._codes, self._kept, found = codes, {}, []
        for portfolio in _listed():
            try:
                kept = self._kept[portfolio.pk] = self._current(portfolio, before.get(portfolio.pk))
                found.append(_standing(portfolio, kept))
            except Exception as problem:  # a task boundary: one ledger costs the others nothing
                self.counters["equity books failed"] += 1
                logger.warning("equity: portfolio %s could not be folded: %s", portfolio.pk, problem)
        return found

    def _current(self, portfolio: Any, kept: _Kept | None) -> _Kept:
        of = portfolio.base_id, portfolio.method, portfolio.newest or 0
        if kept is not None and kept.of == of:
            return kept
        found = folding.folded(portfolio)
        self.counters["equity books folded"] += 1
        return _Kept(of, saving.loaded(saving.saved(found.book)), found.reach.entries)


def _listed() -> QuerySet[Portfolio]:
    """Each with its newest entry, and what its last point says."""
    last = EquityPoint.objects.filter(portfolio=OuterRef("pk")).order_by("-minute")
    return Portfolio.objects.select_related("base").annotate(
        newest=reading.newest(),
        noted=Subquery(last.values("entries")[:1]),
        noted_minute=Subquery(last.values("minute")[:1]),
    )


def _standing(portfolio: Any, kept: _Kept) -> Standing:
    is_new = portfolio.noted is not None and kept.entries > portfolio.noted
    since_us = _since(portfolio, kept.entries) if is_new else None
    return Standing(portfolio.pk, portfolio.base_id, kept.book, kept.entries, since_us)


def _since(portfolio: Any, until: int) -> int | None:
    """Of what came since its last point: the earliest that moved money, or belongs before that point."""
    fresh = Entry.objects.filter(portfolio=portfolio, pk__gt=portfolio.noted, pk__lte=until)
    matters = Q(at_us__lt=portfolio.noted_minute * MINUTE_US) | Q(kind__in=(DEPOSIT, WITHDRAWAL, REVERSAL))
    return fresh.filter(matters).aggregate(first=Min("at_us"))["first"]
