"""Fetches what is missing, in the worker or for a command: one venue at a time each, as its limits allow."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Container, Iterable, Mapping
from typing import Protocol

from feeds.codec import Subscription
from feeds.events import Bar as Event
from feeds.symbols import OHLC
from marketdash.history import backfills
from marketdash.history.derive import start_of
from marketdash.history.models import Backfill
from marketdash.history.threads import Hand, on_own_connection
from marketdash.instruments import catalogue
from marketdash.threads import Result, in_thread

logger = logging.getLogger(__name__)

LOOK_S, NOTICE_S = 5.0, 900.0
MINUTE_S = 60.0
"""Bars of venues that tell no trades come in no other way: they are looked for as often as they end."""
PRUNE_AFTER_S, PRUNE_S = 600.0, 86_400.0
"""Not while a worker starts; then once a day."""
_RETRY_S = 10.0


class Page(Protocol):
    """Closed bars, and the start of the time that they are all of."""

    @property
    def bars(self) -> list[Event]: ...
    @property
    def since_us(self) -> int: ...


class Source(Protocol):
    """A venue's own bars; :class:`feeds.candles.Candles` is one. Whatever it raises is tried again."""

    def first_us(self, interval: int) -> int: ...
    async def page(self, subscription: Subscription, interval: int, since_us: int, until_us: int) -> Page: ...
    async def last_day_us(self, subscription: Subscription, before_us: int) -> int: ...


class Filler:
    """Does one :class:`Backfill` after the other. ``tell`` is called after each page."""

    def __init__(
        self,
        source: Source,
        *,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        hand: Hand = in_thread,
        tell: Callable[[Backfill], None] = lambda row: None,
    ) -> None:
        self._source, self._now_us, self._hand, self._tell = source, now_us, hand, tell

    async def fill(self, row: Backfill) -> bool:
        """Until it is done, or something is wrong and noted in the row; whether it is done."""
        try:
            remark, begins = await self._pages(row)
        except Exception as problem:  # a task boundary: the venue or the database is away, the row stays
            await self._failed(row, problem)
            return False
        await self._work(lambda: backfills.finish(row, remark, begins=begins))
        self._tell(row)
        return True

    async def _pages(self, row: Backfill) -> tuple[str, bool]:
        """What is to be said of it, and whether the venue has nothing older."""
        remark = self._within_reach(row)
        begins = bool(remark)
        subscription = Subscription(OHLC, row.instrument.symbol, row.instrument.native)
        while row.at_us > row.since_us:
            page = await self._source.page(subscription, row.interval, row.since_us, row.at_us)
            since_us = page.since_us
            if not page.bars:
                last_us = await self._source.last_day_us(subscription, since_us)
                begins |= last_us == 0
                since_us = _jump(row, since_us, last_us)
            await self._work(lambda p=page, s=since_us: backfills.page_done(row, p.bars, s, self._now_us()))
            self._tell(row)
        return remark, begins

    def _within_reach(self, row: Backfill) -> str:
        first_us = self._source.first_us(row.interval)
        if row.since_us >= first_us:
            return ""
        row.since_us = min(first_us, row.at_us)
        return f"the venue gives no older bars of {row.get_interval_display()}"

    async def _failed(self, row: Backfill, problem: Exception) -> None:
        logger.warning("history: backfill of %s stopped: %s", row, problem)
        wait_us = round(getattr(problem, "wait_s", 0) * 1e6)
        said = f"{type(problem).__name__}: {problem}"
        try:
            await self._work(lambda: backfills.failed(row, said, self._now_us(), wait_us))
        except Exception as another:  # nothing can be noted: it is free again when its minute is over
            logger.warning("history: %s", another)

    async def _work(self, work: Callable[[], Result]) -> Result:
        return await self._hand(lambda: on_own_connection(work))


def _jump(row: Backfill, before_us: int, last_us: int) -> int:
    """After an empty page: to the last day with trades, and to the end where there is none."""
    return max(row.since_us, min(before_us, start_of(last_us, row.interval)))


class Repairs:
    """What the worker does beside the prices: notice what is missing, fetch it and what people ask for, and
    once a day let ``prune`` remove what is old. ``wake`` makes it look at once. ``alone``: of ``sources`` the
    venues of which no bars are made of trades."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        *,
        alone: Collection[str] = (),
        prune: Callable[[int], object] = lambda now_us: None,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        hand: Hand = in_thread,
    ) -> None:
        self._sources, self._alone = sources, frozenset(alone)
        self._prune, self._now_us, self._hand = prune, now_us, hand
        self._woken = {venue: asyncio.Event() for venue in sources}
        self._watched: frozenset[str] = frozenset()
        self._charts: frozenset[backfills.Chart] = frozenset()

    def prefer(self, instruments: Iterable[str], charts: Iterable[backfills.Chart] = ()) -> None:
        """What somebody looks at: these charts are fetched first, then the others of these instruments."""
        self._watched, self._charts = frozenset(instruments), frozenset(charts)

    def wake(self) -> None:
        for event in self._woken.values():
            event.set()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._each(0, NOTICE_S, lambda: self._notice(self._sources)))
            if self._alone:
                group.create_task(self._each(MINUTE_S, MINUTE_S, lambda: self._notice(self._alone)))
            group.create_task(self._each(PRUNE_AFTER_S, PRUNE_S, lambda: self._prune(self._now_us())))
            for venue, source in self._sources.items():
                group.create_task(self._venue(venue, source))

    async def _each(self, first_s: float, every_s: float, work: Callable[[], object]) -> None:
        wait_s = first_s
        while True:
            await asyncio.sleep(wait_s)
            wait_s = every_s if await self._tried(work) else _RETRY_S

    async def _tried(self, work: Callable[[], Result]) -> tuple[Result] | None:
        try:
            return (await self._hand(lambda: on_own_connection(work)),)
        except Exception as problem:  # a task boundary: the database is away
            logger.warning("history: %s: %.300s", type(problem).__name__, problem)
            return None

    def _notice(self, venues: Container[str]) -> None:
        kept = filter(backfills.follows, catalogue.enabled())
        followed = [row for row in kept if row.venue.name in venues]
        found = backfills.notice(followed, self._now_us()) if followed else 0
        if found and venues is not self._alone:  # of those a bar is missing each minute, as it should be
            logger.info("history: bars are missing and will be fetched")

    def _next(self, venue: str) -> Backfill | None:
        return backfills.take(venue, self._now_us(), self._watched, self._charts)

    async def _venue(self, venue: str, source: Source) -> None:
        filler, woken = Filler(source, now_us=self._now_us, hand=self._hand), self._woken[venue]
        while True:
            taken = await self._tried(lambda: self._next(venue))
            if taken and taken[0] is not None:
                await filler.fill(taken[0])
                continue
            woken.clear()
            waking = asyncio.ensure_future(woken.wait())
            await asyncio.wait([waking], timeout=LOOK_S)
            waking.cancel()
