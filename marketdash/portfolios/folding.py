"""Long ledgers are folded ahead of whoever opens them. Done by ``engines``, once for all.

A book is folded when its ledger stood still for a round, or has not for ten seconds. While an import goes on
it would be folded again and again, so it waits for the end; whoever opens the portfolio meanwhile is told so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from copy import copy
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from marketdash import publish
from marketdash.portfolios import queries, reading, rounds
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.models import Entry, Leg, Portfolio, Rate, SavedBook
from marketdash.portfolios.reading import Folded

MOST_WAITED_NS = 10 * 10**9
_READ = (Entry, Leg, Rate)
_one_at_a_time = threading.RLock()

Version = tuple[int, str, int, int]
"""Currency, method, newest entry, newest late rate: while they are the same, so is what there is to fold."""


class Due(NamedTuple):
    """``version`` is None where somebody waits for it: by another method, in another currency."""

    pk: int
    portfolio: Portfolio
    version: Version | None


class Folding:
    """Of one process."""

    def __init__(self, now_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._now_ns = now_ns
        self._done: dict[int, Version] = {}
        self._seen: dict[int, tuple[Version, int]] = {}

    def work_due(self) -> int:
        """One round over all that changed or is waited for; how many books were saved."""
        return rounds.one_by_one([*_waited_for(), *self._settled()], self._ahead, "books")

    def _settled(self) -> list[Due]:
        now_ns, before, found = self._now_ns(), self._seen, []
        self._seen = {}
        for portfolio in _listed():
            version = _version(portfolio)
            if self._done.get(portfolio.pk) != version:
                then, since_ns = before.get(portfolio.pk, (None, now_ns))
                self._seen[portfolio.pk] = version, since_ns
                if then == version or now_ns - since_ns >= MOST_WAITED_NS:
                    found.append(Due(portfolio.pk, portfolio, version))
        return found

    def _ahead(self, due: Due) -> int:
        with _one_at_a_time:
            is_long = due.version is None or _is_long(due.portfolio)
            if is_long:
                folded(due.portfolio)
        if due.version is None:
            _held(due.portfolio).update(wanted=False)
        else:
            self._done[due.pk] = due.version
        if is_long:
            publish.notify("remake", "portfolio", str(due.pk))
        return int(is_long)


def folded(portfolio: Portfolio) -> Folded:
    """All of it, however long that takes. Not by two at once: the second finds what the first has saved.
    On its way the early book is kept, from which the rest is folded: no entry is folded twice."""
    with _one_at_a_time:
        if connection.vendor == "postgresql" and _is_long(portfolio):
            _look_at_sizes()
        queries.keep_early(portfolio)
        return queries.folded_so_far(portfolio, most=None)


def _look_at_sizes() -> None:
    """After a hundred thousand rows came at once PostgreSQL does not know of them for a minute or more, and
    would read them in a way that takes minutes; to look takes tenths of a second."""
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in _READ)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")


def _is_long(portfolio: Portfolio) -> bool:
    found = reading.folded_before(portfolio, portfolio.method, reading.reach(portfolio))
    return found.is_far(portfolio, queries.SAVE_AFTER - 1)


def _listed() -> QuerySet[Any]:
    busy = Import.objects.filter(state__in=(Import.RUNNING, Import.UNDOING)).values("portfolio")
    return rounds.with_entries().exclude(pk__in=busy).select_related("base")


def _version(portfolio: Any) -> Version:
    return portfolio.base_id, portfolio.method, portfolio.newest, portfolio.late_rates


def _waited_for() -> Iterator[Due]:
    for held in SavedBook.objects.filter(wanted=True).select_related("portfolio", "base"):
        portfolio = copy(held.portfolio)
        portfolio.base, portfolio.method = held.base, held.method
        yield Due(portfolio.pk, portfolio, None)


def _held(portfolio: Portfolio) -> QuerySet[SavedBook]:
    of = {"portfolio": portfolio, "base": portfolio.base_id, "method": portfolio.method}
    return SavedBook.objects.filter(**of, early=False)
