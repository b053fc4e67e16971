"""Whether what people enter is kept just now: this process asks the database, workers say how they fare.

A database that answers may take nothing all the same (a full disk), which who writes finds out first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from channels.db import database_sync_to_async
from django.db import connection

logger = logging.getLogger(__name__)

ASK_EVERY_S, ANSWER_S = 2.0, 2.0
SAID_FOR_US = 3_000_000
"""A worker repeats it each second."""

NO_ANSWER = "the database does not answer"


class Saving:
    """``ask`` returns when the database answered and raises what it raised. One question at a time: one that
    hangs is not asked again before that."""

    def __init__(self, now_us: Callable[[], int], ask: Callable[[], Awaitable[None]] | None = None) -> None:
        self._now, self._ask = now_us, ask or database_sync_to_async(_select, thread_sensitive=False)
        self._asking: asyncio.Future[None] | None = None
        self._own = ""
        self._said: dict[str, tuple[str, int]] = {}

    @property
    def problem(self) -> str:
        """Why nothing is kept; nothing while it is."""
        since_us = self._now() - SAID_FOR_US
        return self._own or next((said for said, at_us in self._said.values() if at_us > since_us), "")

    def told(self, writer: str, problem: str) -> None:
        """By a worker, with each heartbeat. One that is well says nothing of the others."""
        self._said.pop(writer, None)
        if problem:
            since_us = self._now() - SAID_FOR_US
            self._said = {name: said for name, said in self._said.items() if said[1] > since_us}
            self._said[writer] = problem, self._now()

    async def look(self) -> None:
        if self._asking is None:
            self._asking = asyncio.ensure_future(self._ask())
        done, _ = await asyncio.wait({self._asking}, timeout=ANSWER_S)
        problem: object = NO_ANSWER if not done else self._asking.exception()
        if done:
            self._asking = None
        if problem and not self._own:
            logger.warning("live: saving is paused: %s: %s", NO_ANSWER, problem)
        elif self._own and not problem:
            logger.info("live: the database answers again")
        self._own = NO_ANSWER if problem else ""


def _select() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
