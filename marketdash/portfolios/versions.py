"""What followed portfolios are made of besides prices: asked of the database for many of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Max, OuterRef, Subquery

from marketdash.instruments.catalogue import catalogue
from marketdash.portfolios import reading
from marketdash.portfolios.executions.models import Fill
from marketdash.portfolios.models import Portfolio
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
    fills = Fill.objects.filter(account__portfolio=OuterRef("pk")).order_by().values("account__portfolio")
    fills = fills.annotate(greatest=Max("changed_us"))
    rows = Portfolio.objects.filter(pk__in=portfolios).values_list(
        "pk",
        reading.newest(),
        "late_rates",
        "base__code",
        "method",
        Subquery(fills.values("greatest")),
    )
    return {
        pk: Version(Reach(entry or 0, rate), base, method, catalogue.version, fill or 0)
        for pk, entry, rate, base, method, fill in rows
    }
