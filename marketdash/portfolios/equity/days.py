"""What portfolios were worth before anything was noted: the ledger of each day at the closes of that day.

Done by ``engines``, by the very functions that a page and the measured points are made with; done anew when
something is recorded about that time, taken back, or measured in another currency. A day of which a close is
missing is partial, one of which all are is not there; nothing is made up in between.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import F, Q

from feeds.frames import LIVE
from marketdash import publish
from marketdash.instruments.catalogue import catalogue
from marketdash.portfolios import prices, reading, rounds
from marketdash.portfolios.accounting.ledger import Entry
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.equity.beginning import begins
from marketdash.portfolios.equity.equity import is_known
from marketdash.portfolios.equity.thinning import DAY, MINUTE_US
from marketdash.portfolios.equity_models import EquityDay, EquityPast
from marketdash.portfolios.models import Entry as Row
from marketdash.portfolios.models import Import, Portfolio
from marketdash.portfolios.prices import STALE
from marketdash.portfolios.recording import locked
from marketdash.portfolios.valuing import routes
from marketdash.portfolios.valuing.routes import Pair
from marketdash.portfolios.valuing.summary import summary
from marketdash.portfolios.valuing.valuation import Market, Quote

DAY_US = DAY * MINUTE_US
MOST_DAYS, MOST_MARKETS = 15 * 366, 100
SOON_US, _MOST_TRIES = 15_000_000, 15

Closes = dict[str, dict[int, publish.DayClose]]


class Day(NamedTuple):
    """What is stored of one day."""

    day: int
    total: Decimal
    partial: bool


def work_due(now_us: int | None = None) -> int:
    """One round over all portfolios whose days are not those of their ledger; of how many they were made."""
    now_us = time.time_ns() // 1000 if now_us is None else now_us
    return rounds.one_by_one(due(now_us), lambda each: _worked(each, now_us), "equity of days")


def due(now_us: int) -> list[Portfolio]:
    """Not while an import goes on: its end is worth waiting for."""
    going = Import.objects.filter(state__in=(Import.RUNNING, Import.UNDOING)).values("portfolio")
    another = Q(equity_past=None) | ~Q(equity_past__base=F("base"))
    changed = Q(newest__gt=F("equity_past__entries")) | Q(equity_past__due_us__lte=now_us)
    found = rounds.with_entries().filter(another | changed).exclude(pk__in=going)
    return list(found.select_related("base", "equity_past").order_by("pk"))


def _worked(portfolio: Portfolio, now_us: int) -> bool:
    """Whether they were made anew; what was recorded about later days changes none of them."""
    reach, held = reading.reach(portfolio), getattr(portfolio, "equity_past", None)
    if held is not None and held.base_id == portfolio.base_id and (held.due_us or now_us + 1) > now_us:
        fresh = Row.objects.filter(portfolio=portfolio, pk__gt=held.entries, pk__lte=reach.entries)
        if not fresh.filter(at_us__lt=held.until * DAY_US).exists():
            EquityPast.objects.filter(pk=portfolio.pk).update(entries=reach.entries)
            return False
    return _made(portfolio, reach, 0 if held is None else held.tries, now_us)


def _made(portfolio: Portfolio, reach: reading.Reach, tries: int, now_us: int) -> bool:
    minute = begins(portfolio)
    until = (now_us // MINUTE_US if minute is None else minute) // DAY
    first_us = reading.counting(portfolio, reach).values_list("at_us", flat=True).first()
    since = until if first_us is None else max(first_us // DAY_US, until - MOST_DAYS)
    markets = _Markets(portfolio.base.code, reading.things(portfolio, reach))
    closes = publish.day_closes(markets.names, since * DAY_US, until * DAY_US) if since < until else {}
    book, entries = Book(portfolio.base.code, portfolio.method), reading.entries(portfolio, reach)
    days = list(_days(book, entries, markets, closes, range(since, until)))
    lacks = len(days) < until - since or any(each.partial for each in days)
    moments = {(name, since * DAY_US) for name in markets.shortest}
    coming = bool(publish.fetch_bars(moments, [DAY])) if lacks else False
    wait_us = min(SOON_US << tries, DAY_US) if coming else DAY_US
    is_settled = not lacks and minute is not None and now_us // DAY_US > until + 2
    head = {
        "base_id": portfolio.base_id,
        "entries": reach.entries,
        "since": since,
        "until": until,
        "coming": coming,
        "tries": min(tries + 1, _MOST_TRIES) if coming else 0,
        "due_us": None if is_settled else now_us + wait_us,
    }
    _stored(portfolio, days, head)
    return True


@transaction.atomic
def _stored(portfolio: Portfolio, days: Sequence[Day], head: Mapping[str, object]) -> None:
    """All of them in the place of all that there were."""
    held = locked(portfolio)
    if held.base_id != head["base_id"]:
        raise ObjectDoesNotExist("measured in another currency meanwhile")
    EquityDay.objects.filter(portfolio=held).delete()
    rows = (EquityDay(portfolio=held, **each._asdict()) for each in days)
    EquityDay.objects.bulk_create(rows, batch_size=200)
    EquityPast.objects.update_or_create(portfolio=held, defaults=head)


class _Markets:
    """All that have a say in what was ever held."""

    def __init__(self, base: str, things: Collection[tuple[str, str]]) -> None:
        """``things``: assets, and instruments where they are contracts."""
        pairs = prices.pairs()
        assets = {asset for asset, _ in things} | {base}
        listed = {name: catalogue.get(name) for _, name in things if name}
        self.contracts = {name: each for name, each in listed.items() if each is not None}
        ways = routes.Ways(pairs, base)
        self.most = ways.most_steps()
        self.shortest = [*ways.needed(assets, 0), *self.contracts]
        whole = ways.needed(assets)
        chosen = set(whole if len(whole) <= MOST_MARKETS else self.shortest)
        self.pairs = [pair for pair in pairs if pair.symbol in chosen]

    @property
    def names(self) -> list[str]:
        return [*(pair.symbol for pair in self.pairs), *self.contracts]


def _days(
    book: Book, entries: Iterator[Entry], markets: _Markets, closes: Closes, days: range
) -> Iterator[Day]:
    """One fold, one table of rates: from day to day only what is another changes."""
    market, coming = Market(book.base, (), markets.most), next(entries, None)
    for day in days:
        while coming is not None and coming.at_us < (day + 1) * DAY_US:
            book.apply(coming)
            coming = next(entries, None)
        for pair in markets.pairs:
            market.update(_quote(pair, closes, day))
        marks = {
            name: _quote(Pair(name, each.asset, each.quote_asset), closes, day)
            for name, each in markets.contracts.items()
        }
        found = summary(book, market, {name: each for name, each in marks.items() if each.last})
        if is_known(found):
            yield Day(day, found.total, found.is_partial)


def _quote(pair: Pair, closes: Closes, day: int) -> Quote:
    """Without a price where none is stored; where trades of that day were missed it is not its last one."""
    found = closes.get(pair.symbol, {}).get(day * DAY_US)
    if found is None:
        return Quote(*pair, "", "", "", 0)
    return Quote(*pair, "", "", found.close, 0, LIVE if found.complete else STALE)
