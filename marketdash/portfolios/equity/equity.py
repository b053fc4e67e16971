"""What every portfolio is worth, noted each minute and thinned as it grows old. Done by ``engines``.

One round is for the minute in which its prices were read. A minute that was missed stays empty, and one that
is there already stays as it is: so whoever is late or starts again neither doubles nor invents anything.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from asgiref.sync import sync_to_async
from django.db import Error as DatabaseProblem
from django.db import IntegrityError, transaction

from marketdash.database_away import is_away
from marketdash.instruments.catalogue import catalogue
from marketdash.portfolios import prices
from marketdash.portfolios.accounting.exact import InvalidNumber, number
from marketdash.portfolios.equity import thinning
from marketdash.portfolios.equity.thinning import MINUTE_US
from marketdash.portfolios.models import EquityPoint
from marketdash.portfolios.prices import Prices
from marketdash.portfolios.standing import Books, Standing
from marketdash.portfolios.valuing.summary import Summary, summary

logger = logging.getLogger(__name__)
PRICES_S = 5
"""Nobody waits for a page here: what no feed has said until then has no live price."""
AT_ONCE = 500
TRIES = 50


async def next_minute(
    now_s: Callable[[], float] = time.time, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> None:
    """Until it begins, also where a clock of the machine was set back meanwhile."""
    minute = now_s() // 60
    while (left_s := (minute + 1) * 60 - now_s()) > 0:
        await sleep(min(left_s, 60))


def is_behind(now_us: int) -> bool:
    """Whoever noted the minute before is gone, and this one has time left: it needs no next one."""
    minute = now_us // MINUTE_US
    noted = EquityPoint.objects.filter(minute__gte=minute - 1).values_list("minute", flat=True)
    return set(noted.distinct()) == {minute - 1}


async def within_the_minute(
    work: Callable[[], Awaitable[object]], sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> None:
    """``work`` of a minute, again each second while the database is away: else the minute has no point.
    Raises what was met last when the minute is nearly over."""
    for left in reversed(range(TRIES)):
        try:
            await work()
            return
        except DatabaseProblem as problem:
            if not left or not is_away(problem):
                raise
            logger.info("equity: not noted yet: %s", problem)
            await sleep(1)


async def note(books: Books) -> int:
    """One point of each portfolio for this minute; of how many one was tried."""
    await catalogue.ensure()
    standing = await sync_to_async(books.now)()
    priced = await prices.of_books([each.book for each in standing], PRICES_S)
    return await sync_to_async(_noted)(standing, priced)


def _noted(standing: Sequence[Standing], priced: Prices) -> int:
    points = list(_points(standing, priced))
    for some in _batches(points):
        _insert(some)
    return len(points)


def _points(standing: Sequence[Standing], priced: Prices) -> Iterator[EquityPoint]:
    """The same function as the page's; one table of rates for all of one currency."""
    markets = {name: priced.market(name) for name in {each.book.base for each in standing}}
    for each in standing:
        found = summary(each.book, markets[each.book.base], priced.marks)
        if is_known(found):
            yield EquityPoint(
                portfolio_id=each.portfolio,
                minute=priced.read_us // MINUTE_US,
                base_id=each.base,
                total=found.total,
                partial=found.is_partial,
                entries=each.entries,
                since_us=each.since_us,
            )


def is_known(found: Summary) -> bool:
    """Not where all that is held has no price, nor where it comes to more than a ledger holds."""
    lines = [*found.holdings, *found.positions]
    if lines and all(each.value is None for each in lines):
        return False
    try:
        number(found.total, "total")
    except InvalidNumber as problem:
        logger.warning("equity: no point is noted: %s", problem)
        return False
    return True


def _batches(points: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (points[at : at + AT_ONCE] for at in range(0, len(points), AT_ONCE))


def _insert(points: Sequence[EquityPoint]) -> None:
    """What is there stays. Where a portfolio was deleted meanwhile, the others are noted one by one."""
    try:
        with transaction.atomic():
            EquityPoint.objects.bulk_create(points, ignore_conflicts=True)
    except IntegrityError:
        for one in points if len(points) > 1 else ():
            _insert([one])


def thin(now_us: int) -> int:
    """What is old stands for an hour, later for a day; how many points went."""
    removed = 0
    for step in thinning.STEPS:
        due = EquityPoint.objects.filter(
            grain=step.finer, minute__lt=thinning.before(step, now_us // MINUTE_US)
        )
        for key in due.order_by().values_list("portfolio_id", flat=True).distinct():
            removed += _thinned(due.filter(portfolio_id=key), step.grain)
    return removed


@transaction.atomic
def _thinned(due: Any, grain: int) -> int:
    rows = due.order_by("minute").values_list("pk", "minute", "base_id", "partial", "since_us")
    points = [thinning.Old(*row) for row in rows]
    kept = thinning.kept(points, grain)
    over = [each.key for each in points if each.key not in kept]
    for some in _batches(over):
        EquityPoint.objects.filter(pk__in=some).delete()
    for some in _batches(sorted(kept)):
        EquityPoint.objects.filter(pk__in=some).update(grain=grain)
    return len(over)
