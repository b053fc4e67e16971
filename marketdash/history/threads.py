"""Work that may block, done in a thread that ends with the process."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from django.db import connections

Result = TypeVar("Result")
# SQLite has one writer at a time, and whoever waits for it polls: here they wait in line.
_turn = threading.Lock()


class Hand(Protocol):
    """Where blocking work is done."""

    async def __call__(self, work: Callable[[], Result]) -> Result: ...


async def in_thread(work: Callable[[], Result]) -> Result:
    """In a thread of its own: the loop's pool would wait at the end for a database that hangs."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def settle(result: Result | None, problem: BaseException | None) -> None:
        if done.cancelled():
            return
        if problem is None:
            done.set_result(result)  # type: ignore[arg-type]
        else:
            done.set_exception(problem)

    def run() -> None:
        result, problem = None, None
        try:
            result = work()
        except BaseException as raised:  # it belongs to whoever waits
            problem = raised
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(settle, result, problem)

    threading.Thread(target=run, name="history", daemon=True).start()
    return await done


def on_own_connection(work: Callable[[], Result]) -> Result:
    """Work with the database, one at a time. The thread ends after it, so its connection has to be closed."""
    with _turn:
        try:
            return work()
        finally:
            connections.close_all()
