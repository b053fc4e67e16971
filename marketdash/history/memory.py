"""Behind :func:`marketdash.publish.last_closes` and :func:`marketdash.publish.closes`."""

from __future__ import annotations

import time
from collections.abc import Iterable

from channels.db import database_sync_to_async

from marketdash.history import queries
from marketdash.publish import LastClose


class StoredBars:
    """A :class:`marketdash.publish.Memory`."""

    async def last_closes(self, symbols: Iterable[str], before_us: int | None = None) -> dict[str, LastClose]:
        return await database_sync_to_async(queries.last_closes)(list(symbols), before_us)

    async def closes(self, symbols: Iterable[str], interval: int, count: int) -> dict[str, list[str]]:
        now_us = time.time_ns() // 1000
        return await database_sync_to_async(queries.closes)(list(symbols), interval, count, now_us)
