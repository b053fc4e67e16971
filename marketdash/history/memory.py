"""Behind what :mod:`marketdash.publish` says of the past."""

from __future__ import annotations

import time
from collections.abc import Iterable

from channels.db import database_sync_to_async

from marketdash.history import fetching, moments, queries
from marketdash.publish import DayClose, LastClose, Moment, PastClose


class StoredBars:
    """A :class:`marketdash.publish.Memory`."""

    async def last_closes(self, symbols: Iterable[str], before_us: int | None = None) -> dict[str, LastClose]:
        return await database_sync_to_async(queries.last_closes)(list(symbols), before_us)

    async def closes(self, symbols: Iterable[str], interval: int, count: int) -> dict[str, list[str]]:
        now_us = time.time_ns() // 1000
        return await database_sync_to_async(queries.closes)(list(symbols), interval, count, now_us)

    def closes_at(self, wanted: Iterable[Moment]) -> dict[Moment, PastClose]:
        return moments.closes_at(wanted)

    def day_closes(
        self, symbols: Iterable[str], from_us: int, until_us: int
    ) -> dict[str, dict[int, DayClose]]:
        return moments.day_closes(symbols, from_us, until_us)

    def fetch(self, wanted: Iterable[Moment], intervals: Iterable[int]) -> set[str]:
        return fetching.fetch(wanted, intervals, time.time_ns() // 1000)
