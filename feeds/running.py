"""A task that is needed for as long as its owner: when it fails, it is logged, counted and started again."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable

from feeds.backoff import Backoff

logger = logging.getLogger(__name__)

# A task that ran so long before it failed starts again at once.
_STEADY_S = 60


async def keep_running(
    name: str, run: Callable[[], Awaitable[None]], counters: Counter[str], *, backoff: Backoff | None = None
) -> None:
    """Run ``run`` until cancelled, whatever it raises. Counted as ``crashes``."""
    backoff, loop = backoff or Backoff(), asyncio.get_running_loop()
    while True:
        started_s = loop.time()
        try:
            await run()
            return
        except Exception:
            counters["crashes"] += 1
            logger.exception("%s: failed, started again", name)
        if loop.time() - started_s > _STEADY_S:
            backoff.reset()
        await asyncio.sleep(backoff.next_s())
