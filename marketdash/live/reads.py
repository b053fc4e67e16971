"""Last values for a page: what is not at hand is asked for, and waited for as long as the caller says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from feeds.symbols import HEALTH
from marketdash.live.bodies import with_ages
from marketdash.live.cancellation import woken
from marketdash.live.presence import SILENT_REASON, STATES_THAT_SILENCE_CHANGES, Presence
from marketdash.live.topics import Topic, Topics
from marketdash.publish import UNHEARD, Row

READ_LEASE_S = 10.0
"""Who read a page follows it in a moment, or somebody else reads the same one."""


@dataclass(slots=True, eq=False)
class _Waiting:
    names: set[str]
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Reads:
    def __init__(
        self, topics: Topics, presence: Presence, wake: Callable[[], None], now_us: Callable[[], int]
    ) -> None:
        self._topics, self._presence, self._wake, self._now_us = topics, presence, wake, now_us
        self._waiting: set[_Waiting] = set()

    def arrived(self, topic: Topic) -> None:
        """It has a value."""
        for waiting in self._waiting:
            waiting.names.discard(topic.name)
            if not waiting.names:
                waiting.done.set()

    def at_hand(self, name: str) -> Row | None:
        """Without waiting, and without asking for it."""
        topic = self._topics.get(name)
        return None if topic is None else self._row(topic)

    async def read(self, names: Iterable[str], timeout_s: float) -> dict[str, Row]:
        """Those that have a value within ``timeout_s``. What never had one, of a feed that is silent, is
        down: nobody brings it."""
        now_s = self._now_us() / 1e6
        topics = [self._topics.need(name, now_s, READ_LEASE_S) for name in dict.fromkeys(names)]
        missing = {topic.name for topic in topics if topic.replica.position is None}
        if missing:
            self._wake()
            await self._wait(_Waiting(missing), timeout_s)
        found = ((topic.name, self._row(topic) or self._silent(topic)) for topic in topics)
        return {name: row for name, row in found if row is not None}

    async def _wait(self, waiting: _Waiting, timeout_s: float) -> None:
        self._waiting.add(waiting)
        try:
            await woken(waiting.done, timeout_s)
        finally:
            self._waiting.discard(waiting)

    def _silent(self, topic: Topic) -> Row | None:
        venue, colon, _ = topic.parts.instrument.partition(":")
        silent = colon and self._presence.silent(venue, self._now_us())
        return UNHEARD._replace(body={}) if silent else None

    def _row(self, topic: Topic) -> Row | None:
        """A copy, so that the reader may change it; None while there is no value."""
        if topic.replica.position is None:
            return None
        body = dict(topic.replica.value())
        state, reason = str(body.pop("state", "")), str(body.pop("reason", ""))
        at_us = self._now_us()
        age_us = max(0, at_us - topic.replica.as_of_us)
        if topic.parts.channel == HEALTH:
            body = with_ages(body, age_us)
        venue = topic.parts.instrument.partition(":")[0]
        if state in STATES_THAT_SILENCE_CHANGES and self._presence.silent(venue, at_us):
            state, reason = "stale", SILENT_REASON
        return Row(state, reason, age_us, body)
