"""What other web processes let somebody ask, told once a second through Redis: a question to Redis for each
request would cost more than it saves, so a burst may be let through by each process before they know.

While Redis is away each process counts alone: who asks all of them is allowed as many times more.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping

from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from marketdash import redis_hosts

logger = logging.getLogger(__name__)

EVERY_S, AVOID_S = 1.0, 5.0
KEPT_S = 60
WITHIN_S = 1.0
MOST_KNOWN = 10_000


def _connect() -> Redis:
    return redis_hosts.client(settings.REDIS_HOSTS[0])


class Sharing:
    """``charge`` is told who asked elsewhere, how often, and over how many seconds."""

    def __init__(
        self,
        charge: Callable[[str, int, float], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        connect: Callable[[], Redis] = _connect,
    ) -> None:
        self._charge, self._clock, self._connect = charge, clock, connect
        self._used: Counter[str] = Counter()
        self._totals: dict[str, tuple[int, float]] = {}
        self._due_s = 0.0
        self._telling: asyncio.Task[None] | None = None

    def used(self, who: str) -> None:
        """One request was let through. Called in the running loop."""
        self._used[who] += 1
        if self._clock() >= self._due_s and (self._telling is None or self._telling.done()):
            self._due_s = self._clock() + EVERY_S
            self._telling = asyncio.get_running_loop().create_task(self.tell())

    async def tell(self) -> None:
        """What was used here since the last time, and hear what was used elsewhere."""
        used, self._used = self._used, Counter()
        try:
            async with asyncio.timeout(WITHIN_S), self._connect() as redis:
                totals = await _added(redis, used)
        except (RedisError, OSError, TimeoutError) as away:
            self._due_s = self._clock() + AVOID_S
            logger.warning("rate limits count in this process alone, Redis does not answer: %s", away)
            return
        for who, total in totals.items():
            self._heard(who, total, used[who])

    def _heard(self, who: str, total: int, mine: int) -> None:
        now_s = self._clock()
        before, at_s = self._totals.pop(who, (total - mine, now_s))
        self._totals[who] = (total, now_s)
        elsewhere = total - mine - before
        if elsewhere > 0:
            self._charge(who, elsewhere, now_s - at_s)
        while len(self._totals) > MOST_KNOWN:
            del self._totals[next(iter(self._totals))]


async def _added(redis: Redis, used: Mapping[str, int]) -> dict[str, int]:
    """The totals of all processes, with ours."""
    pipe = redis.pipeline(transaction=False)
    for who, count in used.items():
        pipe.incrby(f"marketdash:asked:{who}", count)
        pipe.expire(f"marketdash:asked:{who}", KEPT_S)
    answers = await pipe.execute()
    return dict(zip(used, answers[::2], strict=True))
