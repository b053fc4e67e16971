"""The event log in the database: written again and again without doubles, pruned, read with a filter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from marketdash.ops.incidents import Entry
from marketdash.ops.models import Incident

PAGE = 100
MOST_ROWS = 200_000
"""However long they are to be kept: a venue that flaps must not fill the disk."""

_ROWS_AT_ONCE = 200
_OPEN = (Incident.Kind.LIMIT, Incident.Kind.HALT, Incident.Kind.DELISTED)
"""Their texts are our and the venues' words, which other pages show too; those of others may be errors."""


class Asked(NamedTuple):
    """What the log is narrowed to. ``before`` is the id of the last one seen, for the next page."""

    kind: str = ""
    venue: str = ""
    text: str = ""
    ongoing: bool = False
    before: int = 0


def write(worker: str, entries: Sequence[Entry]) -> None:
    """Each by its key: what is there already is changed."""
    rows = [_row(worker, entry) for entry in entries]
    Incident.objects.bulk_create(
        rows,
        batch_size=_ROWS_AT_ONCE,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["text", "ended_at"],
    )


def _row(worker: str, entry: Entry) -> Incident:
    return Incident(
        key=entry.key,
        worker=worker,
        kind=entry.kind,
        venue=entry.venue,
        subject=entry.subject,
        text=entry.text,
        began_at=time_of(entry.began_us),
        ended_at=time_of(entry.ended_us) if entry.ended_us else None,
    )


def prune(keep_days: int, now_us: int) -> int:
    """Remove what ended longer ago, and what is too much; how many went."""
    limit = time_of(now_us) - timedelta(days=keep_days)
    gone, _ = Incident.objects.filter(ended_at__lt=limit).delete()
    newest = Incident.objects.order_by("-id").values_list("id", flat=True)[MOST_ROWS : MOST_ROWS + 1]
    for last in newest:
        more, _ = Incident.objects.filter(id__lte=last).delete()
        gone += more
    return gone


def read(asked: Asked, *, details: bool) -> list[dict[str, object]]:
    """A page of it, newest first. Error texts, and searching in them, are for who may read ``details``."""
    readable = Q() if details else Q(kind__in=_OPEN)
    found = Incident.objects.all()
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.venue:
        found = found.filter(venue=asked.venue)
    if asked.ongoing:
        found = found.filter(ended_at=None)
    if asked.text:
        found = found.filter(Q(subject__icontains=asked.text) | readable & Q(text__icontains=asked.text))
    last = Incident.objects.filter(id=asked.before).first() if asked.before else None
    if last is not None:
        found = found.filter(Q(began_at__lt=last.began_at) | Q(began_at=last.began_at, id__lt=last.id))
    return [_shown(row, details) for row in found[:PAGE]]


def _shown(row: Incident, details: bool) -> dict[str, object]:
    return {
        "id": row.id,
        "kind": row.kind,
        "title": row.get_kind_display(),
        "venue": row.venue,
        "subject": row.subject,
        "text": row.text if details or row.kind in _OPEN else "",
        "began_us": us_of(row.began_at),
        "ended_us": us_of(row.ended_at) if row.ended_at else None,
    }


def time_of(us: int) -> datetime:
    return datetime.fromtimestamp(us / 1e6, tz=UTC)


def us_of(time: datetime) -> int:
    return round(time.timestamp() * 1e6)
