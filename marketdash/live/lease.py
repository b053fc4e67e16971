"""One writer for each instrument: leases in Redis, and an epoch that is greater than any before.

Two workers of one instrument would both be right and still contradict each other. So each part of a venue
(:func:`feeds.symbols.part_of`) is a key that one worker holds. A worker that slept past its lease finds that
out at its next renewal, and whatever it published meanwhile carries the lesser epoch, which no hub takes. If
the lease is free again by then, it goes on in a new epoch: another may have written meanwhile, and died.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from redis import RedisError
from redis.asyncio import Redis

from feeds.symbols import PARTS
from marketdash.live.cancellation import honour_cancellation

logger = logging.getLogger(__name__)

LEASE_MS = 2500
"""A worker that was killed is followed by another within this and its start: 5 s in all."""

RENEW_EVERY_S = 0.5
ASK_EVERY_S = 0.25

# What is free or ours becomes ours, all of it or none with ARGV[4]; the answer is what each key holds then.
# What is ours keeps the number of the call that found it free, so that one that ran out meanwhile is told
# apart, even where the answer to that call was lost.
_TAKE = """
local function ours(holder) return string.sub(holder, 1, #ARGV[1] + 1) == ARGV[1] .. ':' end
local held = redis.call('MGET', unpack(KEYS))
for n = 1, #held do
  if ARGV[4] == '1' and held[n] and not ours(held[n]) then return held end
end
for n, key in ipairs(KEYS) do
  if not held[n] then held[n] = ARGV[1] .. ':' .. ARGV[2] end
  if ours(held[n]) then redis.call('SET', key, held[n], 'PX', ARGV[3]) end
end
return held
"""
_RELEASE = """
for _, key in ipairs(KEYS) do
  local holder = redis.call('GET', key)
  if holder and string.sub(holder, 1, #ARGV[1] + 1) == ARGV[1] .. ':' then redis.call('DEL', key) end
end
"""
# Never the same to two writers, and never less than before, however a clock was set.
_NEXT_EPOCH = """
local epoch = math.max(tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1]) or '0') + 1)
redis.call('SET', KEYS[1], string.format('%.0f', epoch))
return string.format('%.0f', epoch)
"""
_EPOCH_KEY = "marketdash:epoch_us"


class Part(NamedTuple):
    """One part of a venue's instruments."""

    venue: str
    number: int

    @property
    def key(self) -> str:
        return f"marketdash:writer:{self.venue}:{self.number}"


def parts_of(venues: Iterable[str]) -> list[Part]:
    return [Part(venue, number) for venue in sorted(venues) for number in range(PARTS)]


class LeaseLost(RuntimeError):
    """Somebody else writes these instruments now."""


def writer_in(holder: str) -> str:
    """Who it is that a key names, without the number of the call."""
    return holder.partition(":")[0]


class PartLeases:
    """The keys of one writer. What Redis raises is the caller's to meet. ``ran_out``: something of ours was
    free when it was to be renewed, and no new epoch was begun since."""

    def __init__(self, redis: Redis) -> None:
        self.ran_out = False
        self._redis, self._token, self._calls = redis, uuid.uuid4().hex, itertools.count(1)
        self._held: dict[Part, str] = {}
        self._epoch_us = 0

    async def take(self, parts: Iterable[Part], *, all_or_none: bool = False) -> set[Part]:
        """Take what is free, renew what is ours; the parts that others hold."""
        parts = list(parts)
        if not parts:
            return set()
        words = (self._token, next(self._calls), LEASE_MS, int(all_or_none))
        answer: Any = await self._redis.eval(_TAKE, len(parts), *(part.key for part in parts), *words)
        holders = {part: _text(holder) for part, holder in zip(parts, answer, strict=True) if holder}
        ours = {part: holder for part, holder in holders.items() if writer_in(holder) == self._token}
        self.ran_out |= any(self._held.get(part, holder) != holder for part, holder in ours.items())
        self._held |= ours
        return holders.keys() - ours

    async def give(self, parts: Iterable[Part]) -> None:
        parts = list(parts)
        if parts:
            await self._redis.eval(_RELEASE, len(parts), *(part.key for part in parts), self._token)
        for part in parts:
            self._held.pop(part, None)

    async def next_epoch(self) -> str:
        """Microseconds as hexadecimal text of fixed width, so that epochs order as text. Greater than ours
        before in any case: Redis may have forgotten it."""
        least_us = max(time.time_ns() // 1000, self._epoch_us + 1)
        epoch: Any = await self._redis.eval(_NEXT_EPOCH, 1, _EPOCH_KEY, least_us)
        self._epoch_us, self.ran_out = int(epoch), False
        return f"{self._epoch_us:014x}"

    async def say(self, parts: Iterable[Part], word: str, for_ms: int) -> None:
        """Leave a word at each of these parts for whoever holds it."""
        for part in parts:
            await self._redis.set(f"{part.key}:{word}", self._token, px=for_ms)

    async def said(self, parts: Iterable[Part], word: str = "") -> set[Part]:
        """The parts that have such a word; without one, those that anybody holds."""
        parts = list(parts)
        if not parts:
            return set()
        found = await self._redis.mget([f"{part.key}:{word}" if word else part.key for part in parts])
        return {part for part, value in zip(parts, found, strict=True) if value is not None}


def _text(answer: bytes | str) -> str:
    return answer.decode() if isinstance(answer, bytes) else answer


ENGINES = Part("ENGINES", 0)
"""What the one process of that name holds."""


class Lease:
    """All of some parts, or none: of who does alone what nobody may do twice.

    ``epoch`` is set by :meth:`acquire`, ``problem`` to what it waits for. ``on_change`` is called when the
    epoch is another, because the lease had run out.
    """

    def __init__(self, redis: Redis, parts: Iterable[Part]) -> None:
        self.epoch = ""
        self.problem = ""
        self.on_change: Callable[[], None] = lambda: None
        self._leases, self._parts = PartLeases(redis), list(parts)

    async def acquire(self) -> str:
        """Waits as long as somebody else holds one, and as long as Redis is away; the epoch."""
        while problem := await self._problem():
            if problem != self.problem:
                self.problem = problem
                logger.warning("waits: %s", problem)
            honour_cancellation()
            await asyncio.sleep(ASK_EVERY_S)
        return self.epoch

    async def _problem(self) -> str:
        try:
            if others := await self._leases.take(self._parts, all_or_none=True):
                return f"another process holds {', '.join(sorted({part.venue for part in others}))}"
            self.epoch = await self._leases.next_epoch()
            return ""
        except (RedisError, OSError) as away:
            return f"Redis does not answer: {away}"

    async def keep(self) -> None:
        """Renew until cancelled. Raises :class:`LeaseLost`. A Redis that is away is waited for: nobody else
        can publish either, and after a restart the lease is taken anew, in a new epoch."""
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            try:
                others = await self._leases.take(self._parts)
                if self._leases.ran_out and not others:
                    self.epoch = await self._leases.next_epoch()
                    self.on_change()
            except (RedisError, OSError) as away:
                logger.debug("lease: not renewed: %s", away)
                continue
            finally:
                honour_cancellation()
            if others:
                raise LeaseLost(f"{min(others).venue} was taken by another process")

    async def release(self) -> None:
        with contextlib.suppress(RedisError, OSError):  # it runs out by itself
            await self._leases.give(self._parts)
