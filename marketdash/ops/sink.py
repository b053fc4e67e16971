"""The worker's event log: a sink with a queue of its own, so that no price ever waits for the database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor

from channels.db import database_sync_to_async

from feeds.clock import Clock
from feeds.sinks import VenueReport
from feeds.state import MarketState, StateChange
from marketdash.ops import lives, log
from marketdash.ops.incidents import Journal
from marketdash.ops.lives import LAST_WORDS_S, SEEN_EVERY_S
from marketdash.ops.spill import Spill
from marketdash.ops.watch import Watch

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
PRUNE_EVERY_S = 3600.0
LONGEST_WAIT_S = 2.0
"""Between attempts: pages say that nothing is kept until one succeeds."""


def named(venues: Iterable[str], known: Collection[str]) -> str:
    """``KRAKEN, OKX``, ``all venues but OKX``: in few words, and no two processes are called alike."""
    mine, others = sorted(set(venues)), sorted(set(known) - set(venues))
    if len(others) >= len(mine) or not known:
        return ", ".join(mine)
    return f"all venues but {', '.join(others)}" if others else "all venues"


class OpsSink:
    """A :class:`feeds.sinks.Sink`. ``epoch`` names this life of the worker, which follows ``venues`` of all
    that are ``known``, ``part`` its part of them.

    ``trouble`` is why nothing of it can be stored just now; ``redis_trouble`` is what Redis does not do. What
    waits for the database for more than a second is in ``spill``, for the next life to store.
    """

    takes = frozenset({StateChange, VenueReport})

    def __init__(
        self,
        clock: Clock,
        *,
        epoch: str,
        venues: Iterable[str],
        known: Collection[str] = (),
        keep_days: int,
        part: str = "",
        redis_trouble: Callable[[], str] = lambda: "",
        spill: Spill | None = None,
    ) -> None:
        self.journal = Journal(epoch)
        self._watch = Watch(self.journal)
        self._clock, self._redis_trouble = clock, redis_trouble
        self._keep_days, self._spill = keep_days, spill
        self._subject = " ".join(filter(None, (named(venues, known), part)))
        self._thread = ThreadPoolExecutor(1, "event-log")
        self._disk = ThreadPoolExecutor(1, "event-file")  # a disk may be slow
        self._introduced, self.trouble = False, ""
        self._seen_s = self._pruned_s = 0.0
        self._retry_s, self._wait_s = 0.0, LOOK_EVERY_S
        self.journal.begin("worker", "", self._subject, f"writer {epoch}", self._now_us())

    def put(self, venue_state: MarketState, event: object) -> None:
        if type(event) is StateChange:
            self._watch.topic(venue_state.codec.venue, event, bool(venue_state.halted))
        elif type(event) is VenueReport:
            self._watch.venue(event)

    async def run(self) -> None:
        """Until cancelled; what is pending then has two seconds."""
        keeping = asyncio.create_task(self._keep_what_waits())
        try:
            while True:
                await asyncio.sleep(LOOK_EVERY_S)
                self._look_at_redis()
                if self._mono_s() >= self._retry_s:
                    await self._write()
        finally:
            self.journal.end("worker", self._subject, self._now_us())
            try:
                async with asyncio.timeout(LAST_WORDS_S):
                    await self._write()
            except TimeoutError:
                logger.warning("event log: the database did not take the last entries in time")
            keeping.cancel()
            await self._keep()
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._disk.shutdown(wait=False)

    async def _keep_what_waits(self) -> None:
        """Also while the database hangs with what it was given."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self._keep()

    async def _keep(self) -> None:
        if self._spill is None:
            return
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._disk, self._spill.keep, self.journal.waiting())
        except OSError as problem:  # a full disk costs what the file would have saved, and nothing else
            logger.warning("event log: what waits for the database cannot be kept: %s", problem)

    def _look_at_redis(self) -> None:
        if trouble := self._redis_trouble():
            self.journal.begin("redis", "", "Redis", trouble, self._now_us())
        else:
            self.journal.end("redis", "Redis", self._now_us())

    async def _write(self) -> None:
        entries, began_us = self.journal.take(), self._now_us()
        try:
            await self._to_database(entries)
        except asyncio.CancelledError:  # written or not: to write it twice does no harm
            self.journal.put_back()
            raise
        except Exception as problem:  # a task boundary: the database is away, and is tried again
            self.journal.put_back()
            self._failed(problem, began_us)
        else:
            self.journal.written()
            self.trouble = ""
            self.journal.end("database", "Database", began_us)
            self._say_what_was_dropped()
            self._wait_s = LOOK_EVERY_S

    async def _to_database(self, entries: list[log.Entry]) -> None:
        name, now_us, mono_s = self.journal.name, self._now_us(), self._mono_s()
        if self._spill is not None and self._spill.left:
            await self._in_thread(lives.write_left)(self._spill.left)
            self._spill.stored()
        if not self._introduced:
            await self._in_thread(lives.close_open)(name, self._subject, now_us)
            self._introduced = True
        if entries:
            await self._in_thread(log.write)(name, entries)
        if mono_s - self._seen_s >= SEEN_EVERY_S:
            self._seen_s = mono_s
            await self._in_thread(lives.seen)(name, now_us)
        if mono_s - self._pruned_s >= PRUNE_EVERY_S:
            self._pruned_s = mono_s
            await self._in_thread(log.prune)(self._keep_days, now_us)

    def _say_what_was_dropped(self) -> None:
        if self.journal.dropped:
            words = f"{self.journal.dropped} entries were not kept while the database was away"
            self.journal.dropped = 0
            self.journal.happened("lost", "", "Event log", words, self._now_us())

    def _failed(self, problem: Exception, began_us: int) -> None:
        words = f"{type(problem).__name__}: {problem}"
        self.journal.begin("database", "", "Database", words, began_us)
        self.trouble = "the database takes nothing"
        self._retry_s, self._wait_s = self._mono_s() + self._wait_s, min(LONGEST_WAIT_S, self._wait_s * 2)
        logger.warning("event log: not written, tried again in %.0f s: %s", self._wait_s / 2, words)

    def _in_thread(self, function: Callable[..., object]) -> Callable[..., Awaitable[object]]:
        """A thread of its own: a database that hangs holds up nobody else who asks it."""
        return database_sync_to_async(function, thread_sensitive=False, executor=self._thread)

    def _now_us(self) -> int:
        return self._clock.wall_ns() // 1000

    def _mono_s(self) -> float:
        return self._clock.mono_ns() / 1e9
