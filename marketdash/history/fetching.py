"""Having bars of long ago fetched, for whoever needs what markets said then and finds nothing stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from marketdash.history import backfills
from marketdash.history.derive import MINUTE_US, start_of
from marketdash.history.models import Backfill, Span
from marketdash.instruments.models import Instrument
from marketdash.publish import Moment

ASKED_BY = "portfolios"
AGAIN = timedelta(days=1)
"""What a venue did not give is not asked for sooner."""
HOURS_US = 3 * 365 * 1440 * MINUTE_US
"""How far back bars shorter than a day are fetched: 26,000 hours are some thirty pages, more would keep
others waiting for too long. Days are fetched as far as they are needed."""


def fetch(wanted: Iterable[Moment], intervals: Iterable[int], now_us: int) -> set[str]:
    """Of the instruments that are followed, those of which bars are on their way."""
    since: dict[str, int] = {}
    for symbol, at_us in wanted:
        since[symbol] = min(at_us, since.get(symbol, at_us))
    lengths, names, coming = tuple(intervals), list(since), set()
    for at in range(0, len(names), 500):  # SQLite bounds the number of parameters
        followed = Instrument.objects.filter(enabled=True, venue__enabled=True, bars=True)
        for row in followed.filter(symbol__in=names[at : at + 500]):
            each = [_coming(row, interval, since[row.symbol], now_us) for interval in lengths]
            if any(each):
                coming.add(row.symbol)
    return coming


def _coming(row: Instrument, interval: int, at_us: int, now_us: int) -> bool:
    """Whether the bars from ``at_us`` on are on their way, asked for here if need be."""
    length_us = interval * MINUTE_US
    since_us = start_of(max(0, at_us - length_us), interval)
    if interval < 1440:
        since_us = max(since_us, start_of(now_us - HOURS_US, interval))
    mine = Backfill.objects.filter(instrument=row, interval=interval)
    if mine.filter(finished=None, since_us__lte=since_us).exists():
        return True
    known = Span.objects.filter(instrument=row, interval=interval).first()
    if known is not None and (known.begins or known.from_us <= since_us):
        return False
    lately = mine.filter(asked_by=ASKED_BY, finished__gt=timezone.now() - AGAIN)
    if lately.filter(Q(since_us__lte=since_us) | ~Q(remark="")).exists():
        return False
    backfills.ask(row, interval, since_us, now_us, ASKED_BY)
    return True
