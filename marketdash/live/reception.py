"""Who comes with a session, and who may look at a portfolio, looked up for all at once who come while a
look-up runs.

After a restart a thousand browsers come back in the same second. One by one their sessions, users and shares
are thousands of queries, and the last of them waits for all the others; so they are a few."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async

from marketdash import access
from marketdash.access import Grant
from marketdash.live import sessions
from marketdash.live.sessions import Identity

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")


class Reception(Generic[Key, Found]):
    """Of one loop. ``look_up`` reads the database, in a thread; what it finds is of after it was asked."""

    def __init__(self, look_up: Callable[[Iterable[Key]], Mapping[Key, Found]]) -> None:
        self._look_up = look_up
        self._waiting: dict[Key, asyncio.Future[Found | None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def identify(self, key: Key) -> Found | None:
        """None when it is nobody's. Raises what the database raises."""
        asked = self._waiting.get(key)
        if asked is None:
            asked = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return await asyncio.shield(asked)

    async def _work(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, {}
            await self._answer(asked)
        self._task = None

    async def _answer(self, asked: dict[Key, asyncio.Future[Any]]) -> None:
        try:
            known = await database_sync_to_async(self._look_up)(list(asked))
        except Exception as problem:  # a task boundary: each of them is told
            for future in asked.values():
                future.set_exception(problem)
                future.exception()  # whoever asked may be gone; nobody else has to know
            return
        for key, future in asked.items():
            future.set_result(known.get(key))


_Receptions = WeakKeyDictionary[asyncio.AbstractEventLoop, Reception[Any, Any]]
_of_sessions, _of_grants = _Receptions(), _Receptions()


async def identify(session_key: str) -> tuple[Identity, Any] | None:
    """As :func:`marketdash.live.sessions.identify_all`, of one."""
    return await _of(_of_sessions, sessions.identify_all).identify(session_key)


async def holding(grants: Collection[Grant]) -> set[Grant]:
    """Those of them by which somebody may look at a portfolio now."""
    reception = _of(_of_grants, _standing)
    found = await asyncio.gather(*map(reception.identify, grants))
    return {grant for grant, holds in zip(grants, found, strict=True) if holds}


def _standing(grants: Iterable[Grant]) -> dict[Grant, bool]:
    asked = set(grants)
    return dict.fromkeys(asked - access.ended_grants(asked), True)


def _of(
    receptions: _Receptions, look_up: Callable[[Iterable[Any]], Mapping[Any, Any]]
) -> Reception[Any, Any]:
    loop = asyncio.get_running_loop()
    if loop not in receptions:
        receptions[loop] = Reception(look_up)
    return receptions[loop]
