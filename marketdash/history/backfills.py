"""What is to be fetched from the venues: noticed, asked for, taken by one, done page by page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from django.db import models, transaction
from django.utils import timezone

from feeds.events import Bar as Event
from feeds.symbols import INTERVALS, OHLC, channels_of
from marketdash.history import actions, retention
from marketdash.history.derive import MINUTE_US, start_of
from marketdash.history.models import Backfill, Bar, Span
from marketdash.instruments.models import Instrument

FIRST_BARS = 750
"""Of each length, for an instrument that has none: what venues give in a page or three."""
DEEPER_BARS = 1000
"""Of what somebody scrolls to: two pages of a chart."""
BUSY_US = 60_000_000
GIVE_UP_AFTER = 6
_MOST_WATCHED = 500
# The newest bars may still be on their way to the database.
_SETTLED_US = 2 * MINUTE_US
_FAILED_US = (5_000_000, 15_000_000, 60_000_000, 300_000_000)


def ask(instrument: Instrument, interval: int, since_us: int, now_us: int, asked_by: str) -> Backfill:
    """Fetch the bars from ``since_us`` until now; one that is under way and reaches as far is returned."""
    since_us, until_us = start_of(since_us, interval), start_of(now_us, interval)
    going = _open().filter(instrument=instrument, interval=interval, since_us__lte=since_us)
    found = going.exclude(asked_by="").first()
    if found is not None:
        found.instrument = instrument  # known: whoever asks in a loop may not look it up
        return found
    return Backfill.objects.create(
        instrument=instrument,
        interval=interval,
        since_us=since_us,
        until_us=until_us,
        at_us=until_us,
        asked_by=asked_by[:150],
    )


def follows(row: Instrument) -> bool:
    """Whether the bars of it are kept, and what is missing is fetched."""
    return row.enabled and row.venue.enabled and row.bars and OHLC in channels_of(row.kind)


def deepen(instrument_id: int, interval: int, now_us: int, not_before_us: int) -> bool:
    """Somebody came to the oldest bar: whether older ones are on their way, asked for here if need be.

    One at a time for each chart, whoever scrolls, and nothing from before ``not_before_us``. Of an instrument
    so new that the worker has not noticed it yet the first ones are asked for.
    """
    if _open().filter(instrument_id=instrument_id, interval=interval).exists():
        return True
    span = Span.objects.filter(instrument_id=instrument_id, interval=interval).first()
    if span is not None and span.begins:
        return False
    length_us, known_us = interval * MINUTE_US, start_of(now_us - _SETTLED_US, interval)
    until_us, bars = (known_us, FIRST_BARS) if span is None else (span.from_us, DEEPER_BARS)
    since_us = max(until_us - bars * length_us, -(-not_before_us // length_us) * length_us)
    if since_us >= until_us:
        return False
    wish = _noticed(Instrument(pk=instrument_id), interval, since_us, until_us)
    Backfill.objects.bulk_create([wish], ignore_conflicts=True)
    return True


def _open() -> models.QuerySet[Backfill]:
    return Backfill.objects.filter(finished=None)


# what the worker notices itself


def notice(instruments: Iterable[Instrument], now_us: int) -> int:
    """Look for times without bars since all were known; how many have to be fetched.

    A worker that was down, a link that was down longer than the venue's last candles reach, a new instrument.
    Minutes come first: the longer bars are made of them as far as they go, and looked for at the next turn.
    """
    spans = {(s.instrument_id, s.interval): s for s in Span.objects.all()}
    going = {(b.instrument_id, b.interval): b.since_us for b in _open()}
    made = [each for row in instruments for each in _wishes(row, spans, going, now_us)]
    Backfill.objects.bulk_create(made, batch_size=200, ignore_conflicts=True)
    return len(made)


_Key = tuple[int, int]


def _wishes(
    row: Instrument, spans: dict[_Key, Span], going: dict[_Key, int], now_us: int
) -> Iterator[Backfill]:
    """``whole_us``: from when on shorter bars will be whole when all that is asked for has come."""
    whole_us: int | None = None
    for interval in INTERVALS:
        span, since_us = spans.get((row.pk, interval)), going.get((row.pk, interval))
        if since_us is None:
            missing = _missing(row, interval, span, start_of(now_us - _SETTLED_US, interval))
            if missing is None or (whole_us is not None and whole_us <= missing[0]):
                continue
            since_us = missing[0]
            yield _noticed(row, interval, *missing)
        if whole_us is None:
            whole_us = min(since_us, span.from_us) if span and span.until_us >= since_us else since_us


def _noticed(row: Instrument, interval: int, since_us: int, until_us: int) -> Backfill:
    return Backfill(instrument=row, interval=interval, since_us=since_us, until_us=until_us, at_us=until_us)


def _missing(row: Instrument, interval: int, span: Span | None, until_us: int) -> tuple[int, int] | None:
    """The time that is not known to be whole; where every bar is there it is known now."""
    length_us = interval * MINUTE_US
    if span is None:
        return until_us - FIRST_BARS * length_us, until_us
    if span.until_us >= until_us:
        return None
    there = Bar.objects.filter(
        instrument=row,
        interval=interval,
        incomplete=False,
        start_us__gte=span.until_us,
        start_us__lt=until_us,
    ).count()
    if there < (until_us - span.until_us) // length_us:
        return span.until_us, until_us
    actions.extend(row.pk, interval, span.until_us, until_us)
    return None


# doing it


Chart = tuple[str, int]
"""A symbol, and the length of its bars in minutes."""


def take(
    venue: str, now_us: int, watched: Collection[str] = (), charts: Collection[Chart] = ()
) -> Backfill | None:
    """One that nobody works on; it is the caller's for a minute. Those that people asked for come first, then
    the ``charts`` that somebody looks at, then all of the ``watched`` instruments."""
    free = _open().filter(instrument__venue__name=venue, busy_until_us__lt=now_us).order_by("created", "id")
    seen = free.filter(instrument__symbol__in=list(watched)[:_MOST_WATCHED])
    for rows in (free.exclude(asked_by=""), free.filter(_any_of(charts)), seen, free):
        for pk in rows.values_list("pk", flat=True)[:5]:
            if hold(pk, now_us):
                return Backfill.objects.select_related("instrument").get(pk=pk)
    return None


def _any_of(charts: Collection[Chart]) -> models.Q:
    """One condition a length: a database bounds how many there may be."""
    lengths: dict[int, list[str]] = {}
    for symbol, interval in list(charts)[:_MOST_WATCHED]:
        lengths.setdefault(interval, []).append(symbol)
    found = models.Q(pk__in=[])
    for interval, names in lengths.items():
        found |= models.Q(interval=interval, instrument__symbol__in=names)
    return found


def hold(pk: int, now_us: int) -> bool:
    """Whether it is ours: another may have been faster."""
    free = _open().filter(pk=pk, busy_until_us__lt=now_us)
    began = free.filter(started=None).update(started=timezone.now(), busy_until_us=now_us + BUSY_US)
    return bool(began or free.update(busy_until_us=now_us + BUSY_US))


@transaction.atomic
def page_done(row: Backfill, bars: Sequence[Event], since_us: int, now_us: int) -> None:
    """Store a page that reaches back to ``since_us``, and that it was: both or neither. What lies before it
    and is known already is passed over."""
    kept = actions.upsert(bars)
    if actions.extend(row.instrument_id, row.interval, since_us, row.at_us):
        known = Span.objects.get(instrument_id=row.instrument_id, interval=row.interval)
        since_us = max(row.since_us, known.from_us)
    row.at_us, row.bars, row.failures = since_us, row.bars + kept.bars, 0
    row.busy_until_us = now_us + BUSY_US
    row.save(update_fields=["at_us", "bars", "failures", "busy_until_us"])


def failed(row: Backfill, why: str, now_us: int, wait_us: int = 0) -> None:
    """Try again later, or give up: what is still missing is noticed again."""
    row.failures += 1
    wait_us = max(wait_us, _FAILED_US[min(row.failures, len(_FAILED_US)) - 1])
    row.remark, row.busy_until_us = why[:300], now_us + wait_us
    if row.failures >= GIVE_UP_AFTER:
        row.finished = timezone.now()
        _forget_older(row)
    row.save(update_fields=["failures", "remark", "busy_until_us", "finished"])


def finish(row: Backfill, remark: str = "", *, begins: bool = False) -> None:
    """All that the venue has is stored; make the longer bars of it. ``begins``: it has nothing older."""
    actions.cover(row.instrument_id, row.interval, row.since_us, row.until_us)
    if begins:
        mine = Span.objects.filter(instrument=row.instrument_id, interval=row.interval)
        mine.filter(from_us=row.since_us).update(begins=True)
    retention.lengthen(row.instrument_id, row.interval, row.since_us, row.until_us)
    row.at_us, row.finished, row.remark = row.since_us, timezone.now(), remark[:300]
    row.save(update_fields=["since_us", "at_us", "finished", "remark"])
    _forget_older(row)


def _forget_older(row: Backfill) -> None:
    """Of what the worker noticed itself the last one is enough: people read this list."""
    old = Backfill.objects.filter(asked_by="", instrument=row.instrument, interval=row.interval)
    old.exclude(pk=row.pk).exclude(finished=None).delete()
