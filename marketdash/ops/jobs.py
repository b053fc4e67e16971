"""What is due again and again, for as long as a process lives. Each job is a task of its own."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections

logger = logging.getLogger(__name__)

AGAIN_S = 600.0
"""A job that failed is tried again after this, or when it is due if that is sooner."""


Result = TypeVar("Result")


def alone(work: Callable[[], Result]) -> Callable[[], Awaitable[Result]]:
    """``work`` that may block, in a thread of its own, the same each time: it has one connection to the
    database, a new one where that broke, and takes its memory where it took it before. In a pool each thread
    comes to keep as much as the largest of all jobs ever took. The process ends when it has ended."""

    def on_a_whole_connection() -> Result:
        close_old_connections()
        return work()

    return sync_to_async(on_a_whole_connection, thread_sensitive=False, executor=ThreadPoolExecutor(1))


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
