"""The sink that stores closed bars. Between the pump and the database stands a file, so the database may be
slow, locked or gone for as long as the disk lasts, and the process may be killed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Sequence

from feeds.backoff import Backoff
from feeds.events import Bar
from marketdash.history import actions
from marketdash.history.journal import Journal
from marketdash.history.threads import Hand, on_own_connection
from marketdash.threads import in_thread

logger = logging.getLogger(__name__)

# A disk that takes nothing for hours: beyond this the oldest go, and are fetched again one day.
MAX_WAITING = 200_000
# Bars of one minute close within a moment: one append for them.
_GATHER_S = 0.2
_RETRY_CAP_S = 15.0


class HistorySink:
    """A :class:`feeds.sinks.Sink`. ``write`` stores a batch and may be repeated at will; ``hand`` works with
    the database, and ``disk`` with the file, whatever the database does.

    ``counters``: stored, refused, unknown, lost (the disk took nothing for too long), retries. ``problem`` is
    why bars wait, ``""`` while they do not.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        write: Callable[[Sequence[Bar]], actions.Kept] = actions.upsert,
        hand: Hand = in_thread,
        disk: Hand = in_thread,
    ) -> None:
        self.counters: Counter[str] = Counter()
        self.problem = ""
        self._journal, self._write, self._hand, self._disk = journal, write, hand, disk
        self._waiting: list[Bar] = []
        self._taken: list[Bar] = []
        self._put, self._appended = asyncio.Event(), asyncio.Event()
        self._appended.set()  # there may be something in the file from before
        self._unwritten, self._unstored = Backoff(cap_s=_RETRY_CAP_S), Backoff(cap_s=_RETRY_CAP_S)

    def put(self, venue_state: object, event: object) -> None:
        """Bars that closed, and closed bars that changed; all else is not for us."""
        if type(event) is Bar and event.closed:
            self._waiting.append(event)
            if len(self._waiting) > MAX_WAITING:
                self.counters["lost"] += 1
                del self._waiting[0]
            self._put.set()

    async def run(self) -> None:
        """Until cancelled; then what waits is in the file."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._append())
                group.create_task(self._store())
        finally:
            # What a thread was just writing may stand there twice: to store it twice changes nothing.
            with contextlib.suppress(OSError):
                self._journal.append([*self._taken, *self._waiting])

    async def _append(self) -> None:
        while True:
            await self._put.wait()
            self._put.clear()
            await asyncio.sleep(_GATHER_S)
            self._taken, self._waiting = self._waiting, []
            try:
                await self._disk(lambda: self._journal.append(self._taken))
            except OSError as problem:
                self._taken, self._waiting = [], [*self._taken, *self._waiting]
                self._failed("cannot be written to disk", problem)
                self._put.set()
                await asyncio.sleep(self._unwritten.next_s())
                continue
            self._taken = []
            self._unwritten.reset()
            self._appended.set()

    async def _store(self) -> None:
        while True:
            await self._appended.wait()
            self._appended.clear()
            while not await self._stored_all():  # noqa: ASYNC110 (only the database can end it)
                await asyncio.sleep(self._unstored.next_s())

    async def _stored_all(self) -> bool:
        try:
            while (kept := await self._hand(self._step)) is not None:
                self._count(kept)
        except Exception as problem:  # a task boundary: whatever is wrong with the database, the file stays
            self._failed("cannot be stored", problem)
            return False
        return True

    def _step(self) -> actions.Kept | None:
        """The oldest bars of the file into the database; None: there are none.

        On a connection that is closed after it: one that broke is never met again.
        """
        bars, length = self._journal.next()
        if not length:
            return None
        kept = on_own_connection(lambda: self._write(bars))
        self._journal.stored(length)
        return kept

    def _count(self, kept: actions.Kept) -> None:
        self._unstored.reset()
        if self.problem:
            logger.info("history: bars are stored again, %d bytes are waiting", self._journal.waiting)
        self.problem = ""
        self.counters.update(stored=kept.bars, refused=kept.refused, unknown=kept.unknown)

    def _failed(self, what: str, problem: Exception) -> None:
        self.counters["retries"] += 1
        said = f"{type(problem).__name__}: {problem}"
        if not self.problem:  # once for each outage, however long it lasts
            logger.warning("history: bars %s, they wait: %.300s", what, said)
        self.problem = said
