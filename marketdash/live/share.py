"""Which instruments this worker writes: its own parts, and those that nobody else writes.

Of ``n`` workers each has its own ``1/n`` of all parts. One that is gone for a moment is missed by the others:
they take over what it held, and give it back when it returns and asks. A worker without a shard of its own is
every part's, so a second one stands by until the first is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from redis import RedisError
from redis.asyncio import Redis

from feeds.clock import Clock
from feeds.symbols import PARTS, part_of
from marketdash.live.cancellation import honour_cancellation
from marketdash.live.lease import ASK_EVERY_S, RENEW_EVERY_S, LeaseLost, Part, PartLeases, parts_of

logger = logging.getLogger(__name__)

_NS = 1_000_000_000
ADOPT_AFTER_S = 0.75
"""Longer than a renewal: after a restart of Redis everybody comes back to what it held."""

SETTLE_S = 5.0
"""Who just started leaves to the others what is theirs, for so long."""

CLAIM_MS = 2000
CLAIM = "claim"


class Shard(NamedTuple):
    """``index`` of ``count``, beginning with 1."""

    index: int
    count: int

    def owns(self, part: Part) -> bool:
        return part.number % self.count == self.index - 1


def parse_shard(text: str) -> Shard:
    """``i/n``; raises :class:`ValueError` that says what is expected."""
    index, slash, count = text.partition("/")
    if slash and index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count) <= PARTS:
        return Shard(int(index), int(count))
    raise ValueError(f"expected i/n with 1 ≤ i ≤ n ≤ {PARTS}, such as 1/2, found {text!r:.40}")


class Whole:
    """All instruments of some venues, whose names may still become more."""

    def __init__(self, venues: Collection[str]) -> None:
        self._venues = venues

    def holds(self, instrument: str) -> bool:
        return True

    def speaks_for(self, venue: str) -> bool:
        return True

    def numbers(self) -> dict[str, list[int]]:
        return {venue: list(range(PARTS)) for venue in self._venues}


class Share:
    """``on_change`` is called whenever :attr:`held` or ``epoch`` is another. The epoch is, and greater, when
    there is something new among it or something of it had run out, and counts for all of it. ``trouble``: why
    leases are not renewed."""

    def __init__(self, redis: Redis, venues: Iterable[str], clock: Clock, shard: Shard) -> None:
        self.held: frozenset[Part] = frozenset()
        self.epoch = self.trouble = ""
        self.on_change: Callable[[], None] = lambda: None
        self._leases, self._clock = PartLeases(redis), clock
        self._all = frozenset(parts_of(venues))
        self._own = frozenset(part for part in self._all if shard.owns(part))
        self._free_since_ns: dict[Part, int] = {}
        self._settled_ns = clock.mono_ns() + round(SETTLE_S * _NS)

    def holds(self, instrument: str) -> bool:
        return Part(instrument.partition(":")[0], part_of(instrument)) in self.held

    def speaks_for(self, venue: str) -> bool:
        """Whether anything of the venue is this worker's: each of several tells of its own."""
        return any(part.venue == venue for part in self.held)

    def numbers(self) -> dict[str, list[int]]:
        """By venue, the numbers of the parts that are held."""
        found: dict[str, list[int]] = {}
        for venue, number in sorted(self.held):
            found.setdefault(venue, []).append(number)
        return found

    async def acquire(self) -> str:
        """Waits until there is something to write, and as long as Redis is away; the epoch."""
        said = ""
        while problem := await self._problem():
            if problem != said:
                said = problem
                logger.warning("ingest waits: %s", problem)
            honour_cancellation()
            await asyncio.sleep(ASK_EVERY_S)
        return self.epoch

    async def _problem(self) -> str:
        try:
            await self._turn()
        except (RedisError, OSError) as away:
            return f"Redis does not answer: {away}"
        return "" if self.held else f"another ingest holds {', '.join(sorted({p.venue for p in self._own}))}"

    async def keep(self) -> None:
        """Renew, take over and give back, until cancelled. Raises :class:`LeaseLost`. A Redis that is away is
        waited for: nobody else can take a lease there either."""
        while True:
            await asyncio.sleep(ASK_EVERY_S if self._free_since_ns else RENEW_EVERY_S)
            try:
                await self._turn()
                self.trouble = ""
            except (RedisError, OSError) as away:
                self.trouble = f"leases are not renewed: {away}"
                logger.debug("lease: not renewed: %s", away)
            finally:
                honour_cancellation()

    async def _turn(self) -> None:
        before = self.held
        refused = await self._leases.take(before | self._own)
        if lost := before & refused:
            raise LeaseLost(f"{min(lost).venue} was taken by another ingest")
        await self._leases.say(refused, CLAIM, CLAIM_MS)
        given = await self._leases.said(before - self._own, CLAIM)
        held = ((before | self._own) - refused - given) | await self._adopted(before)
        await self._write(frozenset(held))
        await self._leases.give(given)  # only now: the next writer begins when this one has ended

    async def _write(self, held: frozenset[Part]) -> None:
        """These from now on, in a new epoch where another may have written any of it."""
        anew = bool(held - self.held) or self._leases.ran_out
        if anew:
            self.epoch = await self._leases.next_epoch()
        if anew or held != self.held:
            self.held = held
            logger.info("ingest: writes %d of %d parts", len(held), len(self._all))
            self.on_change()

    async def _adopted(self, before: frozenset[Part]) -> set[Part]:
        """Parts of others that nobody has written for a while, now ours."""
        foreign = self._all - self._own - before
        now_ns = self._clock.mono_ns()
        if now_ns < self._settled_ns:
            return set()
        free = foreign - await self._leases.said(foreign)
        self._free_since_ns = {part: self._free_since_ns.get(part, now_ns) for part in free}
        ripe = {part for part, since in self._free_since_ns.items() if now_ns - since >= ADOPT_AFTER_S * _NS}
        taken = ripe - await self._leases.take(ripe)
        for part in taken:
            del self._free_since_ns[part]
        return taken

    async def release(self) -> None:
        with contextlib.suppress(RedisError, OSError):  # they run out by themselves
            await self._leases.give(self.held)
