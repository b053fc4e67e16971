"""Whether this process can do its work: database, Redis, migrations and feeds, each under a deadline.

A check that hangs is not started a second time: its answer, or its deadline, is shared by all who ask.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from feeds.symbols import STATUS, topic
from marketdash import publish, redis_hosts
from marketdash.instruments.catalogue import catalogue

logger = logging.getLogger(__name__)

DEADLINE_S = 2.0
Work = Callable[[], Awaitable[str]]
"""Answers with what is wrong, or nothing."""


class Outcome(NamedTuple):
    ok: bool
    problem: str
    took_ms: float


class Check:
    """One thing to look at. Nothing of an error but its kind is told: it may name hosts."""

    def __init__(self, name: str, work: Work) -> None:
        self.name, self._work = name, work
        self._running: asyncio.Task[str] | None = None

    async def outcome(self, deadline_s: float) -> Outcome:
        started_s = time.monotonic()
        if self._running is None or self._running.done() or self._running.get_loop().is_closed():
            self._running = asyncio.create_task(self._guarded())
        done, _ = await asyncio.wait({self._running}, timeout=deadline_s)
        problem = self._running.result() if done else f"no answer within {deadline_s:g} s"
        return Outcome(not problem, problem, round((time.monotonic() - started_s) * 1000, 1))

    async def _guarded(self) -> str:
        try:
            return await self._work()
        except Exception as problem:  # a task boundary: whatever it is, it is not ready
            logger.warning("readyz: %s: %s", self.name, problem)
            return f"failed: {type(problem).__name__}"


class Readiness:
    """All checks of one process."""

    def __init__(self) -> None:
        self._migrated = False
        works = {"database": _database, "redis": _redis, "migrations": self._migrations, "feeds": _feeds}
        self.checks = [Check(name, work) for name, work in works.items()]

    async def outcomes(self, deadline_s: float = DEADLINE_S) -> dict[str, Outcome]:
        found = await asyncio.gather(*(check.outcome(deadline_s) for check in self.checks))
        return {check.name: outcome for check, outcome in zip(self.checks, found, strict=True)}

    async def _migrations(self) -> str:
        """Applied once is applied: nobody takes them back under a running process."""
        if not self._migrated:
            waiting = await database_sync_to_async(_unapplied, thread_sensitive=False)()
            if waiting:
                return f"{waiting} not applied: run manage.py migrate"
            self._migrated = True
        return ""


async def _database() -> str:
    await database_sync_to_async(_select, thread_sensitive=False)()
    return ""


def _select() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def _unapplied() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


async def _redis() -> str:
    """All of them: the groups of the bus are shared among them."""
    for host in settings.REDIS_HOSTS:
        redis = redis_hosts.client(host)
        try:
            await redis.ping()
        finally:
            await redis.aclose()
    return ""


async def _feeds() -> str:
    """A word from the worker of every venue that is followed; that a venue itself is down is no fault."""
    await catalogue.ensure()
    wanted = {listed.venue for listed in catalogue.all()}
    rows = await publish.read([topic(STATUS, venue) for venue in sorted(wanted)], DEADLINE_S * 0.75)
    silent = [venue for venue in sorted(wanted) if _is_silent(rows.get(topic(STATUS, venue)))]
    return f"{publish.UNHEARD.reason} of {', '.join(silent)}" if silent else ""


def _is_silent(row: publish.Row | None) -> bool:
    return row is None or row.reason.startswith(publish.UNHEARD.reason)


readiness = Readiness()
"""The one of this process."""
