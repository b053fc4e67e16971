"""When Pyth publishes a feed: ``schedule`` of its list.

``America/New_York;0000-1700&1800-2400,O,O,O,0000-1700,C,1800-2400;1225/C``: a zone, seven days from Monday
on, exceptions by month and day of any year. A day is open (``O``), closed (``C``) or open in spans of its
local clock; what goes on over midnight ends at 2400 and begins at 0000.
https://docs.pyth.network/price-feeds/pythnet-reference/schedule-format, and how its publishers' program reads
it: https://github.com/pyth-network/pyth-agent/blob/main/src/agent/market_schedule.rs
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from feeds.codec import DecodeError
from feeds.events import CLOSED, OPEN, Phase

Day = tuple[tuple[int, int], ...]
"""From and until when it is open, in minutes after its midnight."""
UNKNOWN = ""
# The longest holidays that Pyth closes a market for are China's, of about ten days.
_DAYS_BEFORE, _DAYS_AFTER = 2, 21
_WEEK, _FULL = 7, 24 * 60
_zone = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{0,63}").fullmatch
_span = re.compile(r"([0-9]{2})([0-9]{2})-([0-9]{2})([0-9]{2})").fullmatch
_exception = re.compile(r"([0-9]{4})/(.+)").fullmatch


class Schedule:
    """Of one feed, or of all that have the same. ``zone`` is a name of the tz database."""

    __slots__ = ("zone", "_week", "_exceptions", "_day", "_phases")

    def __init__(self, zone: str, week: Sequence[Day], exceptions: dict[str, Day]) -> None:
        self.zone, self._week, self._exceptions = zone, week, exceptions
        self._day, self._phases = date.min, list[Phase]()

    def phases(self, now_us: int) -> list[Phase]:
        """From two days before ``now_us`` until three weeks after it. They are kept for the day."""
        today = datetime.fromtimestamp(now_us // 1_000_000, UTC).date()
        if today != self._day:
            self._day, self._phases = today, list(self._around(today))
        return self._phases

    def _around(self, today: date) -> Iterator[Phase]:
        first, last = (today + timedelta(days=number) for number in (-_DAYS_BEFORE, _DAYS_AFTER))
        yield Phase(self._at_us(first, 0), CLOSED)
        until_us = 0
        for since_us, ends_us in self._spans(first, last):
            if since_us > until_us:
                if until_us:
                    yield Phase(until_us, CLOSED)
                yield Phase(since_us, OPEN)
            until_us = max(until_us, ends_us)
        if until_us:
            yield Phase(until_us, CLOSED)
        yield Phase(self._at_us(last, 0), UNKNOWN)

    def _spans(self, first: date, last: date) -> Iterator[tuple[int, int]]:
        """In order. A span that summer time leaves out is none."""
        for day in (first + timedelta(days=number) for number in range((last - first).days)):
            open_at = self._exceptions.get(f"{day:%m%d}", self._week[day.weekday()])
            for since, until in open_at:
                span = self._at_us(day, since), self._at_us(day, until)
                if span[0] < span[1]:
                    yield span

    def _at_us(self, day: date, minutes: int) -> int:
        """By the local clock, whatever was done to it since midnight."""
        at = datetime.combine(day, time(), ZoneInfo(self.zone)) + timedelta(minutes=minutes)
        return round(at.timestamp()) * 1_000_000


@lru_cache(maxsize=512)
def read(text: str) -> Schedule:
    """Raises ValueError with what was expected and found."""
    zone, _, rest = text.partition(";")
    week, _, exceptions = rest.partition(";")
    days = [_day(each) for each in week.split(",")]
    if len(days) != _WEEK:
        raise ValueError(f"expected seven days, found {len(days)}")
    return Schedule(_known(zone), days, _exceptions(exceptions))


def _known(zone: str) -> str:
    try:
        if _zone(zone):
            ZoneInfo(zone)
            return zone
    except (KeyError, ValueError, OSError):
        pass
    raise ValueError(f"expected a time zone, found {zone!r:.60}")


def _exceptions(text: str) -> dict[str, Day]:
    """By month and day; of two for one day the first counts, as for Pyth itself."""
    found: dict[str, Day] = {}
    for each in filter(None, text.split(",")):
        if not (parts := _exception(each)):
            raise ValueError(f"expected MMDD/day, found {each!r:.60}")
        found.setdefault(parts[1], _day(parts[2]))
    return found


def _day(text: str) -> Day:
    if text in ("O", "C"):
        return ((0, _FULL),) if text == "O" else ()
    return tuple(sorted(_minutes(each) for each in text.split("&")))


def _minutes(text: str) -> tuple[int, int]:
    if parts := _span(text):
        hour, minute, last_hour, last_minute = map(int, parts.groups())
        since, until = hour * 60 + minute, last_hour * 60 + last_minute
        if minute < 60 and last_minute < 60 and since < until <= _FULL:
            return since, until
    raise ValueError(f"expected O, C or HHMM-HHMM, found {text!r:.60}")


class _Attributes(Struct):
    schedule: Any = ""


class _Row(Struct):
    id: str
    attributes: _Attributes = msgspec.field(default_factory=_Attributes)


_rows = msgspec.json.Decoder(list[_Row]).decode


def decode(body: bytes) -> tuple[dict[str, Schedule], list[str]]:
    """Of ``/v2/price_feeds``: the schedule of each feed by its identifier, and what of them cannot be read.
    A feed without one has no hours. Raises :class:`DecodeError`."""
    try:
        rows = _rows(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error
    found: dict[str, Schedule] = {}
    unread: list[str] = []
    for row in rows:
        native, text = row.id.removeprefix("0x").lower(), row.attributes.schedule
        try:
            if text:
                found[native] = read(text if isinstance(text, str) else f"{text!r:.60}")
        except ValueError as error:
            unread.append(f"{native:.64}: {error}")
    return found, unread
