"""Longer bars made of shorter ones and stored, so that the minutes may go.

A day's worth of minutes of one instrument at a time, or as many longer bars: a long transaction would keep
everybody else from writing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.db import transaction
from django.db.models import Min

from feeds.symbols import INTERVALS
from marketdash.history import actions, derive, queries
from marketdash.history.derive import MINUTE_US, Stored, start_of
from marketdash.history.models import Bar, Span
from marketdash.instruments.models import Instrument

DAY_US = 1440 * MINUTE_US
_MOST = DAY_US // MINUTE_US


class Pruned(NamedTuple):
    removed: int
    derived: int


def lengthen(instrument_id: int, shortest: int, from_us: int, until_us: int) -> int:
    """Make the bars longer than ``shortest`` out of it, on all UTC days that ``from_us`` to ``until_us``
    touch, where none is stored or an incomplete one; how many."""
    made, parts = 0, Bar.objects.filter(instrument_id=instrument_id, interval=shortest, start_us__lt=until_us)
    at_us = start_of(from_us, 1440)
    while (next_us := parts.filter(start_us__gte=at_us).aggregate(next=Min("start_us"))["next"]) is not None:
        day_us = start_of(next_us, 1440)
        at_us = day_us + shortest * DAY_US
        with transaction.atomic():
            made += _lengthen_days(instrument_id, shortest, (day_us, at_us), min(at_us, until_us))
    _cover_longer(instrument_id, shortest, from_us, until_us)
    return made


def _lengthen_days(instrument_id: int, shortest: int, days: tuple[int, int], until_us: int) -> int:
    """Each length out of the one below it, which was completed just before; ``days`` are no more than
    ``shortest``."""
    spans, made = queries.spans(instrument_id), 0
    whole = spans.get(shortest, (0, 0))
    parts = queries.rows(instrument_id, shortest, *days, _MOST)
    for part, interval in _steps(shortest):
        end_us = start_of(until_us, interval)  # a bar that is not over is none yet
        held = queries.rows(instrument_id, interval, *days, _MOST)
        found = derive.lengthened((p for p in parts if p.start_us < end_us), part, interval, whole)
        better = list(_better(held, found))
        actions.store([(instrument_id, interval, *each) for each in better])
        made += len(better)
        parts = derive.merged(held, better)
    return made


def _steps(shortest: int) -> Iterator[tuple[int, int]]:
    """(part, length) of all longer lengths, shortest first."""
    for interval in INTERVALS[INTERVALS.index(shortest) + 1 :]:
        part = derive.shorter(interval)
        if part is not None:
            yield part, interval


def _better(held: list[Stored], found: Iterator[Stored]) -> Iterator[Stored]:
    by_start = {each.start_us: each for each in held}
    for each in found:
        mine = by_start.get(each.start_us)
        if mine is None or (mine.incomplete and not each.incomplete):
            yield each


def _cover_longer(instrument_id: int, shortest: int, from_us: int, until_us: int) -> None:
    """Where all shorter bars are stored, all longer ones are now."""
    known_from, known_until = queries.spans(instrument_id).get(shortest, (0, 0))
    for _, interval in _steps(shortest):
        length_us = interval * MINUTE_US
        first_us = -(-max(known_from, start_of(from_us, 1440)) // length_us) * length_us
        last_us = start_of(min(known_until, until_us), interval)
        if first_us < last_us:
            actions.extend(instrument_id, interval, first_us, last_us)


def prune(instrument_id: int, before_us: int) -> Pruned:
    """Remove the minutes of all days before ``before_us``, each after its longer bars are stored."""
    removed = derived = 0
    before_us = start_of(before_us, 1440)
    minutes = Bar.objects.filter(instrument_id=instrument_id, interval=1, start_us__lt=before_us)
    while (oldest_us := minutes.aggregate(oldest=Min("start_us"))["oldest"]) is not None:
        day_us = start_of(oldest_us, 1440)
        with transaction.atomic():
            derived += _lengthen_days(instrument_id, 1, (day_us, day_us + DAY_US), day_us + DAY_US)
            count, _ = minutes.filter(start_us__lt=day_us + DAY_US).delete()
        removed += count
    if removed:
        known = Span.objects.filter(instrument_id=instrument_id, interval=1, from_us__lt=before_us)
        known.filter(until_us__gt=before_us).update(from_us=before_us, begins=False)
        known.filter(until_us__lte=before_us).delete()
    return Pruned(removed, derived)


def prune_all(now_us: int, days: int) -> Pruned:
    """Of every instrument, also of those that nobody follows any more."""
    totals = Pruned(0, 0)
    for row_id in Instrument.objects.order_by("id").values_list("id", flat=True):
        one = prune(row_id, now_us - days * DAY_US)
        totals = Pruned(totals.removed + one.removed, totals.derived + one.derived)
    return totals
