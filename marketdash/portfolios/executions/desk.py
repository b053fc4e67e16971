"""All accounts whose exchanges are asked: a feed for each key, and one task that writes what they hear.

Feeds say things on the loop and never wait: what they say stands in one line, in order, until it is in the
database, however long that is away. A process that ends before is told it again, because a key remembers only
what is written (``through_us``). Run by ``engines``, once, under its lease.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from itertools import count
from typing import Any, Protocol

from django.db import close_old_connections, connections
from django.utils import timezone

from feeds import private
from feeds.private import AccountSink, AccountState, Credentials, OrderUpdate, Since
from marketdash import publish
from marketdash.portfolios.executions import standing, taking
from marketdash.portfolios.executions.following import Following
from marketdash.portfolios.executions.standing import Wanted
from marketdash.portfolios.executions.taking import Heard
from marketdash.threads import OwnThread

logger = logging.getLogger(__name__)

LOOK_EVERY_S, SAY_EVERY_S, AGAIN_EVERY_S, MARKETS_EVERY_S, BEGIN_AGAIN_S = 0.5, 5.0, 5.0, 10.0, 10.0
AT_ONCE = 100
CLOCKS_US = 10_000_000
"""What an exchange's clock may be behind ours: no fill is taken for one from before its key."""
ORDERS_KEPT = timedelta(days=1)
BROKEN = "stopped by an error of this program, and begun again"


class Feed(Protocol):
    async def run(self) -> object:
        """Until it is cancelled, or the exchange refuses the key for good."""


Make = Callable[[str, Credentials, Callable[[], Since], AccountSink], Feed]
"""The feed of a venue's account; whoever composes the process knows how."""

Said = Heard | OrderUpdate | AccountState


class Line:
    """One key that is followed, as the sink of its feed."""

    def __init__(self, desk: Desk, wanted: Wanted) -> None:
        self.desk, self.wanted = desk, wanted
        self.through_us, self.symbols = wanted.through_us, wanted.markets.symbols
        self.names = set(wanted.markets.names)
        self.task: asyncio.Task[None] | None = None

    def since(self) -> Since:
        return Since(self.through_us, self.symbols)

    def order(self, update: OrderUpdate) -> None:
        self.desk.trades(self, update.instrument)
        self.desk.hear(self, update)

    def fill(self, fill: private.Fill) -> None:
        if fill.exchange_us < self.wanted.from_us - CLOCKS_US:  # a catch-up reaches further back
            return
        quoted = self.desk.quotes.at(fill.instrument, fill.exchange_us, fill.received_ns // 1000)
        self.desk.trades(self, fill.instrument)
        self.desk.hear(self, Heard(fill, quoted))

    def state(self, state: AccountState) -> None:
        self.desk.hear(self, state)


class Desk:
    """``run`` is the whole of it."""

    def __init__(self, make: Make, watch: publish.Watching = publish.watch) -> None:
        self.counters = Counter[str]()
        self._make, self._watch = make, watch
        self._lines: dict[int, Line] = {}
        self._heard: deque[tuple[Line, Said]] = deque()
        self._something, self._turns = asyncio.Event(), count()

    async def run(self) -> None:
        """Until cancelled."""
        self.quotes, self._thread = Following(self._watch), OwnThread()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._write())
                for every_s, work in (
                    (LOOK_EVERY_S, self._look),
                    (SAY_EVERY_S, self._say),
                    (AGAIN_EVERY_S, self._again),
                    (MARKETS_EVERY_S, self._look_at_markets),
                ):
                    group.create_task(self._every(every_s, work))
        finally:
            await self._end(list(self._lines.values()))
            self._lines.clear()
            self.quotes.close()
            self._thread.end(connections.close_all)

    # keys

    async def _look(self) -> None:
        """Which there are now: whoever put one in waits for it."""
        held = await self._ask(standing.keys)
        gone = [line for key, line in self._lines.items() if held.get(key) != line.wanted.version]
        await self._end(gone)
        for line in gone:
            del self._lines[line.wanted.key]
        for key in held.keys() - self._lines.keys():
            wanted = await self._ask(standing.wanted, key)
            if wanted is not None:
                line = self._lines[key] = Line(self, wanted)
                line.task = asyncio.create_task(self._keep(line))
                self._follow_quotes()

    async def _keep(self, line: Line) -> None:
        """Its feed, until the exchange refuses the key or it is another one."""
        now_ns = time.time_ns()
        credentials = line.wanted.credentials
        if credentials is None:
            self.hear(line, AccountState(private.DOWN, standing.UNREADABLE, now_ns, 0))
            return
        while True:
            try:
                await self._make(line.wanted.venue, credentials, line.since, line).run()
                return
            except Exception as problem:  # a task boundary; what it says could hold a secret, its kind cannot
                self._count(f"feed of key {line.wanted.key}", problem)
                self.hear(line, AccountState(private.DOWN, BROKEN, time.time_ns(), 0))
                await asyncio.sleep(BEGIN_AGAIN_S)

    @staticmethod
    async def _end(lines: Iterable[Line]) -> None:
        tasks = [line.task for line in lines if line.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # what is heard

    def hear(self, line: Line, said: Said) -> None:
        self._heard.append((line, said))
        self._something.set()

    async def _write(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            while self._heard:
                line, chunk = self._next()
                await self._written(line, chunk)
                for _ in chunk:
                    self._heard.popleft()

    def _next(self) -> tuple[Line, list[Said]]:
        """What one account said one after another."""
        line, chunk = self._heard[0][0], []
        for of, said in self._heard:
            if of is not line or len(chunk) == AT_ONCE:
                break
            chunk.append(said)
        return line, chunk

    async def _written(self, line: Line, chunk: list[Said]) -> None:
        """As often as it takes while the database is away. What cannot be written is left out, and said."""
        while True:
            try:
                through_us = await self._ask(standing.write, line.wanted, chunk)
                line.through_us = max(line.through_us, through_us)
                return
            except standing.Away as problem:
                self._count("database", problem)
                await asyncio.sleep(LOOK_EVERY_S)
            except Exception as problem:  # a task boundary: one item costs the others nothing
                self._count("execution", problem)
                if len(chunk) == 1:
                    return
                for each in chunk:
                    await self._written(line, [each])
                return

    # now and then

    async def _every(self, every_s: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except Exception as problem:  # a task boundary: the database may be away, and is asked again
                self._count(work.__name__.strip("_"), problem)
            await asyncio.sleep(every_s)

    async def _say(self) -> None:
        """Who reads that a key is live has to know that this process lives."""
        await self._ask(standing.say, list(self._lines))

    async def _again(self) -> None:
        accounts = [line.wanted.account for line in self._lines.values()]
        await self._ask(standing.try_again, next(self._turns))
        await self._ask(taking.tidy, accounts, timezone.now() - ORDERS_KEPT)

    def trades(self, line: Line, instrument: str) -> None:
        """An order there may be filled in a moment."""
        if instrument not in line.names:
            line.names.add(instrument)
            self._follow_quotes()

    def _follow_quotes(self) -> None:
        self.quotes.follow({name for line in self._lines.values() for name in line.names})

    async def _look_at_markets(self) -> None:
        found = await self._ask(standing.markets_of, [line.wanted.account for line in self._lines.values()])
        for line in self._lines.values():
            if (now := found.get(line.wanted.account)) is not None:
                line.symbols, line.names = now.symbols, set(now.names)
        self._follow_quotes()

    async def _ask(self, work: Callable[..., Any], *arguments: object) -> Any:
        """The database, in a thread that has a connection of its own."""

        def asked() -> Any:
            close_old_connections()
            return work(*arguments)

        return await self._thread(asked)

    def _count(self, what: str, problem: Exception) -> None:
        self.counters[f"{what} failed"] += 1
        logger.warning("executions: %s: %s", what, type(problem).__name__)
