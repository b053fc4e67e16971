"""The stored points of a period and what was paid in between them, as the pure returns take them."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db.models import Q

from marketdash.numerals import Style
from marketdash.portfolios import equity_shown, reading
from marketdash.portfolios.equity_shown import Curve
from marketdash.portfolios.ledger import DEPOSIT, REVERSAL, WITHDRAWAL
from marketdash.portfolios.models import Entry, EquityPoint, Portfolio
from marketdash.portfolios.returns import PERIODS, Flow, Point, paid_in
from marketdash.portfolios.thinning import MINUTE_US

EXTERNAL = (DEPOSIT, WITHDRAWAL)
FIRST = "The first point comes within a minute."
WITHOUT_WORTH = "The first point comes when something that is held has a price."


def points(portfolio: Portfolio, period: str, now_us: int) -> list[Point]:
    """In the portfolio's currency; what was noted in another is no part of this curve."""
    rows = EquityPoint.objects.filter(portfolio=portfolio, base=portfolio.base_id)
    if back_us := PERIODS[period]:
        rows = rows.filter(minute__gte=-(-(now_us - back_us) // MINUTE_US))
    named = rows.order_by("minute").values_list("minute", "total", "partial", "entries", "since_us", "grain")
    return [Point(minute * MINUTE_US, *rest) for minute, *rest in named]


def drawn(portfolio: Portfolio, period: str, style: Style, has_worth: bool = True) -> Curve:
    """As people see it; a period that nobody knows is a day. ``has_worth``: something of it has a price."""
    chosen = period if period in PERIODS else next(iter(PERIODS))
    found = points(portfolio, chosen, time.time_ns() // 1000)
    if found:
        paid = flows(portfolio, found[0].entries, found[-1].entries)
        return equity_shown.curve(found, paid, portfolio.base.code, chosen, style)
    if is_begun(portfolio):
        return equity_shown.nothing(chosen, "No point was noted in this time.")
    return equity_shown.nothing(chosen, FIRST if has_worth else WITHOUT_WORTH)


def is_begun(portfolio: Portfolio) -> bool:
    return EquityPoint.objects.filter(portfolio=portfolio, base=portfolio.base_id).exists()


def flows(portfolio: Portfolio, after: int, until: int) -> list[Flow]:
    """That came into the ledger with the entries behind ``after``. A reversal takes its entry's out again."""
    return list(_flows(portfolio, after, until))


def _flows(portfolio: Portfolio, after: int, until: int) -> Iterator[Flow]:
    heads = list(
        Entry.objects.filter(portfolio=portfolio, pk__gt=after, pk__lte=until)
        .filter(Q(kind__in=EXTERNAL) | Q(kind=REVERSAL, corrects__kind__in=EXTERNAL))
        .order_by("pk")
        .values_list("pk", "at_us", "kind", "corrects_id")
    )
    meant = {pk: corrects if kind == REVERSAL else pk for pk, _, kind, corrects in heads}
    told = {each.id: each for each in reading.chosen(sorted(set(meant.values())))}
    for pk, at_us, kind, _ in heads:
        worth = paid_in(told[meant[pk]], portfolio.base.code)
        yield Flow(pk, at_us, None if worth is None else -worth if kind == REVERSAL else worth)
