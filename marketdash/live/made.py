"""Topics that an app makes of others: made in this process for its own viewers, never on the bus.

A made topic is a track like those of the bus, and its inputs are topics of the bus like those that people
watch. A tick of an input only says that there is something new; what it comes to is worked out when a view
is about to tell it, so a view that merges for a quarter of a second costs four rows a second, however many
ticks there were.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from marketdash.live.bodies import CHANNELS
from marketdash.live.cancellation import honour_cancellation
from marketdash.live.fanout import View
from marketdash.live.inputs import Feed
from marketdash.live.topics import LINGER_S
from marketdash.live.views import Position, Track
from marketdash.live.views import Row as Told
from marketdash.live.watching import Watcher
from marketdash.publish import Desk, Made, Source

logger = logging.getLogger(__name__)

OPEN_AGAIN_S = 1.0
CHECK_EVERY_S = 30.0

KEPT_STEPS = 8
"""A step is nearly as large as the whole, and merging several takes longer than saying that: of a thousand
portfolios the ring of other topics would be half a gigabyte."""


class MadeTopic(Track):
    """``readers`` are the views of it. ``stirred``: an input moved since the last row was made. Its value is
    not kept here: whoever makes it knows what was said."""

    __slots__ = (
        *("name", "key", "made", "inputs", "readers", "needed_until_s", "check_at_s"),
        *("opening", "stirred", "changed", "_again", "_epoch", "_seq", "_now"),
    )

    def __init__(
        self,
        channel: str,
        key: str,
        epoch: str,
        now_us: Callable[[], int],
        again: Callable[[MadeTopic], None],
    ) -> None:
        super().__init__(key, CHANNELS[channel].merge, KEPT_STEPS)
        self._again = again
        self.name, self.key = f"{channel}:{key}", key
        self.made: Made | None = None
        self.inputs: frozenset[str] = frozenset()
        self.readers: dict[View, Track] = {}
        self.needed_until_s = self.check_at_s = 0.0
        self.opening: asyncio.Task[None] | None = None
        self.stirred = self.changed = False
        self._epoch, self._seq, self._now = epoch, 0, now_us

    def begin(self, made: Made) -> None:
        """With all of it; again when it is made of something else now."""
        self.made, self.inputs, self.stirred = made, made.inputs, False
        body = made.whole()
        self._seq += 1
        self.as_of_us = self._now()
        self._restart(self._epoch, self._seq)
        self._bodies[0] = body
        self._mark()

    def whole(self) -> bytes:
        assert self.made is not None, "a topic with a position is made"
        return self.made.said()

    def stir(self) -> None:
        if not self.stirred and self.made is not None:
            self.stirred = True
            self._mark()

    def advance(self) -> None:
        if not self.stirred or self.made is None:
            return
        self.stirred = False
        try:
            body = self.made.since()
        except Exception:  # a task boundary, as below
            self._fail()
            return
        if body is not None:
            self._seq += 1
            self.as_of_us = self._now()
            self._step(self._seq - 1, self._seq, body)

    def is_news(self, position: Position | None) -> bool:
        return (self.stirred and self.made is not None) or super().is_news(position)

    def row_since(self, position: Position | None, now_us: int) -> Told | None:
        try:
            return super().row_since(position, now_us)
        except Exception:  # a task boundary: whoever asked is told when it was made anew
            self._fail()
            return None

    def _fail(self) -> None:
        """Whoever makes it did not: it is made from nothing."""
        logger.exception("live: %s could not be made", self.name)
        self.made = self.position = None
        self._again(self)

    def _about(self) -> bytes:
        return b'"id":%b' % self.key.partition("/")[0].encode()

    def _mark(self) -> None:
        for view in self.readers:
            view.mark(self)

    # as views know topics

    def track(self, param: int, interval_ms: int) -> Track:
        return self

    def drop_reader(self, view: View, now_s: float) -> None:
        del self.readers[view]
        self.needed_until_s = max(self.needed_until_s, now_s + LINGER_S)


class MadeTopics(dict[str, MadeTopic]):
    """By name. ``gone`` is called with a topic that is not there any more."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        feed: Callable[[], Feed],
        gone: Callable[[MadeTopic], None],
        now_us: Callable[[], int],
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
    ) -> None:
        super().__init__()
        self._sources, self._make_feed, self._gone = sources, feed, gone
        self._now_us, self._spawn = now_us, spawn
        self._desks: dict[str, tuple[Desk, Feed]] = {}
        self._watched: list[Feed] = []

    def makes(self, channel: str) -> bool:
        return channel in self._sources

    def need(self, name: str, now_s: float) -> MadeTopic:
        topic = self.get(name)
        if topic is None:
            channel, _, key = name.partition(":")
            # Its positions begin anew with it: who knew it before must not take them for those of then.
            epoch = f"{time.time_ns():016x}"
            topic = self[name] = MadeTopic(channel, key, epoch, self._now_us, self._open)
            topic.check_at_s = _next_check_s(now_s)
            self._open(topic)
        topic.needed_until_s = max(topic.needed_until_s, now_s + LINGER_S)
        return topic

    def watch(self, stir: Callable[[], None]) -> Watcher:
        """See :func:`marketdash.publish.watch`."""
        self._watched.append(self._make_feed())
        return Watcher(self._watched[-1], stir, self._watched.remove)

    def remake(self, name: str) -> None:
        """What it is made of may be something else now, in each of the ways in which it is told."""
        for topic in self.values():
            if topic.name.partition("/")[0] == name:
                self._open(topic)

    def remake_all(self) -> None:
        for topic in self.values():
            self._open(topic)

    def tick(self, now_s: float) -> None:
        """Each second. Of a change that nobody heard of the database knows: it is asked now and then."""
        for topic in [each for each in self.values() if not each.readers and each.needed_until_s <= now_s]:
            self._end(topic)
        for feed in [*(feed for _, feed in self._desks.values()), *self._watched]:
            feed.look()
        self._check(now_s)

    def _check(self, now_s: float) -> None:
        due: dict[str, list[MadeTopic]] = {}
        for topic in self.values():
            if topic.check_at_s <= now_s:
                topic.check_at_s = _next_check_s(now_s)
                due.setdefault(topic.name.partition(":")[0], []).append(topic)
        for topics in due.values():
            self._spawn(self._open_unlike(topics))

    async def _open_unlike(self, topics: list[MadeTopic]) -> None:
        """What cannot be asked now is asked at the next check."""
        made = {topic.key: topic.made for topic in topics if topic.made is not None}
        try:
            unlike = await self._desk(topics[0])[0].unlike(made)
        except Exception:  # a task boundary: the database may be away
            logger.exception("live: whether %d topics are what they were could not be asked", len(topics))
            return
        for topic in topics:
            if topic.made is None or topic.key in unlike:
                self._open(topic)

    def _end(self, topic: MadeTopic) -> None:
        if topic.opening is not None:
            topic.opening.cancel()
        self._desk(topic)[1].use(topic, topic.inputs, ())
        topic.made, topic.inputs = None, frozenset()
        del self[topic.name]

    def _desk(self, topic: MadeTopic) -> tuple[Desk, Feed]:
        channel = topic.name.partition(":")[0]
        if channel not in self._desks:
            feed = self._make_feed()
            self._desks[channel] = self._sources[channel].desk(feed), feed
        return self._desks[channel]

    def _open(self, topic: MadeTopic) -> None:
        topic.changed = True
        if topic.opening is None or topic.opening.done():
            topic.opening = self._spawn(self._keep_open(topic))

    async def _keep_open(self, topic: MadeTopic) -> None:
        """A change while it is being read has it read once more: what was read may be from before it."""
        while topic.changed:
            topic.changed = False
            try:
                await self._read(topic)
            except LookupError:
                self._gone(topic)
            except Exception:  # a task boundary: the database may be away for a while
                logger.exception("live: %s could not be opened", topic.name)
                topic.changed = True
                await asyncio.sleep(OPEN_AGAIN_S)

    async def _read(self, topic: MadeTopic) -> None:
        desk, feed = self._desk(topic)
        made = await desk.open(topic.key, topic.made)
        honour_cancellation()
        if made is not topic.made:
            feed.use(topic, topic.inputs, made.inputs)
            topic.begin(made)


def _next_check_s(now_s: float) -> float:
    """Not of all in the same second."""
    return now_s + CHECK_EVERY_S * (0.5 + random.random() / 2)  # nosec B311 # spreads work in time
