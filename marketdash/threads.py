"""Work that may block, done in a thread that ends with the process."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


async def in_thread(work: Callable[[], Result]) -> Result:
    """In a thread of its own: the loop's pool would wait at the end for a database, or a name, that hangs."""
    run, done = _told_to_the_loop(work)
    threading.Thread(target=run, daemon=True).start()
    return await done


class OwnThread:
    """One thread for all that somebody has to have done, so that what belongs to a thread, such as a
    connection, lasts. One thing after another."""

    def __init__(self) -> None:
        self._due: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()

    async def __call__(self, work: Callable[[], Result]) -> Result:
        run, done = _told_to_the_loop(work)
        self._due.put(run)
        return await done

    def end(self, last: Callable[[], None]) -> None:
        """After what it has to do still, and ``last``."""
        self._due.put(last)
        self._due.put(None)

    def _work(self) -> None:
        while (run := self._due.get()) is not None:
            run()


def _told_to_the_loop(work: Callable[[], Result]) -> tuple[Callable[[], None], asyncio.Future[Result]]:
    """What a thread has to run, and what is done when it has."""
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

    return run, done
