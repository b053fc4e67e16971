"""Ends a test that takes too long inside its own loop.

A signal that ends it from outside leaves its coroutine in the loop, and everything that has to be closed
after it waits for it, forever.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any

BEFORE_S = 1.0
"""Before the signal, which stays for whatever does not listen."""


def bounded(test: Callable[..., Awaitable[None]], limit_s: float) -> Callable[..., Awaitable[None]]:
    """``test``, which fails with ``TimeoutError`` where it was waiting."""

    @functools.wraps(test)
    async def within(*arguments: Any, **named: Any) -> None:
        async with asyncio.timeout(max(BEFORE_S, limit_s - BEFORE_S)):
            await test(*arguments, **named)

    return within
