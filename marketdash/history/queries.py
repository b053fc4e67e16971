"""What is read of history: bars before a time, last closes, how far it is whole. Newest first inside, pages
oldest first; a longer bar that is not stored is derived from the shorter ones that are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import OuterRef, Subquery

from marketdash.history import derive
from marketdash.history.derive import MINUTE_US, Stored, start_of
from marketdash.history.models import Bar, Span
from marketdash.instruments.models import Instrument
from marketdash.publish import LastClose

MAX_PAGE = 1000
# What one page may read to derive bars from: 14 days of minutes. A page that would need more ends early.
_ROWS, _QUERIES = 20_000, 40
# The open end of a range: before any exchange there was.
_LONG_AGO_US = 0
Range = tuple[int, int]


class Page(NamedTuple):
    """Oldest first. ``before_us`` is what to ask with next; ``more`` says whether older ones may be there."""

    bars: list[Stored]
    before_us: int
    more: bool


def row_of(bar: Stored) -> dict[str, Any]:
    """The fields of a bar on the socket."""
    fields = {**bar._asdict(), "ts": bar.start_us, "closed": True}
    del fields["start_us"]
    return fields


def before(symbol: str, interval: int, before_us: int, limit: int) -> list[dict[str, Any]]:
    """As :func:`page`, by an instrument's name, as rows; nothing where nobody knows it."""
    row_id = Instrument.objects.filter(symbol=symbol).values_list("pk", flat=True).first()
    return [] if row_id is None else [row_of(bar) for bar in page(row_id, interval, before_us, limit).bars]


class _Budget:
    def __init__(self) -> None:
        self.rows, self.queries = _ROWS, _QUERIES

    @property
    def spent(self) -> bool:
        return self.rows <= 0 or self.queries <= 0


def page(instrument_id: int, interval: int, before_us: int, limit: int) -> Page:
    """The last ``limit`` closed bars that start before ``before_us``."""
    limit = max(1, min(limit, MAX_PAGE))
    before_us = start_of(before_us, interval)
    stored = rows(instrument_id, interval, _LONG_AGO_US, before_us, limit + 1)
    from_us = stored[0].start_us if len(stored) > limit else _LONG_AGO_US
    found, floor_us = _Reader(instrument_id).complete(stored, interval, (from_us, before_us))
    bars = [bar for bar in found if bar.start_us >= floor_us]
    more = len(bars) > limit or floor_us > _LONG_AGO_US or len(stored) > limit
    bars = bars[-limit:]
    next_us = bars[0].start_us if bars else floor_us
    return Page(bars, next_us, more and next_us > _LONG_AGO_US)


def rows(instrument_id: int, interval: int, from_us: int, until_us: int, limit: int) -> list[Stored]:
    """The newest ``limit`` stored bars that start from ``from_us`` on, before ``until_us``; oldest first."""
    found = Bar.objects.filter(
        instrument_id=instrument_id, interval=interval, start_us__gte=from_us, start_us__lt=until_us
    ).order_by("-start_us")
    return [Stored(*each) for each in reversed(found.values_list(*Stored._fields)[:limit])]


def spans(instrument_id: int) -> dict[int, Range]:
    """Interval to the time in which all its bars are stored."""
    found = Span.objects.filter(instrument_id=instrument_id)
    return {each.interval: (each.from_us, each.until_us) for each in found}


class _Reader:
    """One page's. ``spans`` is read once; where an interval is whole nothing is derived."""

    def __init__(self, instrument_id: int) -> None:
        self._id, self._spans, self._budget = instrument_id, spans(instrument_id), _Budget()

    def complete(self, stored: Sequence[Stored], interval: int, within: Range) -> tuple[list[Stored], int]:
        """``stored`` with what can be derived between; and from where on the result can be relied on."""
        part = derive.shorter(interval)
        found: list[Stored] = []
        if part is None:
            return list(stored), within[0]
        floor_us = within[0]
        for gap in self._gaps(stored, interval, within):
            parts, part_floor_us = self._parts(part, gap)
            whole = self._spans.get(part, (0, 0))
            found += derive.lengthened(parts, part, interval, whole)
            if part_floor_us > gap[0]:
                floor_us = start_of(part_floor_us - 1, interval) + interval * MINUTE_US
                break
        return derive.merged(stored, found), floor_us

    def _parts(self, part: int, gap: Range) -> tuple[list[Stored], int]:
        """Parts in ``gap``, and from where on they are all that there are."""
        if self._budget.spent:
            return [], gap[1]
        limit = self._budget.rows
        stored = rows(self._id, part, *gap, limit)
        self._budget.rows -= len(stored)
        self._budget.queries -= 1
        floor_us = stored[0].start_us if len(stored) == limit else gap[0]
        found, deeper_us = self.complete(stored, part, (floor_us, gap[1]))
        return found, max(floor_us, deeper_us)

    def _gaps(self, stored: Sequence[Stored], interval: int, within: Range) -> Iterable[Range]:
        """Times in ``within`` without a complete bar that might have one; newest first."""
        known_from, known_until = self._spans.get(interval, (0, 0))
        upper_us = within[1]
        for bar in [*(each for each in reversed(stored) if not each.incomplete), None]:
            lower_us = within[0] if bar is None else bar.start_us + interval * MINUTE_US
            # What lies in the known span is there already, or never was.
            for gap in ((max(lower_us, known_until), upper_us), (lower_us, min(upper_us, known_from))):
                if gap[0] < gap[1]:
                    yield gap
            upper_us = within[0] if bar is None else bar.start_us


def last_closes(symbols: Iterable[str], before_us: int | None = None) -> dict[str, LastClose]:
    """The newest stored close of each, with the end of its bar; ``before_us``: of bars that ended by then.

    Minutes are pruned, days are not.
    """
    found: dict[str, LastClose] = {}
    names = list(symbols)
    for interval in (1, 1440):
        missing = [name for name in names if name not in found]
        found.update(_last_closes(missing, interval, before_us))
    return found


def _last_closes(
    symbols: Sequence[str], interval: int, before_us: int | None
) -> Iterable[tuple[str, LastClose]]:
    """One seek in the key for each instrument, all in one query."""
    newest = Bar.objects.filter(instrument_id=OuterRef("pk"), interval=interval).order_by("-start_us")
    if before_us is not None:
        newest = newest.filter(start_us__lte=before_us - interval * MINUTE_US)
    for at in range(0, len(symbols), 500):  # SQLite bounds the number of parameters
        listed = Instrument.objects.filter(symbol__in=symbols[at : at + 500]).annotate(
            close=Subquery(newest.values("close")[:1]), at_us=Subquery(newest.values("start_us")[:1])
        )
        for symbol, close, start_us in listed.values_list("symbol", "close", "at_us"):
            if close is not None:
                yield symbol, LastClose(close, start_us + interval * MINUTE_US)


def closes(symbols: Sequence[str], interval: int, count: int, now_us: int) -> dict[str, list[str]]:
    """Of the last ``count`` times of ``interval`` minutes those that are stored, oldest first; one query."""
    from_us = start_of(now_us, interval) - count * interval * MINUTE_US
    found = Bar.objects.filter(
        instrument__symbol__in=symbols[:500], interval=interval, start_us__gte=from_us, start_us__lt=now_us
    ).order_by("instrument_id", "start_us")
    by_symbol: dict[str, list[str]] = {}
    for symbol, close in found.values_list("instrument__symbol", "close"):
        by_symbol.setdefault(symbol, []).append(close)
    return by_symbol
