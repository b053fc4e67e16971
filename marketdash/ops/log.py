"""The event log in the database: written again and again without doubles, pruned, read with a filter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import F, Q
from django.db.models.functions import Greatest

from marketdash.ops.incidents import Entry
from marketdash.ops.models import Incident

PAGE = 100
MOST_ROWS = 200_000
"""However long they are to be kept: a venue that flaps must not fill the disk."""

_ROWS_AT_ONCE = 200
NO_FEED_S = 5
GONE_S = 60


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


def write_left(entries: Iterable[Entry]) -> None:
    """Of writers that are gone, each under its own name; what went on then is over."""
    by_worker: dict[str, list[Entry]] = {}
    for entry in entries:
        by_worker.setdefault(entry.key.rpartition(".")[0], []).append(entry)
    for worker, its in by_worker.items():
        write(worker, its)
    _close(Incident.objects.filter(kind="worker", worker__in=by_worker))


def _row(worker: str, entry: Entry) -> Incident:
    return Incident(
        key=entry.key,
        worker=worker,
        kind=entry.kind,
        venue=entry.venue,
        subject=entry.subject,
        text=entry.text,
        began_at=_time(entry.began_us),
        ended_at=_time(entry.ended_us) if entry.ended_us else None,
    )


def close_open(worker: str, subject: str, now_us: int) -> None:
    """The writer before us, which had the same ``subject``, is gone: what it left open ended with it.

    Between its last sign of life and our start there was no feed, which is an entry too.
    """
    before = Incident.objects.filter(kind="worker", subject=subject).exclude(worker=worker).first()
    if before is None:
        return
    last = before.ended_at or _last_sign(before)
    _close([before])
    if (_time(now_us) - last).total_seconds() > NO_FEED_S:
        words, began_us = "no feed process ran", round(last.timestamp() * 1e6)
        write(worker, [Entry(f"{worker}.0", "worker", "", subject, words, began_us, now_us)])


def seen(worker: str, now_us: int) -> None:
    """The process lives: if it is killed, this is when it was seen last. What others left open that were not
    seen for long is closed, because nobody need ever come with their part of the venues again."""
    lives = Incident.objects.filter(kind="worker", ended_at=None)
    lives.filter(worker=worker).update(seen_at=_time(now_us))
    long_ago = _time(now_us) - timedelta(seconds=GONE_S)
    gone = lives.exclude(worker=worker).filter(
        Q(seen_at__lt=long_ago) | Q(seen_at=None, began_at__lt=long_ago)
    )
    _close(list(gone))


def _close(lives: Iterable[Incident]) -> None:
    """All that these writers left open, themselves included."""
    for life in lives:
        left = Incident.objects.filter(worker=life.worker, ended_at=None)
        left.update(ended_at=Greatest(F("began_at"), _last_sign(life)))


def _last_sign(life: Incident) -> datetime:
    return life.seen_at or life.began_at


def prune(keep_days: int, now_us: int) -> int:
    """Remove what ended longer ago, and what is too much; how many went."""
    limit = _time(now_us) - timedelta(days=keep_days)
    gone, _ = Incident.objects.filter(ended_at__lt=limit).delete()
    newest = Incident.objects.order_by("-id").values_list("id", flat=True)[MOST_ROWS : MOST_ROWS + 1]
    for last in newest:
        more, _ = Incident.objects.filter(id__lte=last).delete()
        gone += more
    return gone


def read(asked: Asked, *, details: bool) -> list[dict[str, object]]:
    """A page of it, newest first. Error texts, and searching in them, are for who may read ``details``."""
    found = Incident.objects.all()
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.venue:
        found = found.filter(venue=asked.venue)
    if asked.ongoing:
        found = found.filter(ended_at=None)
    if asked.text:
        words = Q(subject__icontains=asked.text)
        found = found.filter(words | Q(text__icontains=asked.text) if details else words)
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
        "text": row.text if details else "",
        "began_us": round(row.began_at.timestamp() * 1e6),
        "ended_us": round(row.ended_at.timestamp() * 1e6) if row.ended_at else None,
    }


def _time(us: int) -> datetime:
    return datetime.fromtimestamp(us / 1e6, tz=UTC)
