"""The stored points of a period and what was paid in between them, as the pure returns take them."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db.models import Min, Q

from marketdash.numerals import Style
from marketdash.portfolios import reading
from marketdash.portfolios.accounting.ledger import DEPOSIT, REVERSAL, WITHDRAWAL
from marketdash.portfolios.equity import beginning, equity_shown
from marketdash.portfolios.equity.equity_shown import Curve
from marketdash.portfolios.equity.returns import DAY_US, PERIODS, Flow, Point, paid_in
from marketdash.portfolios.equity.thinning import DAY, MINUTE_US
from marketdash.portfolios.models import Entry, EquityDay, EquityPast, Portfolio

EXTERNAL = (DEPOSIT, WITHDRAWAL)
FIRST = "The first point comes within a minute."
WITHOUT_WORTH = "The first point comes when something that is held has a price."
NOTED_S, LATE_S = 7, 20
"""So long after a minute began its point is there, as a rule; and how often to look for one that is not."""
FETCHING = "Closes that are missing come as soon as the venue sends them."


def points(portfolio: Portfolio, period: str, now_us: int) -> list[Point]:
    """In the portfolio's currency: days by closes, and behind them what was noted."""
    back_us = PERIODS[period]
    from_us = now_us - back_us if back_us else 0
    days = _days(portfolio, from_us)
    return _joined(portfolio, days, _noted(portfolio, from_us, is_whole=not days))


def _noted(portfolio: Portfolio, from_us: int, is_whole: bool) -> list[Point]:
    """``is_whole``: also what was noted before the curve is worth drawing, where nothing else is there."""
    minute = -(-from_us // MINUTE_US)
    if not is_whole:
        minute = max(minute, beginning.begins(portfolio) or 0)
    rows = beginning.measured(portfolio).filter(minute__gte=minute).order_by("minute")
    named = rows.values_list("minute", "total", "partial", "entries", "since_us", "grain")
    return [Point(minute * MINUTE_US, *rest) for minute, *rest in named]


def _days(portfolio: Portfolio, from_us: int) -> list[Point]:
    """Those that ended from then on."""
    head = past(portfolio)
    if head is None:
        return []
    first = max(0, -(-from_us // DAY_US) - 1)
    rows = EquityDay.objects.filter(portfolio=portfolio, day__gte=first).order_by("day")
    return [
        Point((day + 1) * DAY_US, total, partial, head.entries, None, DAY, True)
        for day, total, partial in rows.values_list("day", "total", "partial")
    ]


def past(portfolio: Portfolio) -> EquityPast | None:
    return EquityPast.objects.filter(portfolio=portfolio, base=portfolio.base_id).first()


def _joined(portfolio: Portfolio, days: list[Point], noted: list[Point]) -> list[Point]:
    """The first that was noted says since when it knows less than the days do: what was recorded later."""
    if not days or not noted:
        return [*days, *noted]
    last, first = days[-1], noted[0]
    later = Entry.objects.filter(portfolio=portfolio, pk__gt=first.entries, pk__lte=last.entries)
    since = later.filter(at_us__lt=last.at_us).aggregate(since=Min("at_us"))["since"]
    return [*(each for each in days if each.at_us <= first.at_us), first._replace(since_us=since), *noted[1:]]


def told(portfolio: Portfolio, period: str, now_us: int) -> tuple[list[Point], list[Flow]]:
    """The points of a period, and all that was paid in between them."""
    found = points(portfolio, period, now_us)
    if not found:
        return [], []
    after = 0 if found[0].by_closes else found[0].entries
    return found, flows(portfolio, after, max(found[0].entries, found[-1].entries))


def drawn(portfolio: Portfolio, period: str, style: Style, has_worth: bool = True) -> Curve:
    """As people see it; a period that nobody knows is a day. ``has_worth``: something of it has a price."""
    chosen = period if period in PERIODS else next(iter(PERIODS))
    found, paid = told(portfolio, chosen, time.time_ns() // 1000)
    if found:
        made = equity_shown.curve(found, paid, portfolio.base.code, chosen, style)
        return made._replace(notes=[*made.notes, *_fetching(portfolio, found)])
    if is_begun(portfolio):
        return equity_shown.nothing(chosen, "No point was noted in this time.")
    return equity_shown.nothing(chosen, FIRST if has_worth else WITHOUT_WORTH)


def due_s(drawn: Curve, now_us: int | None = None) -> int:
    """When the next point may be there: some seconds after its minute began, or soon where it is late."""
    now_us = time.time_ns() // 1000 if now_us is None else now_us
    next_s = (MINUTE_US - now_us % MINUTE_US) // 1_000_000 + NOTED_S
    return next_s if drawn.until_us // MINUTE_US >= now_us // MINUTE_US else min(next_s, LATE_S)


def _fetching(portfolio: Portfolio, found: list[Point]) -> list[str]:
    head = past(portfolio)
    return [FETCHING] if head is not None and head.coming and found[0].by_closes else []


def is_begun(portfolio: Portfolio) -> bool:
    return beginning.measured(portfolio).exists()


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
