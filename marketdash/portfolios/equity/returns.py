"""What a portfolio returned between points of its curve, whatever was paid in or taken out meanwhile. Pure.

Time-weighted: each stretch between two points by itself, chained; when money came counts for nothing.
Money-weighted: the one pace at which all that was paid in would have become what is there. Sums are exact,
only quotients round. What cannot be said is None, with words why.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from marketdash.portfolios.accounting.basis import units_of
from marketdash.portfolios.accounting.exact import ONE, ZERO, precisely
from marketdash.portfolios.accounting.ledger import PRINCIPAL, Entry, Leg
from marketdash.portfolios.equity import rates

DAY_US = 86_400_000_000
PERIODS = {"day": DAY_US, "week": 7 * DAY_US, "month": 30 * DAY_US, "year": 365 * DAY_US, "all": 0}
"""How far back each goes; all of it for 0."""
UNKNOWN, NOTHING, SHORT = "worth of what was paid in not known", "nothing was held", "no time has passed"
OWED = "more was owed than held"


class Point(NamedTuple):
    """As :class:`marketdash.portfolios.equity_models.EquityPoint`, of one currency.

    ``by_closes``: of a day before anything was noted, with all that happened until then, as far as it is
    recorded up to ``entries``. Such points come first.
    """

    at_us: int
    total: Decimal
    partial: bool = False
    entries: int = 0
    since_us: int | None = None
    grain: int = 1
    by_closes: bool = False


class Flow(NamedTuple):
    """Paid in, or taken out where it is negative; None where its worth is unknown. ``entry``: the number
    with which it came into the ledger, or went out of it again."""

    entry: int
    at_us: int
    worth: Decimal | None


class Stretch(NamedTuple):
    """From one point to the next, with what was paid in between them."""

    before: Point
    after: Point
    flows: tuple[Flow, ...]


class Return(NamedTuple):
    """Of 1: 0.1 is ten per cent. ``why`` it is None."""

    value: Decimal | None
    why: str = ""


class Returns(NamedTuple):
    """``yearly``: money-weighted, for a year, where the period is at least that long."""

    time_weighted: Return
    money_weighted: Return
    yearly: Decimal | None
    drawdown: Return


def paid_in(entry: Entry, base: str) -> Decimal | None:
    """By rates of its time, because markets are what it is measured by; else what somebody said of it."""
    with precisely():
        units = units_of(entry.rates, base)
        worths = [_worth(leg, units) for leg in entry.legs if leg.role == PRINCIPAL]
        known = [worth for worth in worths if worth is not None]
        return sum(known, ZERO) if len(known) == len(worths) else None


def _worth(leg: Leg, units: dict[str, Decimal]) -> Decimal | None:
    if leg.asset in units:
        return leg.amount * units[leg.asset]
    if leg.worth is not None and leg.worth.currency in units:
        worth = leg.worth.amount * units[leg.worth.currency]
        return worth if leg.amount > 0 else -worth
    return None


def whole(points: Iterable[Point]) -> list[Point]:
    """Without those that lack a price, where others do not. What they say of the past the next one says."""
    listed = list(points)
    if all(each.partial for each in listed):
        return listed
    found, since = [], []
    for each in listed:
        since += [] if each.since_us is None else [each.since_us]
        if not each.partial:
            found.append(each._replace(since_us=min(since, default=None)))
            since = []
    return found


def stretches(points: Sequence[Point], flows: Iterable[Flow]) -> Iterator[Stretch]:
    """What is recorded about the time before the first point that was noted is no gain of now: all by which
    the total differs counts as paid in then."""
    listed = sorted(flows, key=lambda flow: flow.entry)
    entries = [each.entry for each in listed]
    noted_us = next((each.at_us for each in points if not each.by_closes), 0)
    for before, after in pairwise(points):
        some = listed[bisect_right(entries, before.entries) : bisect_right(entries, after.entries)]
        if before.by_closes:
            some = [each for each in listed if _is_between(before, each, after)]
        if after.since_us is not None and after.since_us < noted_us:
            with precisely():
                some = [Flow(after.entries, after.at_us, after.total - before.total)]
        yield Stretch(before, after, tuple(some))


def _is_between(before: Point, flow: Flow, after: Point) -> bool:
    """Of a day it counts when something happened; of a point that was noted, when it was recorded."""
    is_in_time = before.at_us <= flow.at_us and (not after.by_closes or flow.at_us < after.at_us)
    return is_in_time and flow.entry <= after.entries


def returns(points: Sequence[Point], flows: Iterable[Flow]) -> Returns:
    """Of at least one point, in their order. ``flows`` may be more than those between them."""
    if len(points) < 2:
        return Returns(Return(None, SHORT), Return(None, SHORT), None, Return(None, SHORT))
    told = list(stretches(points, flows))
    if any(flow.worth is None for each in told for flow in each.flows):
        return Returns(Return(None, UNKNOWN), Return(None, UNKNOWN), None, Return(None, UNKNOWN))
    with precisely():
        steps = _steps(told)
        weighted, yearly = _money_weighted(told)
        index = None if steps is None else rates.chained(steps)
        if index is None or index[-1] > rates.MOST:
            why = OWED if any(each.total < 0 for each in points) else NOTHING
            return Returns(Return(None, why), weighted, yearly, Return(None, why))
        return Returns(Return(index[-1] - ONE), weighted, yearly, Return(rates.drawdown(index)))


def _steps(told: Iterable[Stretch]) -> list[tuple[Decimal, Decimal]] | None:
    """From what each began with to what it ended with: paid in counts from its beginning, taken out until its
    end. None where there was nothing to begin with, and something came of it."""
    found = []
    for before, after, flows in told:
        paid = sum((flow.worth for flow in flows if flow.worth is not None), ZERO)
        start, end = before.total + max(paid, ZERO), after.total - min(paid, ZERO)
        if start != end:
            if start <= 0 or end < 0:
                return None
            found.append((start, end))
    return found


def _money_weighted(told: Sequence[Stretch]) -> tuple[Return, Decimal | None]:
    """From when there was something: what comes before is no time in which money could work."""
    first, last = told[0].before, told[-1].after
    paid = [(first.at_us, first.total), *_paid(told, first.at_us)]
    paid = sorted((at_us, worth) for at_us, worth in paid if worth)
    if not paid or paid[0][0] >= last.at_us:
        return Return(None, SHORT if paid else NOTHING), None
    span_us = last.at_us - paid[0][0]
    growth = rates.growth([(last.at_us - at_us, worth) for at_us, worth in paid], span_us, last.total)
    if growth is None:
        return Return(None, "no single rate fits"), None
    yearly = rates.scaled(growth, PERIODS["year"], span_us) - ONE if span_us >= PERIODS["year"] else None
    return Return(growth - ONE), yearly


def _paid(told: Iterable[Stretch], first_us: int) -> Iterator[tuple[int, Decimal]]:
    for _, after, flows in told:
        for flow in flows:
            yield min(max(flow.at_us, first_us), after.at_us), flow.worth or ZERO
