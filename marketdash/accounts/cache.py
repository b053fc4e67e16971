"""Counts that all processes share, such as failed sign-ins: in Redis, and in memory while that is away.

Without the second part nobody could sign in during an outage, or everybody could guess without a limit.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

_Call = Callable[..., Any]

KEPT_ALONE = 50_000
"""Counts in memory. Django keeps 300, and forgets what was asked for longest ago: whoever guesses from more
addresses than that would have an account's failures forgotten."""

AVOID_S = 5.0
"""After a failure Redis is not asked for so long: each attempt costs its time-out."""


class SharedCache(RedisCache):
    """Redis, or this process alone. Adding, reading, setting, counting and deleting never raise for Redis."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, dict(params))
        self._alone = LocMemCache(f"{__name__}:{server}", {**params, "OPTIONS": {"MAX_ENTRIES": KEPT_ALONE}})
        self._avoid_until_s = 0.0

    def add(self, key: str, *rest: Any, **options: Any) -> Any:
        return self._either(super().add, self._alone.add, key, *rest, **options)

    def get(self, key: str, *rest: Any, **options: Any) -> Any:
        return self._either(super().get, self._alone.get, key, *rest, **options)

    def set(self, key: str, *rest: Any, **options: Any) -> Any:
        return self._either(super().set, self._alone.set, key, *rest, **options)

    def incr(self, key: str, *rest: Any, **options: Any) -> Any:
        return self._either(super().incr, self._alone.incr, key, *rest, **options)

    def delete(self, key: str, *rest: Any, **options: Any) -> Any:
        return self._either(super().delete, self._alone.delete, key, *rest, **options)

    def clear(self) -> bool:
        self._alone.clear()
        return bool(self._either(super().clear, lambda: True))

    def _either(self, shared: _Call, alone: _Call, *rest: Any, **options: Any) -> Any:
        if time.monotonic() >= self._avoid_until_s:
            try:
                return shared(*rest, **options)
            except (RedisError, OSError) as problem:
                self._avoid_until_s = time.monotonic() + AVOID_S
                logger.warning("cache: Redis is away, limits count in this process alone: %s", problem)
        return alone(*rest, **options)
