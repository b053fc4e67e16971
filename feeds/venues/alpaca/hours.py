"""When the market is open: https://docs.alpaca.markets/reference/getcalendar-1, …/getclock-1"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from msgspec import Struct

from feeds.codec import DecodeError, RestRequest
from feeds.credentials import Credentials
from feeds.events import CLOSED, OPEN, POST, PRE, Phase
from feeds.venues.alpaca.rest import account_root
from feeds.venues.alpaca.shapes import decode

ZONE = "America/New_York"
_DAYS_BEFORE, _DAYS_AFTER = 4, 12


class _Clock(Struct, gc=False):
    timestamp: str
    is_open: bool
    next_open: str
    next_close: str


class _Day(Struct, gc=False):
    date: str
    open: str
    close: str
    session_open: str = "0400"
    session_close: str = "2000"


def requests(now_us: int, credentials: Credentials | None) -> tuple[RestRequest, ...]:
    today = datetime.fromtimestamp(now_us // 1_000_000, UTC).date()
    first = max(today, date(1971, 1, 1)) - timedelta(days=_DAYS_BEFORE)
    span = f"start={first}&end={today + timedelta(days=_DAYS_AFTER)}"
    root = account_root(credentials)
    return RestRequest(f"/v2/calendar?{span}", root=root), RestRequest("/v2/clock", root=root)


def decode_hours(bodies: Sequence[bytes]) -> list[Phase]:
    """The calendar, and what the clock says of now where it says something else."""
    days, clock = decode(list[_Day], bodies[0]), decode(_Clock, bodies[1])
    try:
        planned = [phase for day in sorted(days, key=lambda day: day.date) for phase in _phases(day)]
        if any(then.from_us < now.from_us for now, then in pairwise(planned)):
            raise ValueError("expected a calendar whose times follow each other, found one before another")
        return _corrected([Phase(0, CLOSED), *planned], clock)
    except (ValueError, OverflowError) as error:
        raise DecodeError(str(error), bodies[0]) from error


def _phases(day: _Day) -> list[Phase]:
    times = (day.session_open, PRE), (day.open, OPEN), (day.close, POST), (day.session_close, CLOSED)
    return [Phase(_local_us(day.date, text), name) for text, name in times]


def _local_us(day: str, text: str) -> int:
    """``2026-11-27`` and ``09:30`` or ``0930``, of New York."""
    hours, minutes = text[:2], text[-2:]
    at = datetime.fromisoformat(f"{day}T{hours}:{minutes}").replace(tzinfo=ZoneInfo(ZONE))
    return round(at.timestamp()) * 1_000_000


def _corrected(phases: list[Phase], clock: _Clock) -> list[Phase]:
    """A market that stays closed on a day of mourning is not in the calendar at first."""
    now_us, open_us, close_us = map(_told_us, (clock.timestamp, clock.next_open, clock.next_close))
    planned = [phase for phase in phases if phase.from_us <= now_us][-1].name
    if clock.is_open == (planned == OPEN):
        return phases
    until_us = close_us if clock.is_open else open_us
    now, then = (OPEN, POST) if clock.is_open else (CLOSED, OPEN)
    kept = [phase for phase in phases if phase.from_us <= now_us or phase.from_us > until_us]
    return sorted([*kept, Phase(now_us, now), Phase(until_us, then)], key=lambda phase: phase.from_us)


def _told_us(text: str) -> int:
    """``2026-11-27T09:30:00-05:00``, with a fraction of any length or none."""
    us = int(datetime.fromisoformat(text).timestamp()) * 1_000_000
    if us < 0:
        raise ValueError(f"expected a time since 1970, found {text!r:.40}")
    return us
