"""What followed portfolios are made of besides prices: asked of the database for many of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Max, OuterRef, QuerySet, Subquery

from marketdash.instruments.catalogue import catalogue
from marketdash.portfolios.executions.models import Fill
from marketdash.portfolios.models import Entry, Portfolio, Rate
from marketdash.portfolios.reading import Reach


class Version(NamedTuple):
    """While this is the same, so is all but the prices."""

    reach: Reach
    base: str
    method: str
    listing: str
    fills: int


def versions(portfolios: Iterable[int]) -> dict[int, Version]:
    """By number, in one query; of those that there are."""
    entries = Entry.objects.filter(portfolio=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    late = Rate.objects.filter(late=True, entry__portfolio=OuterRef("pk"))
    fills = Fill.objects.filter(account__portfolio=OuterRef("pk"))
    rows = Portfolio.objects.filter(pk__in=portfolios).values_list(
        "pk",
        Subquery(entries),
        _greatest(late, "pk", by="entry__portfolio"),
        "base__code",
        "method",
        _greatest(fills, "changed_us", by="account__portfolio"),
    )
    return {
        pk: Version(Reach(entry or 0, rate or 0), base, method, catalogue.version, fill or 0)
        for pk, entry, rate, base, method, fill in rows
    }


def _greatest(rows: QuerySet[Any], field: str, *, by: str) -> Subquery:
    return Subquery(rows.order_by().values(by).annotate(greatest=Max(field)).values("greatest"))
