"""One writer for each venue: a lease in Redis, and an epoch that is greater than the one before.

Two workers of one venue would both be right and still contradict each other. The second waits until the first
is gone; a worker that slept past its lease finds that out at its next renewal, and whatever it published
meanwhile carries the lesser epoch, which no hub takes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Iterable
from typing import Any

from redis import RedisError
from redis.asyncio import Redis

from marketdash.live.cancellation import honour_cancellation

logger = logging.getLogger(__name__)

LEASE_MS = 3000
"""A worker that was killed is followed by the next within this and its start: 5 s in all."""

RENEW_EVERY_S = 0.75
ASK_EVERY_S = 0.25
_EPOCH_KEY = "marketdash:epoch"

# All keys or none, so that two workers with overlapping venues do not each hold a part.
_TAKE = """
for _, key in ipairs(KEYS) do
  local holder = redis.call('GET', key)
  if holder and holder ~= ARGV[1] then return key end
end
for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1], 'PX', ARGV[2]) end
return false
"""
_RELEASE = """
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
"""


class LeaseLost(RuntimeError):
    """Somebody else writes these venues now."""


class Lease:
    """``epoch`` is set by :meth:`acquire`, ``problem`` to what it waits for."""

    def __init__(self, redis: Redis, venues: Iterable[str]) -> None:
        self.epoch = ""
        self.problem = ""
        self._redis = redis
        self._token = uuid.uuid4().hex
        self._keys = [f"marketdash:writer:{venue}" for venue in sorted(venues)]

    async def acquire(self) -> str:
        """Waits as long as somebody else holds it, and as long as Redis is away; the epoch."""
        said = ""
        while problem := await self._problem():
            self.problem = problem
            if problem != said:
                said = problem
                logger.warning("ingest waits: %s", problem)
            honour_cancellation()
            await asyncio.sleep(ASK_EVERY_S)
        if said:
            logger.warning("ingest goes on: the lease is ours")
        return self.epoch

    async def _problem(self) -> str:
        try:
            holder = await self._take()
            if holder:
                return f"another ingest holds {holder}"
            self.epoch = await self._next_epoch()
            return ""
        except (RedisError, OSError) as away:
            return f"Redis does not answer: {away}"

    async def _take(self) -> str:
        """The key that somebody else holds, or nothing."""
        held: Any = await self._redis.eval(_TAKE, len(self._keys), *self._keys, self._token, LEASE_MS)
        return held.decode() if isinstance(held, bytes) else str(held or "")

    async def _next_epoch(self) -> str:
        """Time in microseconds as hexadecimal text of fixed width; never less than the one before, however
        the clock was set."""
        before = await self._redis.get(_EPOCH_KEY)
        epoch = max(time.time_ns() // 1000, int(before or b"0", 16) + 1)
        await self._redis.set(_EPOCH_KEY, f"{epoch:014x}")
        return f"{epoch:014x}"

    async def keep(self) -> None:
        """Renew until cancelled. Raises :class:`LeaseLost`. A Redis that is away is waited for: nobody else
        can publish either, and after a restart the lease is taken anew."""
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            try:
                holder = await self._take()
            except (RedisError, OSError) as away:
                logger.debug("lease: not renewed: %s", away)
                continue
            finally:
                honour_cancellation()
            if holder:
                raise LeaseLost(f"{holder} was taken by another ingest")

    async def release(self) -> None:
        with contextlib.suppress(RedisError, OSError):  # it runs out by itself
            await self._redis.eval(_RELEASE, len(self._keys), *self._keys, self._token)
