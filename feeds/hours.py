"""When a market is open: what its venue says of that by REST, told by our clock in between.

A market that is closed sends nothing, and is not stale: its topics are halted, in words that say until when.
"""

from __future__ import annotations

import asyncio
import logging
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from feeds.clock import Clock
from feeds.codec import Codec, DecodeError
from feeds.events import CLOSED, OPEN, POST, PRE, Phase
from feeds.ratelimit import Seldom
from feeds.rest import Rest, RestError

logger = logging.getLogger(__name__)

ASK_EVERY_S, RETRY_S = 300.0, 30.0
LOOK_S = 1.0
_FAR_US = 6 * 24 * 3600 * 1_000_000

Changed = Callable[[str, str], None]
"""Told the phase and its words: at the start, and whenever either is another one."""


class Hours:
    """Of one venue. ``phase`` is one of pre, open, post, closed; ``""`` while nothing says it."""

    def __init__(
        self, codec: Codec, rest: Rest, clock: Clock, counters: Counter[str], changed: Changed
    ) -> None:
        self._codec, self._rest, self._clock = codec, rest, clock
        self.counters, self._changed = counters, changed
        self.phase = self.words = ""
        self._phases: list[Phase] = []
        self._seldom = Seldom(600, clock)

    async def run(self) -> None:
        """Ask now and then, look each second; until cancelled. At once over where a venue never closes."""
        due_ns = 0
        while self._codec.hours_requests(0):
            if (now_ns := self._clock.mono_ns()) >= due_ns:
                wait_s = ASK_EVERY_S if await self._ask() else RETRY_S
                due_ns = now_ns + round(max(wait_s, self._rest.banned_s) * 1e9)
            self.look()
            await asyncio.sleep(LOOK_S)
        await asyncio.Event().wait()

    async def _ask(self) -> bool:
        now_us = self._clock.wall_ns() // 1000
        try:
            bodies = [await self._rest.get(each, low=True) for each in self._codec.hours_requests(now_us)]
            self._phases = self._codec.decode_hours(bodies)
        except (RestError, DecodeError) as error:
            self.counters["fetch errors"] += 1
            if often := self._seldom.due(type(error).__name__):
                logger.warning("%s: hours are not known (%d times): %s", self._codec.venue, often, error)
            return False
        return True

    def look(self) -> None:
        """Tell of what began by our clock."""
        now_us = self._clock.wall_ns() // 1000
        phase, words = phase_at(self._phases, now_us), words_at(self._phases, now_us, self._codec.zone)
        if (phase, words) != (self.phase, self.words):
            self.phase, self.words = phase, words
            self._changed(phase, words)


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
