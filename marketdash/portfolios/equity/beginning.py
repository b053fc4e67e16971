"""Where a curve's measured points begin to be worth drawing: before that, days from closes say it better.

A portfolio is noted from its first minute, in which nothing is recorded; and what is typed or imported on
that day is mostly about the time before. So it begins with the first point that holds an entry, or, where on
the same day something was recorded that happened before that point, with the point that holds this.
"""

from __future__ import annotations

from django.db.models import QuerySet

from marketdash.portfolios.equity.thinning import DAY, MINUTE_US
from marketdash.portfolios.models import EquityPoint, Portfolio


def begins(portfolio: Portfolio) -> int | None:
    """Its minute; None while there is none."""
    noted = measured(portfolio).filter(entries__gt=0).order_by("minute")
    first = noted.values_list("minute", flat=True).first()
    if first is None:
        return None
    late = noted.filter(minute__lt=first + DAY, since_us__lt=first * MINUTE_US)
    return late.order_by("-minute").values_list("minute", flat=True).first() or first


def measured(portfolio: Portfolio) -> QuerySet[EquityPoint]:
    """In the portfolio's currency; what was noted in another is no part of this curve."""
    return EquityPoint.objects.filter(portfolio=portfolio, base=portfolio.base_id)
