"""The hub: the one reader of the bus in a process, and what its sockets and pages read from.

One for each running loop, made on first use. Its mailbox only stores and marks; views are flushed once the
messages at hand are taken. :meth:`Hub.govern` does what is not urgent: groups, demand, keyframes, silence.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from channels.layers import BaseChannelLayer

from marketdash.live import bus, resources
from marketdash.live.cancellation import honour_cancellation, woken
from marketdash.live.client import Client, Subscribed
from marketdash.live.closing import RIGHTS_CHANGED
from marketdash.live.demand import Demand
from marketdash.live.hearing import Hearing
from marketdash.live.inputs import Feed
from marketdash.live.lateness import Spread
from marketdash.live.made import MadeTopic, MadeTopics
from marketdash.live.mailbox import Mailbox
from marketdash.live.presence import Presence
from marketdash.live.reads import Reads
from marketdash.live.saving import Saving
from marketdash.live.topics import Topic, Topics
from marketdash.live.turns import Turns
from marketdash.live.venue_word import VenueWord
from marketdash.live.viewers import Viewers
from marketdash.publish import Row, Source, Statistics

logger = logging.getLogger(__name__)

BACKLOG_US = 1_000_000
"""What is later than this is not shown: a keyframe is asked for in its place."""

WRITER_GONE_US = 10_000_000
"""After so much silence a writer of an earlier epoch is believed: its clock was set back."""

COALESCE_S = 0.02
TICK_S = 1.0

Notice = Callable[[bus.Message], Coroutine[Any, Any, None]]


def now_us() -> int:
    return time.monotonic_ns() // 1000


class Hub:
    """``notices`` are called, each as a task of its own, for messages of their type on ``hub.control``.

    ``listing`` names the version of the list of instruments that this process has read. ``sources`` make
    topics of their own of those of the bus, by channel.
    """

    def __init__(
        self,
        layer: BaseChannelLayer,
        *,
        shards: int,
        mode: str = "live",
        listing: Callable[[], str] = lambda: "",
        sources: Mapping[str, Source] | None = None,
    ) -> None:
        self.counters: Counter[str] = Counter()
        self.name = uuid.uuid4().hex
        self.topics = Topics()
        self.presence = Presence()
        group_of = functools.partial(bus.group_of, shards=shards)
        self.reads = Reads(self.topics, self.presence, self.wake, now_us)
        self.made = MadeTopics(sources or {}, self._feed, self._gone, now_us, self.spawn)
        self.viewers = Viewers(self.topics, self.made, now_us, group_of, self.counters)
        self.turns = Turns()
        self._layer, self._shards = layer, shards
        self.notices: dict[str, Notice] = {}
        self._mailbox = Mailbox(layer, self.take)
        self._wake = asyncio.Event()
        self._spread, self.saving = Spread(), Saving(now_us)
        self.word = VenueWord(
            self.topics, self.presence, self.viewers, self.saving, now_us,
            name=self.name, mode=mode, listing=listing,
        )  # fmt: skip
        self._hearing = Hearing(self.topics, self.presence, group_of, self._returns, self.word.show)
        self._demand = Demand(self.topics)
        self._tasks: set[asyncio.Task[None]] = set()

    # life

    def start(self) -> None:
        self.spawn(self._mailbox.run())
        self.spawn(self.govern())

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task that ends with the hub at the latest."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        self.word.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def wake(self) -> None:
        """Something is needed that was not."""
        self._wake.set()

    def ready(self, client: Client) -> None:
        self.viewers.resume(client)
        if self.viewers.waits_for_beat:
            self.wake()

    # the bus

    def take(self, message: bus.Message) -> None:
        """One message of the layer."""
        kind = message["type"]
        if kind == bus.ROWS:
            self._rows(message)
        elif kind in self.notices:
            self.spawn(self.notices[kind](message))

    def _rows(self, message: bus.Message) -> None:
        epoch, at_us = message["epoch"], now_us()
        if not self._hearing.knows(epoch):
            self._new_writer(epoch)
        late_us = self._hearing.late_us(epoch, message["sent_us"], at_us)
        self._spread.add(late_us)
        entries = message["entries"]
        if late_us > BACKLOG_US:
            self.counters["backlog"] += 1
            self.topics.want_all(entry[0] for entry in entries)
            return
        if self._hearing.heard(epoch, message["group"], message.get("parts"), at_us):
            self._tell_needs()
        self._entries(epoch, entries, at_us - late_us)
        if "tops" in message:
            self._tops(epoch, message["tops"], at_us - late_us)
            self.saving.told(epoch, message.get("saving", ""))

    def _entries(self, epoch: str, entries: list[bus.Entry], said_us: int) -> None:
        """``said_us``: when the writer did, on our clock. So long ago it was so."""
        topics = self.topics
        for name, prev, seq, age_us, body in entries:
            topic = topics.get(name)
            if topic is None:
                continue
            if topic.apply(epoch, prev, seq, said_us - age_us, body):
                self._news(topic, said_us)
            elif topic.wanting:
                self._lacks(topic, epoch)
            elif prev or not self._confirmed(topic, epoch, said_us):
                self._old(topic, epoch)

    def _new_writer(self, epoch: str) -> None:
        """It knows no demand yet: it is told at once."""
        self._hearing.meet(epoch)
        self._tell_needs()

    def _tell_needs(self) -> None:
        self._demand.at_once()
        self.wake()

    def _news(self, topic: Topic, said_us: int) -> None:
        self.word.show(topic)
        self.reads.arrived(topic)
        if not topic.wanting or not topic.proven_us:
            topic.proven_us = said_us
        if self._hearing.waits and not topic.wanting:
            self._hearing.proven(topic.name)  # after the mark: what proves it is said before the beat

    def _lacks(self, topic: Topic, epoch: str) -> None:
        self.counters["holes"] += 1
        self._old(topic, epoch)
        self.wake()

    def _confirmed(self, topic: Topic, epoch: str, said_us: int) -> bool:
        """By word of this writer that is no news; whether it is."""
        proven = topic.proves(epoch)
        if proven:
            topic.proven_us = max(topic.proven_us, said_us)
            self._hearing.proven(topic.name)
        return proven

    def _old(self, topic: Topic, epoch: str) -> None:
        writer = topic.replica.writer
        if epoch < writer and now_us() - self._hearing.last_us(writer) > WRITER_GONE_US:
            topic.replica.forget(now_us())
            topic.wanting = True
            self.word.show(topic)

    def _tops(self, epoch: str, tops: Mapping[str, int], said_us: int) -> None:
        for name, seq in tops.items():
            topic = self.topics.get(name)
            if topic is None:
                continue
            if topic.heard_top(epoch, seq):
                self._news(topic, said_us)
            elif topic.wanting:
                self.wake()
            else:
                self._confirmed(topic, epoch, said_us)

    def _returns(self) -> None:
        self.word.returns(self._hearing.settle)

    # what apps make

    def _feed(self) -> Feed:
        return Feed(self.topics, self.reads, self.presence, self.wake, now_us)

    def _gone(self, topic: MadeTopic) -> None:
        for client in self.viewers.followers(*topic.name.split(":")):
            client.close(RIGHTS_CHANGED)

    # what is not urgent

    async def govern(self) -> None:
        """Until cancelled: at once when something is needed, and each second."""
        ticked_s = 0.0
        while True:
            now_s = now_us() / 1e6
            try:
                if now_s - ticked_s >= TICK_S:
                    ticked_s = now_s
                    self._tick(now_s)
                else:
                    self.word.first_beat()
            except Exception:  # a task boundary: who is deaf and says nothing looks alive
                self.counters["failed looks"] += 1
                logger.exception("hub: a look at what is so failed")
            try:
                await self._say_what_is_needed()
            except Exception as problem:  # the bus is away: said by silence, and tried again
                logger.debug("bus: demand was not taken: %s", problem)
                self._demand.at_once()
            honour_cancellation()
            until_s = min(ticked_s + TICK_S, self.topics.ask_at_s(), self._demand.due_s())
            await self._pause(max(0.0, until_s - now_us() / 1e6))

    async def _pause(self, for_s: float) -> None:
        await asyncio.sleep(COALESCE_S)
        await woken(self._wake, for_s)

    async def _say_what_is_needed(self) -> None:
        now_s = now_us() / 1e6
        wanted = {bus.group_of(topic.parts, self._shards) for topic in self.topics.values()}
        await self._mailbox.join({bus.HUBS, *wanted})
        self.presence.listen(wanted, now_us())
        if self._demand.take(now_s):
            await self._layer.group_send(bus.CONTROL, bus.demand(self.name, self.topics))
        asks = self.topics.to_ask(now_s)
        if asks:
            self.counters["keyframes asked"] += len(asks)
            await self._layer.group_send(bus.CONTROL, bus.keyframe(self.name, asks))

    def _tick(self, now_s: float) -> None:
        self.made.tick(now_s)
        self.topics.expire(now_s)
        if self._hearing.tick(now_us()):
            self._tell_needs()
        self.viewers.nudge()
        self.word.look()

    # what sockets and pages ask of it

    def follow(self, client: Client, channel: str, sub: Subscribed, symbols: Iterable[str]) -> None:
        self.viewers.follow(client, channel, sub, symbols)
        self.wake()

    async def read(self, names: Iterable[str], timeout_s: float) -> dict[str, Row]:
        """See :func:`marketdash.publish.read`."""
        return await self.reads.read(names, timeout_s)

    def statistics(self) -> Statistics:
        """See :func:`marketdash.publish.statistics`."""
        viewers = self.viewers
        return Statistics(
            clients=len(viewers.clients),
            views=len(viewers.views),
            topics=len(self.topics),
            waiting=sum(len(client.behind) for client in viewers.clients),
            counters=dict(self.counters),
            lateness=tuple(self._spread.buckets),
            lateness_sum_us=self._spread.sum_us,
            memory_bytes=resources.memory_bytes(),
            cpu_s=resources.cpu_s(),
            tasks=len(asyncio.all_tasks()),
        )
