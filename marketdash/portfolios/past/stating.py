"""Stating rates of the past with entries that lack them, whoever recorded those. Done by ``engines``.

Every entry is looked at once, a few hundred at a time; how far that is stands in the same transaction as what
was stated, so it may be killed anywhere. What nobody can say yet is noted, and looked for again: soon while
bars are on their way, else once a day. A rate that is stated already stays, whoever stated it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from marketdash import publish
from marketdash.instruments.models import Asset
from marketdash.portfolios import reading, rounds
from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.accounting.ledger import REVERSAL
from marketdash.portfolios.accounting.ledger import Rate as LedgerRate
from marketdash.portfolios.models import Entry, Looked, MissingRate, Portfolio, Rate
from marketdash.portfolios.past import past
from marketdash.portfolios.past.past import Found, Past
from marketdash.portfolios.recording import RATE, insert, locked

AT_ONCE = 400
SOON_US, DAY_US = 15_000_000, 86_400_000_000
_MOST_TRIES = 15


def work_due(now_us: int | None = None) -> int:
    """One round over all portfolios of which something is due; how many rates were stated."""
    now_us = time.time_ns() // 1000 if now_us is None else now_us
    return rounds.one_by_one(due(now_us), lambda each: _worked(each, now_us), "rates of the past")


def due(now_us: int) -> list[Portfolio]:
    """With entries that nobody looked at in its currency, or something that is to be looked for again."""
    fresh = Q(looked=None) | Q(newest__gt=F("looked__entries")) | ~Q(looked__base=F("base"))
    again = MissingRate.objects.filter(due_us__lte=now_us).values("portfolio")
    found = rounds.with_entries().filter(fresh | Q(pk__in=again))
    return list(found.select_related("base", "looked").order_by("pk"))


def _worked(portfolio: Portfolio, now_us: int) -> int:
    """All of it; whoever watches it is told once, when it is done."""
    by, stated = Past(portfolio.base.code, past.fetch), 0
    looked = _looked(portfolio)
    while some := _next(portfolio, looked):
        stated += _noted(portfolio, by.found(_counting(some)), now_us, some[-1])
        looked = some[-1]
    while again := list(_again(portfolio, now_us).values_list("entry", flat=True).distinct()[:AT_ONCE]):
        stated += _noted(portfolio, by.found(_counting(again)), now_us, looked, again)
    if stated:
        publish.notify("remake", "portfolio", str(portfolio.pk))
    return stated


def _looked(portfolio: Portfolio) -> int:
    """Up to which entry; none of them for another currency."""
    held = Looked.objects.filter(portfolio=portfolio).first()
    if held is not None and held.base_id == portfolio.base_id:
        return held.entries
    MissingRate.objects.filter(portfolio=portfolio).delete()
    return 0


def _next(portfolio: Portfolio, after: int) -> list[int]:
    rows = Entry.objects.filter(portfolio=portfolio, pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:AT_ONCE])


def _again(portfolio: Portfolio, now_us: int) -> QuerySet[MissingRate]:
    return MissingRate.objects.filter(portfolio=portfolio, due_us__lte=now_us).order_by("entry")


def _counting(keys: Sequence[int]) -> list:
    """Those that count: neither reversals nor what they took back."""
    over = set(Entry.objects.filter(corrects__in=keys, kind=REVERSAL).values_list("corrects", flat=True))
    over.update(Entry.objects.filter(pk__in=keys, kind=REVERSAL).values_list("pk", flat=True))
    return list(reading.chosen([key for key in keys if key not in over]))


@transaction.atomic
def _noted(
    portfolio: Portfolio, found: Sequence[Found], now_us: int, looked: int, again: Iterable[int] = ()
) -> int:
    """What was found is stated and what was not is noted: both with how far that is."""
    held = locked(portfolio)
    if held.base_id != portfolio.base_id:
        raise ObjectDoesNotExist("measured in another currency meanwhile")
    assets = _assets(found)
    rates = _fresh([(each.entry.id, rate) for each in found for rate in each.rates], assets)
    insert(Rate, RATE, rates)
    if rates:
        held.count_late_rates()
    tries = _forgotten(again)
    missing = [
        _missing(portfolio, each, assets[code], tries.get(each.entry.id, 0), now_us)
        for each in found
        for code in each.lacks
        if code in assets
    ]
    MissingRate.objects.bulk_create(missing, batch_size=100)
    Looked.objects.update_or_create(portfolio=held, defaults={"base_id": held.base_id, "entries": looked})
    return len(rates)


def _assets(found: Iterable[Found]) -> dict[str, int]:
    codes = {code for each in found for code in each.lacks}
    codes |= {code for each in found for rate in each.rates for code in rate[:2]}
    return dict(Asset.objects.filter(code__in=codes).values_list("code", "pk"))


def _forgotten(entries: Iterable[int]) -> dict[int, int]:
    """How often each was looked for; what is still missing is noted anew."""
    rows = MissingRate.objects.filter(entry__in=list(entries))
    tries = dict(rows.values_list("entry", "tries"))
    rows.delete()
    return tries


def _fresh(found: Sequence[tuple[int, LedgerRate]], assets: dict[str, int]) -> list[tuple[Any, ...]]:
    """As :data:`RATE` has its columns, but for what somebody stated meanwhile: whoever does has the lock."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    rows = Rate.objects.filter(entry__in=sorted({entry for entry, _ in found}))
    there = set(rows.values_list("entry", "asset", "currency"))
    made = (
        (entry, assets[rate.asset], assets[rate.currency], plain(rate.rate), rate.source, True, now)
        for entry, rate in found
    )
    return [row for row in made if row[:3] not in there]


def _missing(portfolio: Portfolio, found: Found, asset: int, tries: int, now_us: int) -> MissingRate:
    wait_us = min(SOON_US << tries, DAY_US) if found.coming else DAY_US
    return MissingRate(
        portfolio=portfolio,
        entry_id=found.entry.id,
        asset_id=asset,
        coming=found.coming,
        tries=min(tries + 1, _MOST_TRIES),
        due_us=now_us + wait_us,
    )
