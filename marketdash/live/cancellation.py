"""Cancellations that a library lost, and waiting that loses none."""

from __future__ import annotations

import asyncio


def honour_cancellation() -> None:
    """Raise if this task was cancelled and somebody swallowed it.

    redis-py writes under ``asyncio.wait_for``, which on Python 3.11 drops a cancellation that arrives
    together with the result. A loop that writes to Redis asks here after each write, else it may never end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def woken(event: asyncio.Event, within_s: float) -> bool:
    """Wait for ``event``, clear it, say whether it came by itself and not because the time was over."""
    over = False

    def set_late() -> None:
        nonlocal over
        over = not event.is_set()
        event.set()

    timer = asyncio.get_running_loop().call_later(within_s, set_late)
    try:
        await event.wait()
    finally:
        timer.cancel()
    event.clear()
    return not over
