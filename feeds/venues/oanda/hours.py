"""When OANDA trades: https://www.oanda.com/us-en/trading/hours-of-operation/

No request tells it. Each price says whether it can be traded, and that is what counts; these hours say why
it cannot. Those of metals are second-hand, as QuantConnect documents them of OANDA (in winter, 21:58 to
23:10 of UTC): https://www.quantconnect.com/docs/v2/writing-algorithms/securities/asset-classes/cfd/market-hours/oanda
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from feeds.events import CLOSED, OPEN, Phase

ZONE = "America/New_York"
# Currencies rest from 16:58 until 17:03; its divisions differ by a minute or two, so the latest is told.
_CLOSES, _OPENS, _METALS_OPEN = time(16, 58), time(17, 5), time(18, 10)
_FRIDAY, _SUNDAY = 4, 6


def phases(native: str, now_us: int) -> list[Phase]:
    """From a week before ``now_us`` until a week after it."""
    today = datetime.fromtimestamp(now_us // 1_000_000, UTC).date()
    return _around(today, native.startswith("X"))


@lru_cache(maxsize=16)
def _around(today: date, metal: bool) -> list[Phase]:
    """ISO 4217: what begins with an X belongs to no country, and of those only metals are traded here."""
    days = (today + timedelta(days=number) for number in range(-7, 8))
    return [phase for day in days for phase in _of(day, _METALS_OPEN if metal else _OPENS)]


def _of(day: date, opens: time) -> Iterator[Phase]:
    if day.weekday() in (0, 1, 2, 3, _FRIDAY):
        yield _phase(day, _CLOSES, CLOSED)
    if day.weekday() in (0, 1, 2, 3, _SUNDAY):
        yield _phase(day, opens, OPEN)


def _phase(day: date, at: time, name: str) -> Phase:
    moment = datetime.combine(day, at, ZoneInfo(ZONE))
    return Phase(round(moment.timestamp()) * 1_000_000, name)
