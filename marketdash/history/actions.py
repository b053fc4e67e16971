"""Every write of bars, all of them repeatable: the same bars again change nothing.

A complete bar replaces what is stored; an incomplete one replaces only another incomplete one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import DataError, IntegrityError, connection, transaction

from feeds.events import Bar as Event
from feeds.symbols import INTERVALS, is_number
from marketdash.history.derive import MINUTE_US
from marketdash.history.models import Bar, Span
from marketdash.instruments.models import Instrument

logger = logging.getLogger(__name__)

_COLUMNS = [field.column for field in Bar._meta.concrete_fields]
_KEY = ("instrument_id", "interval", "start_us")
_MAX_DIGITS, _MOST = 64, 1 << 62


class Kept(NamedTuple):
    """``refused``: bars that no row can carry. ``unknown``: bars of instruments that are not listed."""

    bars: int
    refused: int
    unknown: int


Row = tuple[object, ...]


def upsert(bars: Iterable[Event]) -> Kept:
    """Store closed bars; later ones of the same time win, within the rule of completeness."""
    found = [bar for bar in bars if bar.closed]
    ids = ids_of({bar.instrument for bar in found})
    proper = [bar for bar in found if _is_proper(bar)]
    rows = [_row(ids[bar.instrument], bar) for bar in proper if bar.instrument in ids]
    stored = store(rows)
    return Kept(stored, len(found) - len(proper) + len(rows) - stored, len(proper) - len(rows))


def ids_of(symbols: Iterable[str]) -> dict[str, int]:
    """Symbol to row; those that are not listed are left out."""
    names = list(symbols)
    found: dict[str, int] = {}
    for at in range(0, len(names), 500):  # SQLite bounds the number of parameters
        rows = Instrument.objects.filter(symbol__in=names[at : at + 500])
        found.update(rows.values_list("symbol", "id"))
    return found


def _is_proper(bar: Event) -> bool:
    texts = (bar.open, bar.high, bar.low, bar.close)
    at = bar.interval in INTERVALS and bar.start_us % (bar.interval * MINUTE_US) == 0
    counts = 0 < bar.start_us < _MOST and 0 <= bar.trades < _MOST
    return at and counts and all(map(is_number, texts)) and _is_amount(bar.volume)


def _is_amount(text: str) -> bool:
    """Plain and not negative; a sum may have more digits than a single number."""
    whole, point, fraction = text.partition(".")
    plain = whole.isdecimal() and (fraction.isdecimal() if point else True)
    return plain and text.isascii() and len(text) <= _MAX_DIGITS


def _row(instrument_id: int, bar: Event) -> Row:
    prices = (bar.open, bar.high, bar.low, bar.close)
    return (instrument_id, bar.interval, bar.start_us, *prices, bar.volume, bar.trades, bar.incomplete)


def store(rows: Sequence[Row]) -> int:
    """Rows as :class:`Bar` has its columns; how many could be carried.

    All at once; where the database refuses one of them, one by one, so that it costs no other.
    """
    if not rows:
        return 0
    try:
        _store(rows)
        return len(rows)
    except (DataError, IntegrityError):
        return sum(map(_stored_alone, rows))


def _stored_alone(row: Row) -> bool:
    try:
        _store([row])
        return True
    except (DataError, IntegrityError) as problem:
        logger.warning("history: a bar was refused: %s: %.200s", row, problem)
        return False


def _store(rows: Sequence[Row]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_upsert_text(), rows)


def _upsert_text() -> str:
    """One statement for both databases: the ORM's own upsert cannot say when a row is to be left alone."""
    table = connection.ops.quote_name(Bar._meta.db_table)
    quoted = [connection.ops.quote_name(column) for column in _COLUMNS]
    key = ", ".join(connection.ops.quote_name(column) for column in _KEY)
    changes = ", ".join(f"{name} = excluded.{name}" for name in quoted[len(_KEY) :])
    incomplete = connection.ops.quote_name("incomplete")
    marks = ", ".join(["%s"] * len(quoted))
    return (
        f"INSERT INTO {table} ({', '.join(quoted)}) VALUES ({marks}) "  # nosec B608 # names of our own model
        f"ON CONFLICT ({key}) DO UPDATE SET {changes} "
        f"WHERE {table}.{incomplete} OR NOT excluded.{incomplete}"
    )


@transaction.atomic
def cover(instrument_id: int, interval: int, from_us: int, until_us: int) -> None:
    """All bars of this time are stored. A time apart from what was known before takes its place if later."""
    if extend(instrument_id, interval, from_us, until_us):
        return
    later = Span.objects.filter(instrument_id=instrument_id, interval=interval, until_us__lt=from_us)
    later.update(from_us=from_us, until_us=until_us, begins=False)


@transaction.atomic
def extend(instrument_id: int, interval: int, from_us: int, until_us: int) -> bool:
    """As :func:`cover`, but only where it touches what was known, or nothing was; whether it did."""
    span, made = Span.objects.select_for_update().get_or_create(
        instrument_id=instrument_id, interval=interval, defaults={"from_us": from_us, "until_us": until_us}
    )
    touches = from_us <= span.until_us and span.from_us <= until_us
    if touches and not made:
        span.from_us, span.until_us = min(from_us, span.from_us), max(until_us, span.until_us)
        span.save(update_fields=["from_us", "until_us"])
    return touches
