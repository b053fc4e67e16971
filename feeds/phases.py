"""Parts of a trading day, in words. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from feeds.events import CLOSED, OPEN, POST, PRE, Phase

_FAR_US = 6 * 24 * 3600 * 1_000_000


def phase_at(phases: Sequence[Phase], now_us: int) -> str:
    """``""`` before the first one, and after the last one began: nothing says how that goes on."""
    at = bisect_right(phases, now_us, key=lambda each: each.from_us) - 1
    return phases[at].name if 0 <= at < len(phases) - 1 else ""


def words_at(phases: Sequence[Phase], now_us: int, zone: str) -> str:
    """``closed, opens Mon 09:30 New York``; ``""`` while it is open, or not known."""
    phase = phase_at(phases, now_us)
    if phase in ("", OPEN):
        return ""
    opens = next((each.from_us for each in phases if each.from_us > now_us and each.name == OPEN), 0)
    said = {CLOSED: "closed", PRE: "before the opening", POST: "after the close"}[phase]
    return f"{said}, opens {_when(opens, now_us, zone)}" if opens else said


def _when(us: int, now_us: int, zone: str) -> str:
    """With the weekday, and the day too where the weekday could be that of another week."""
    at = datetime.fromtimestamp(us // 1_000_000, UTC).astimezone(ZoneInfo(zone))
    day = f"{at:%a} {at.day} {at:%b}" if us - now_us > _FAR_US else f"{at:%a}"
    return f"{day} {at:%H:%M} {zone.rpartition('/')[2].replace('_', ' ')}"
