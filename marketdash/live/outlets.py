"""The worker's end of the bus: what each topic has to say, and the shards that carry it.

Shards flush as soon as something changed, then not again for 3 to 12 ms, nor before their last message was
taken: under load the rows merge, and a Redis that hangs costs nothing but the time it hangs. All shards keep
the same time, so that a hub hears at once what they all have to say, and sends it on at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from channels.layers import BaseChannelLayer

from feeds.clock import Clock
from feeds.symbols import topic
from marketdash.live import bus
from marketdash.live.cancellation import honour_cancellation, woken

logger = logging.getLogger(__name__)

FLUSH_EVERY_S, FLOOD_EVERY_S = 0.003, 0.012
ROW_S = 0.002
"""The rest after a row, between those two: at 500 rows a second and more the longer one holds. What the hubs
write then costs a third less, and no row is held for longer than twelve milliseconds."""

QUIET_S, QUIET_BEATS = 0.2, 4
"""After its last row a shard beats so often, so far apart: each shows a reader whether it missed that row,
and any of them may be lost itself. After an outage too: who reads comes back a moment later than who writes,
and a shard without rows would say that it lives up to a second later."""

KEYFRAME_EVERY_NS = 100_000_000
AFTER_FAILURE_S = 0.25


Tops = Callable[[], tuple[Mapping[str, list[int]], dict[str, int], str]]
"""What this writer feeds, last ``seq`` by topic, and why nothing is kept, as they are when it is called."""


class Slot(Protocol):
    """One of :mod:`feeds.merge`, or the venue's own below."""

    def put(self, event: object) -> None: ...

    def take(self, state: object) -> bytes | None: ...

    def keyframe(self, state: object) -> bytes: ...


class Outlet:
    """One topic's way out. ``watched``: some hub needs it. ``whole``: the next row must be a keyframe,
    because the slot is new or a row was lost. ``asked``: some hub wants one."""

    __slots__ = (
        "topic",
        "channel",
        "instrument",
        "slot",
        "state",
        "shard",
        "seq",
        "watched",
        "dirty",
        "whole",
        "asked",
        "reminded",
        "_keyframe_ns",
    )

    def __init__(self, channel: str, instrument: str, interval: int, shard: Shard) -> None:
        self.topic = topic(channel, instrument, interval)
        self.channel, self.instrument, self.shard = channel, instrument, shard
        self.slot: Slot | None = None
        self.state: Any = None
        self.seq = 0
        self.watched = self.dirty = self.asked = self.reminded = False
        self.whole = True
        self._keyframe_ns = 0

    def entries(self, now_ns: int, age_us: int) -> list[bus.Entry]:
        """What is to be published now. A keyframe never comes in place of a row that others can use."""
        assert self.slot is not None
        self.dirty = False
        found: list[bus.Entry] = []
        body = self.slot.take(self.state)
        if self.whole:
            self.whole = self.asked = False
            self.seq += 1
            return [self._keyframe(now_ns, age_us)]
        if body is not None:
            self.seq += 1
            replaces = getattr(self.slot, "replaces", False)
            found.append((self.topic, 0 if replaces else self.seq - 1, self.seq, age_us, body))
        if self.asked and now_ns - self._keyframe_ns >= KEYFRAME_EVERY_NS:
            self.asked = False
            found.append(self._keyframe(now_ns, age_us))
        return found

    def _keyframe(self, now_ns: int, age_us: int) -> bus.Entry:
        assert self.slot is not None
        self._keyframe_ns = now_ns
        return (self.topic, 0, self.seq, age_us, self.slot.keyframe(self.state))


class Cadence:
    """When shards may flush: all that want to in the same turn of the loop, then none for a rest."""

    def __init__(self) -> None:
        self.rows = 0
        """Of this turn; who flushes adds its own."""
        self._open = asyncio.Event()
        self._open.set()
        self._closing = False

    async def turn(self) -> None:
        """Until this shard may."""
        await self._open.wait()
        if not self._closing:
            self._closing = True
            asyncio.get_running_loop().call_soon(self._close)

    def _close(self) -> None:
        rest_s = min(max(FLUSH_EVERY_S, self.rows * ROW_S), FLOOD_EVERY_S)
        self.rows, self._closing = 0, False
        self._open.clear()
        asyncio.get_running_loop().call_later(rest_s, self._open.set)


class Shard:
    """One group of the channel layer: its dirty outlets and the task that publishes them."""

    def __init__(
        self,
        group: str,
        layer: BaseChannelLayer,
        epoch: str,
        clock: Clock,
        age_us: Callable[[Outlet], int],
        counters: Counter[str],
        cadence: Cadence,
    ) -> None:
        self.group, self.counters, self._cadence = group, counters, cadence
        self._tops: Tops | None = None
        self._layer, self.epoch, self._clock, self._age_us = layer, epoch, clock, age_us
        self._dirty: list[Outlet] = []
        self._wake = asyncio.Event()
        self.failing = self._beat_due = False
        self._beats_left = 0

    def add(self, outlet: Outlet) -> None:
        """An outlet that has something to say; at most once until it has said it."""
        self._dirty.append(outlet)
        self._wake.set()

    def beat(self, tops: Tops) -> None:
        """Make the next message a heartbeat, and send it now."""
        self._tops, self._beat_due = tops, True
        self._wake.set()

    async def run(self) -> None:
        while True:
            await self._woken()
            await self._cadence.turn()
            taken = await self._flush()
            honour_cancellation()
            if not taken:
                await asyncio.sleep(AFTER_FAILURE_S)

    async def _woken(self) -> None:
        """By something to say; or by a quiet moment, whose beat shows whether the last row was lost."""
        if not self._beats_left:
            await self._wake.wait()
            self._wake.clear()
        elif not await woken(self._wake, QUIET_S):
            self._beats_left, self._beat_due = self._beats_left - 1, True

    async def _flush(self) -> bool:
        batch, self._dirty = self._dirty, []
        now_ns = self._clock.mono_ns()
        entries = [
            entry
            for outlet in batch
            if outlet.slot is not None
            for entry in outlet.entries(now_ns, self._age_us(outlet))
        ]
        self._cadence.rows += len(entries)
        self._again(batch)
        message = bus.rows(self.epoch, self.group, now_ns // 1000, entries)
        if entries:
            self._beats_left = QUIET_BEATS
        if self._beat_due and self._tops is not None:
            message = bus.beat(message, *self._tops())
        elif not entries:
            return True
        self._beat_due = False
        return await self._send(message, batch)

    def _again(self, batch: list[Outlet]) -> None:
        """Keyframes that were asked for too soon after the last one."""
        for outlet in batch:
            if outlet.asked and not outlet.reminded:
                outlet.reminded = True
                asyncio.get_running_loop().call_later(KEYFRAME_EVERY_NS / 1e9, self._remind, outlet)

    def _remind(self, outlet: Outlet) -> None:
        outlet.reminded = False
        if outlet.asked and not outlet.dirty:
            outlet.dirty = True
            self.add(outlet)

    async def _send(self, message: bus.Message, batch: list[Outlet]) -> bool:
        try:
            await self._layer.group_send(self.group, message)
        except Exception as problem:  # a bus that is away must end no task: rows merge until it is back
            self._failed(problem, batch)
            return False
        if self.failing:
            self.failing = False
            logger.info("bus: %s is taken again", self.group)
        self.counters["published"] += 1
        return True

    def _failed(self, problem: Exception, batch: list[Outlet]) -> None:
        self.counters["publish failures"] += 1
        if not self.failing:
            self.failing = True
            logger.warning("bus: %s is not taken: %s", self.group, problem)
        self._beat_due, self._beats_left = True, QUIET_BEATS
        for outlet in batch:
            if outlet.slot is not None:
                outlet.whole = True  # what is lost cannot be built on
                if not outlet.dirty:
                    outlet.dirty = True
                    self._dirty.append(outlet)
        self._wake.set()


def shards_of(
    groups: Iterable[str],
    layer: BaseChannelLayer,
    epoch: str,
    clock: Clock,
    age_us: Callable[[Outlet], int],
    counters: Counter[str],
) -> dict[str, Shard]:
    """One for each group; all keep the same time."""
    cadence = Cadence()
    return {group: Shard(group, layer, epoch, clock, age_us, counters, cadence) for group in groups}
