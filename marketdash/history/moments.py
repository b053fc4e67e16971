"""Closes near times that are past, for many instruments and times at once.

Of all stored bars that hold a time or end before it, the one whose end is nearest to it says most; of
equals the shortest, then the earlier. Where minutes are stored that is at most half a minute away. A bar
counts while its end is no further than its own length, because then it holds the time or touches the bar that
does; a shorter one up to an hour, because a market without trades for so long still stands at its last price.
So a day is the most: days are what is kept of every market for ever, and what is further away is another
day's price.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db import connection

from feeds.symbols import INTERVALS
from marketdash.history import actions, queries
from marketdash.history.derive import MINUTE_US
from marketdash.history.models import Bar
from marketdash.publish import DayClose, Moment, PastClose

QUIET_US = 60 * MINUTE_US
DAY = 1440
_AT_ONCE = 500

_Asked = tuple[int, int]
"""An instrument's row, and a time."""


def closes_at(wanted: Iterable[Moment]) -> dict[Moment, PastClose]:
    """Those that are known."""
    moments = sorted(set(wanted))
    ids = actions.ids_of({symbol for symbol, _ in moments})
    asked = [(ids[symbol], at_us) for symbol, at_us in moments if symbol in ids]
    found: dict[_Asked, PastClose] = {}
    for at in range(0, len(asked), _AT_ONCE):
        found.update(_nearest(asked[at : at + _AT_ONCE]))
    return {
        (symbol, at_us): found[ids[symbol], at_us]
        for symbol, at_us in moments
        if (ids.get(symbol), at_us) in found
    }


def _nearest(asked: Sequence[_Asked]) -> dict[_Asked, PastClose]:
    """The shortest bars first: where one ends within half of its length no other ends nearer."""
    found: dict[_Asked, PastClose] = {}
    for interval in INTERVALS:
        for key, close in _of_length(asked, interval):
            if key not in found or _away(close, key) < _away(found[key], key):
                found[key] = close
        asked = [key for key in asked if key not in found or not _is_nearest(found[key], key)]
        if not asked:
            break
    return found


def _away(close: PastClose, key: _Asked) -> int:
    return abs(close.end_us - key[1])


def _is_nearest(close: PastClose, key: _Asked) -> bool:
    return 2 * _away(close, key) <= close.interval * MINUTE_US


def _of_length(asked: Sequence[_Asked], interval: int) -> Iterator[tuple[_Asked, PastClose]]:
    """Of each the bar that ended last, then the one that it lies in: the earlier of equals first."""
    length_us = interval * MINUTE_US
    with connection.cursor() as cursor:
        cursor.execute(_text(asked, interval))
        for row_id, at_us, held, held_close, before, before_close in cursor.fetchall():
            if before is not None:
                yield (row_id, at_us), PastClose(before_close, before + length_us, interval)
            if held is not None:
                yield (row_id, at_us), PastClose(held_close, held + length_us, interval)


def _text(asked: Iterable[_Asked], interval: int) -> str:
    """One look and one seek in the key for each, all in one statement. Whole numbers of our own need no
    parameters, of which a database bounds the number."""
    name = connection.ops.quote_name
    bar, length = name(Bar._meta.db_table), name("interval")
    length_us = interval * MINUTE_US
    reach_us = length_us + max(length_us, QUIET_US)
    rows = ", ".join(f"({row_id:d}, {at_us:d})" for row_id, at_us in asked)
    of_it = f"instrument_id = asked.column1 AND {length} = {interval:d}"
    last = (
        f"SELECT start_us FROM {bar} WHERE {of_it} "  # nosec B608 # whole numbers, names of our own model
        f"AND start_us <= asked.column2 - {length_us:d} "
        f"AND start_us >= asked.column2 - {reach_us:d} ORDER BY start_us DESC LIMIT 1"
    )
    joined = " ".join(
        f"LEFT JOIN {bar} {alias} ON {alias}.instrument_id = asked.column1 "
        f"AND {alias}.{length} = {interval:d} AND {alias}.start_us = {start}"
        for alias, start in (
            ("held", f"asked.column2 - asked.column2 % {length_us:d}"),
            ("ended", f"({last})"),
        )
    )
    columns = "asked.column1, asked.column2, held.start_us, held.close, ended.start_us, ended.close"
    return f"SELECT {columns} FROM (VALUES {rows}) AS asked {joined}"  # nosec B608 # as above


def day_closes(symbols: Iterable[str], from_us: int, until_us: int) -> dict[str, dict[int, DayClose]]:
    """Stored, or derived of the shorter bars of a day that are; those that end by ``until_us``."""
    ids = actions.ids_of(symbols)
    return {symbol: dict(_days(row_id, from_us, until_us)) for symbol, row_id in ids.items()}


def _days(row_id: int, from_us: int, until_us: int) -> Iterator[tuple[int, DayClose]]:
    more = True
    while more and until_us > from_us:
        page = queries.page(row_id, DAY, until_us, queries.MAX_PAGE)
        for bar in page.bars:
            if bar.start_us >= from_us:
                yield bar.start_us, DayClose(bar.close, not bar.incomplete)
        more, until_us = page.more, page.before_us
