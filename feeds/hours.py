"""When a market is open: what its venue says of that by REST, told by our clock in between.

A market that is closed sends nothing, and is not stale: its topics are halted, in words that say until when.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence

from feeds.clock import Clock
from feeds.codec import Codec, DecodeError, RestRequest
from feeds.events import Phase
from feeds.phases import phase_at, words_at
from feeds.ratelimit import Seldom
from feeds.rest import Rest, RestError

logger = logging.getLogger(__name__)

RETRY_S = 30.0
LOOK_S = 1.0

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
            requests = self._codec.hours_requests(self._clock.wall_ns() // 1000)
            if requests and (now_ns := self._clock.mono_ns()) >= due_ns:
                wait_s = self._codec.hours_every_s if await self._ask(requests) else RETRY_S
                due_ns = now_ns + round(max(wait_s, self._rest.banned_s) * 1e9)
            self.look()
            await asyncio.sleep(LOOK_S)
        await asyncio.Event().wait()

    async def _ask(self, requests: Sequence[RestRequest]) -> bool:
        try:
            bodies = [await self._rest.get(each, low=True) for each in requests]
            self._phases = self._codec.decode_hours(bodies)
        except (RestError, DecodeError) as error:
            self.counters["fetch errors"] += 1
            if often := self._seldom.due(type(error).__name__):
                logger.warning("%s: hours are not known (%d times): %s", self._codec.venue, often, error)
            return False
        if unread := self._codec.unread_hours:
            self.counters["unread hours"] += len(unread)
            logger.warning("%s: %d hours cannot be read: %s", self._codec.venue, len(unread), unread[0])
        return True

    def look(self) -> None:
        """Tell of what began by our clock."""
        now_us = self._clock.wall_ns() // 1000
        phase, words = phase_at(self._phases, now_us), words_at(self._phases, now_us, self._codec.zone)
        if (phase, words) != (self.phase, self.words):
            self.phase, self.words = phase, words
            self._changed(phase, words)
