"""What is due again and again, for as long as a process lives. Each job is a task of its own."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import NamedTuple

logger = logging.getLogger(__name__)

AGAIN_S = 600.0
"""A job that failed is tried again after this, or when it is due if that is sooner."""


class Job(NamedTuple):
    """``work`` is done at the start and ``every_s`` after it ended."""

    name: str
    every_s: float
    work: Callable[[], Awaitable[object]]


async def keep(
    job: Job, counters: Counter[str], sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> None:
    """Until cancelled. What a job raises is logged and counted, and costs the others nothing."""
    while True:
        wait_s = job.every_s
        try:
            await job.work()
            counters[f"{job.name} done"] += 1
        except Exception as problem:  # a task boundary: whatever a job meets, it is due again
            counters[f"{job.name} failed"] += 1
            wait_s = min(wait_s, AGAIN_S)
            logger.warning("%s failed, and is tried again in %.0f s: %s", job.name, wait_s, problem)
        await sleep(wait_s)
