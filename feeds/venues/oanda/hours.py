"""When OANDA trades: https://www.oanda.com/us-en/trading/hours-of-operation/

No request tells it. Each price says whether it can be traded, and that is what counts; these hours say why
it cannot. Of gold and silver they were not found: at weekends they are closed, and nobody says until when.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from feeds.events import CLOSED, OPEN, Phase

ZONE = "America/New_York"
# Currencies rest from 16:58 until 17:03; its divisions differ by a minute or two, so the latest is told.
_CLOSES, _OPENS = time(16, 58), time(17, 5)
_FRIDAY, _SUNDAY = 4, 6
UNKNOWN = ""


def phases(native: str, now_us: int) -> list[Phase]:
    """From a week before ``now_us`` until a week after it."""
    today = datetime.fromtimestamp(now_us // 1_000_000, UTC).date()
    return _around(today, native.startswith("X"))


@lru_cache(maxsize=16)
def _around(today: date, metal: bool) -> list[Phase]:
    """ISO 4217: what begins with an X belongs to no country, and of those only metals are traded here."""
    days = (today + timedelta(days=number) for number in range(-7, 8))
    return [phase for day in days for phase in (_of_metal if metal else _of_currency)(day)]


def _of_currency(day: date) -> Iterator[Phase]:
    if day.weekday() in (0, 1, 2, 3, _FRIDAY):
        yield _phase(day, _CLOSES, CLOSED)
    if day.weekday() in (0, 1, 2, 3, _SUNDAY):
        yield _phase(day, _OPENS, OPEN)


def _of_metal(day: date) -> Iterator[Phase]:
    if day.weekday() == _FRIDAY:
        yield _phase(day, _CLOSES, CLOSED)
    elif day.weekday() == _SUNDAY:
        yield _phase(day, _OPENS, UNKNOWN)


def _phase(day: date, at: time, name: str) -> Phase:
    moment = datetime.combine(day, at, ZoneInfo(ZONE))
    return Phase(round(moment.timestamp()) * 1_000_000, name)
