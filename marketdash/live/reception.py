"""Who comes with a session, looked up for all at once who come while a look-up runs.

After a restart a thousand browsers come back in the same second. One by one their sessions and users are two
thousand queries, and the last of them waits for all the others; so they are a few.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async

from marketdash.live import sessions
from marketdash.live.sessions import Identity

Known = Mapping[str, tuple[Identity, Any]]


class Reception:
    """Of one loop. ``look_up`` reads the database, in a thread."""

    def __init__(self, look_up: Callable[[Iterable[str]], Known]) -> None:
        self._look_up = look_up
        self._waiting: dict[str, asyncio.Future[tuple[Identity, Any] | None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def identify(self, session_key: str) -> tuple[Identity, Any] | None:
        """None when it is nobody's. Raises what the database raises."""
        asked = self._waiting.get(session_key)
        if asked is None:
            asked = self._waiting[session_key] = asyncio.get_running_loop().create_future()
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return await asyncio.shield(asked)

    async def _work(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, {}
            await self._answer(asked)
        self._task = None

    async def _answer(self, asked: dict[str, asyncio.Future[Any]]) -> None:
        try:
            known = await database_sync_to_async(self._look_up)(list(asked))
        except Exception as problem:  # a task boundary: each of them is told
            for future in asked.values():
                future.set_exception(problem)
                future.exception()  # whoever asked may be gone; nobody else has to know
            return
        for key, future in asked.items():
            future.set_result(known.get(key))


_receptions: WeakKeyDictionary[asyncio.AbstractEventLoop, Reception] = WeakKeyDictionary()


async def identify(session_key: str) -> tuple[Identity, Any] | None:
    """As :func:`marketdash.live.sessions.identify_all`, of one."""
    loop = asyncio.get_running_loop()
    if loop not in _receptions:
        _receptions[loop] = Reception(sessions.identify_all)
    return await _receptions[loop].identify(session_key)
