"""How long work runs: again after every failure, or until the process is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
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


async def until_told(work: Awaitable[None], *, within_s: float | None = None) -> None:
    """Do ``work`` until it is done, ``within_s`` have passed, or SIGINT or SIGTERM cancel it.

    For a process of its own: it takes over both signals.
    """
    task, loop = asyncio.ensure_future(work), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, task.cancel)
    try:
        async with asyncio.timeout(within_s):
            await task
    except (TimeoutError, asyncio.CancelledError):
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
