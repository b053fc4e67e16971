"""Waiting for a condition with a deadline: what tests do instead of sleeping."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Answered = TypeVar("Answered")
SOON_S = 20.0
"""A guard against waiting for ever, not a measurement: a machine with much to do may take that long."""


async def wait_until(condition: Callable[[], object], *, within_s: float = SOON_S, what: str = "") -> object:
    """Poll ``condition`` until it is true and return its value; fails naming what never came true."""
    deadline = time.monotonic() + within_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s: {what or condition}")
        await asyncio.sleep(0.005)


async def wait_until_answered(
    ask: Callable[[], Awaitable[Answered]], *, every_s: float, within_s: float, what: str
) -> Answered:
    """The same where it takes an answer of somebody else, who is asked that often."""
    deadline = time.monotonic() + within_s
    while True:
        answer = await ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s: {what}")
        await asyncio.sleep(every_s)
