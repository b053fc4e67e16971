"""What a portfolio returned, as bots are told it: the page's figures with all their digits."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from marketdash.portfolios.accounting.exact import plain, precisely
from marketdash.portfolios.equity import curve, returns
from marketdash.portfolios.equity.returns import PERIODS as PERIODS
from marketdash.portfolios.equity.returns import Point, Return
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.valuing.lines import HUNDRED

Body = dict[str, Any]


def performance(portfolio: Portfolio, periods: Iterable[str], with_points: bool) -> list[Body]:
    """A row for each period, in the order asked, whether there is a point or not."""
    now_us = time.time_ns() // 1000
    return [_period(portfolio, period, now_us, with_points) for period in periods]


def _period(portfolio: Portfolio, period: str, now_us: int, with_points: bool) -> Body:
    points, paid = curve.told(portfolio, period, now_us)
    whole = returns.whole(points) if points else []
    found = returns.returns(whole, paid)
    fall = found.drawdown
    return {
        "period": period,
        "base": portfolio.base.code,
        "from": whole[0].at_us if whole else None,
        "until": whole[-1].at_us if whole else None,
        "time_weighted_pct": _percent(found.time_weighted.value),
        "money_weighted_pct": _percent(found.money_weighted.value),
        "yearly_pct": _percent(found.yearly),
        "drawdown_pct": _percent(None if fall.value is None else -fall.value),
        "why": _why(time_weighted=found.time_weighted, money_weighted=found.money_weighted, drawdown=fall),
        "noted": sum(not each.by_closes for each in points),
        "by_closes": sum(each.by_closes for each in points),
        "partial": sum(each.partial for each in points),
        "points": _points(points) if with_points else None,
    }


def _why(**of: Return) -> dict[str, str]:
    """Why some cannot be said."""
    return {name: found.why for name, found in of.items() if found.value is None}


def _percent(value: Decimal | None) -> str | None:
    with precisely():
        return None if value is None else plain(value * HUNDRED)


def _points(points: Sequence[Point]) -> list[Body]:
    return [
        {
            "ts": each.at_us,
            "total": plain(each.total),
            "partial": each.partial,
            "by_closes": each.by_closes,
        }
        for each in points
    ]
