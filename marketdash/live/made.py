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
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from marketdash.live.bodies import CHANNELS
from marketdash.live.cancellation import honour_cancellation
from marketdash.live.fanout import View
from marketdash.live.presence import Presence
from marketdash.live.reads import Reads
from marketdash.live.topics import LINGER_S, Topics
from marketdash.live.views import Position, Track
from marketdash.live.views import Row as Told
from marketdash.live.watching import Watcher
from marketdash.publish import Desk, Made, Row, Source

logger = logging.getLogger(__name__)

OPEN_AGAIN_S = 1.0
CHECK_EVERY_S = 30.0


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
        super().__init__(key, CHANNELS[channel].merge)
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


class Feed:
    """The :class:`marketdash.publish.Ticks` of one desk: the one reader of all inputs of its topics."""

    def __init__(
        self,
        topics: Topics,
        reads: Reads,
        presence: Presence,
        wake: Callable[[], None],
        now_us: Callable[[], int],
    ) -> None:
        self._topics, self._reads, self._presence = topics, reads, presence
        self._wake, self._now_us = wake, now_us
        self._users: dict[str, set[MadeTopic | Watcher]] = {}
        self._names: dict[Track, str] = {}
        self._moved: set[str] = set()
        self._silent: set[str] = set()

    def moved(self) -> set[str]:
        found, self._moved = self._moved, set()
        return found

    def value(self, topic: str) -> Row | None:
        return self._reads.at_hand(topic) if topic in self._users else None

    def mark(self, track: Track) -> None:
        """It moved: as a view is told it."""
        name = self._names[track]
        self._moved.add(name)
        for topic in self._users[name]:
            if not topic.stirred:
                topic.stir()

    def use(self, topic: MadeTopic | Watcher, before: Iterable[str], now: Iterable[str]) -> None:
        """``topic`` is made of these now."""
        mine, gone = set(now), set(before)
        for name in gone - mine:
            self._leave(topic, name)
        for name in mine - gone:
            self._join(topic, name)

    def look(self) -> None:
        """Each second: a feed that fell silent, or speaks again, says so by no row."""
        at_us = self._now_us()
        venues = {name.split(":")[1] for name in self._users}
        silent = {venue for venue in venues if self._presence.silent(venue, at_us)}
        changed, self._silent = silent ^ (self._silent & venues), silent
        for track, name in self._names.items():
            if name.split(":")[1] in changed:
                self.mark(track)

    def _join(self, topic: MadeTopic | Watcher, name: str) -> None:
        users = self._users.setdefault(name, set())
        if not users:
            read = self._topics.need(name, self._now_us() / 1e6)
            track = read.track(0, 0)
            read.readers[self] = track  # type: ignore[index]
            self._names[track] = name
            self._moved.add(name)
            self._wake()
        users.add(topic)

    def _leave(self, topic: MadeTopic | Watcher, name: str) -> None:
        users = self._users[name]
        users.discard(topic)
        if not users:
            del self._users[name]
            self._moved.add(name)
            read = self._topics[name]
            del self._names[read.readers[self]]  # type: ignore[index]
            read.drop_reader(self, self._now_us() / 1e6)  # type: ignore[arg-type]


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
        for topic in [each for each in self.values() if each.check_at_s <= now_s]:
            topic.check_at_s = _next_check_s(now_s)
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
