"""What is heard of each writer: how late it is, when it spoke last, and what has to be proven again. Pure.

A writer that was silent, or is new, comes back with its first message. What is shown of it may have changed
in the silence, and the rows that said so may be lost. So until each of those topics was brought again, or its
number was confirmed, the venue is as old as it was: else old prices looked live for a moment, and so did the
venue itself by what its last writer had said of it.

The same holds of a topic that is not confirmed though its venue is heard: heartbeats are lost while rows of
others come, what was asked for does not come, or who writes it forgot that it is needed. Its venue is as old
as that word of it; after a while the topic lapses, and the venue goes on without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from feeds.symbols import HEALTH, TopicParts
from marketdash.live.lateness import Lateness
from marketdash.live.presence import Presence
from marketdash.live.topics import Topic, Topics

Parts: TypeAlias = Mapping[str, list[int]]
"""By venue, the parts that a writer feeds (:func:`feeds.symbols.part_of`)."""

Held: TypeAlias = tuple[str, str]
"""(group, venue)"""

MOST_WRITERS = 16
RETURNS_AFTER_US = 1_500_000
"""A heartbeat was missed, and with it rows may have been."""

ASK_AFTER_US = 2_500_000
"""What is unconfirmed for so long is asked for: one heartbeat that was lost makes nobody ask for hundreds."""

PROVEN_WITHIN_US = 5_000_000
"""What nobody confirms while its venue is heard holds the venue up for no longer: it lapses."""

LOOK_EVERY_US = 1_000_000


class Unproven(NamedTuple):
    held: Held
    at_us: int
    """Since when it is waited for."""


class Hearing:
    """``group_of`` is the group of the layer that carries a topic. ``returns`` is called when all of a venue
    that was to be proven is, and when a group is heard again of which nothing is: a moment later, since what
    is back comes back together, :meth:`settle` is to be called. ``lapsed`` is called with what did."""

    def __init__(
        self,
        topics: Topics,
        presence: Presence,
        group_of: Callable[[TopicParts], str],
        returns: Callable[[], None] = lambda: None,
        lapsed: Callable[[Topic], None] = lambda topic: None,
    ) -> None:
        self._returns, self._lapsed = returns, lapsed
        self._topics, self._presence, self._group_of = topics, presence, group_of
        self._lateness: dict[str, Lateness] = {}
        self._heard_us: dict[str, dict[str, int]] = {}
        self._parts: dict[str, Parts] = {}
        self._back: dict[str, set[str]] = {}
        self._unproven: dict[str, Unproven] = {}
        self._holds: dict[Held, set[str]] = {}
        self._looked_us = 0

    def knows(self, epoch: str) -> bool:
        return epoch in self._lateness

    def meet(self, epoch: str) -> None:
        """A writer that was not heard of before."""
        while len(self._lateness) >= MOST_WRITERS:
            forgotten = min(self._lateness)
            for kept in (self._lateness, self._heard_us, self._parts, self._back):
                kept.pop(forgotten, None)
        self._lateness[epoch] = Lateness()

    def late_us(self, epoch: str, sent_us: int, at_us: int) -> int:
        return self._lateness[epoch].of(sent_us, at_us)

    def heard(self, epoch: str, group: str, parts: Parts | None, at_us: int) -> bool:
        """A message in time; with ``parts`` if it was a heartbeat. Whether the writer was away before: then
        it may have forgotten what is needed. A new one's first heartbeat may be lost: what it feeds, and so
        what has to be proven, is known by a later one."""
        known = self._parts[epoch] = parts or self._parts.get(epoch, {})
        back, returns = self._back.setdefault(epoch, set()), self._was_away(epoch, group, at_us)
        if returns:
            back.add(group)
        begins = bool(known) and group in back
        if begins:
            back.discard(group)
            self._hold(group, known, at_us)
        self._presence.heard(group, known, at_us)
        if begins and not self.waits:
            self._returns()
        return returns

    def _was_away(self, epoch: str, group: str, at_us: int) -> bool:
        groups = self._heard_us.setdefault(epoch, {})
        before_us, groups[group] = groups.get(group, -RETURNS_AFTER_US), at_us
        return at_us - before_us > RETURNS_AFTER_US

    def last_us(self, epoch: str) -> int:
        """When it was heard of; 0: never."""
        return max(self._heard_us.get(epoch, {}).values(), default=0)

    def _hold(self, group: str, parts: Parts, at_us: int) -> None:
        for topic in self._topics.values():
            venue = _venue_of(topic)
            if venue in parts and _counts(topic) and self._group_of(topic.parts) == group:
                topic.doubt()
                self._wait_for(topic, (group, venue), at_us)
                self._presence.hold(group, venue)

    def _wait_for(self, topic: Topic, held: Held, at_us: int) -> None:
        self._unproven[topic.name] = Unproven(held, at_us)
        self._holds.setdefault(held, set()).add(topic.name)

    @property
    def waits(self) -> bool:
        """Whether anything is to be proven."""
        return bool(self._unproven)

    def proven(self, name: str) -> None:
        """What is shown of this topic is what its writer says now."""
        unproven = self._unproven.pop(name, None)
        if unproven is not None:
            left = self._holds[unproven.held]
            left.discard(name)
            if not left:
                self._returns()

    def tick(self, now_us: int) -> bool:
        """Each second: hold venues back to when what is shown of them was confirmed, let go of topics that
        nobody needs any more, and of those that lapse. Whether something is not confirmed though it should
        be: who writes it may have forgotten that it is needed."""
        for name in [name for name in self._unproven if not self._holds_up(name)]:
            self.proven(name)
        found = self._look(now_us, self._stood_us(now_us))
        self._lapse(now_us)
        for held, left in self._holds.items():
            if left:
                self._presence.hold(*held, min(self._topics[name].proven_us for name in left))
        return found

    def _holds_up(self, name: str) -> bool:
        return name in self._topics and _counts(self._topics[name])

    def _stood_us(self, now_us: int) -> int:
        """For how long nobody ran here, though it was time: what came meanwhile was not taken yet."""
        before_us, self._looked_us = self._looked_us or now_us, now_us
        return max(0, now_us - before_us - LOOK_EVERY_US)

    def _look(self, now_us: int, stood_us: int) -> bool:
        """For what was not confirmed for a while, though its venue is heard. In a silence nothing is: that is
        said by the venue's age, and what has to be proven is known when it ends."""
        heard: dict[Held, bool] = {}
        for topic in self._topics.values():
            quiet_us = now_us - stood_us - topic.proven_us
            if quiet_us <= RETURNS_AFTER_US or not _counts(topic):
                continue
            held = self._group_of(topic.parts), _venue_of(topic)
            if held not in heard:
                heard[held] = self._is_heard(held, now_us - stood_us)
            if heard[held]:
                self._unconfirmed(topic, held, now_us, ask=quiet_us >= ASK_AFTER_US)
        return any(heard.values())

    def _is_heard(self, held: Held, now_us: int) -> bool:
        return now_us - self._presence.heard_us(*held) <= RETURNS_AFTER_US

    def _unconfirmed(self, topic: Topic, held: Held, now_us: int, *, ask: bool) -> None:
        if topic.name not in self._unproven:
            self._wait_for(topic, held, now_us)
        if ask and not topic.wanting:
            topic.doubt()

    def _lapse(self, now_us: int) -> None:
        """What holds its venue up for too long: the venue goes on without it."""
        for name, (held, at_us) in list(self._unproven.items()):
            if now_us - at_us > PROVEN_WITHIN_US and self._is_heard(held, now_us):
                self._topics[name].lapse(now_us)
                self._lapsed(self._topics[name])
                self.proven(name)

    def settle(self) -> set[str]:
        """Let go what is proven, and what was held too long: the venues of it."""
        over = [held for held, left in self._holds.items() if not left]
        for held in over:
            del self._holds[held]
            self._presence.release(*held)
        return {venue for _, venue in over}


def _venue_of(topic: Topic) -> str:
    return topic.parts.instrument.partition(":")[0]


def _counts(topic: Topic) -> bool:
    """Whether it shows anything that has to be so: not what has no value, nor what says that it lapsed."""
    replica = topic.replica
    return replica.position is not None and replica.lapsed is None and topic.parts.channel != HEALTH
