"""What is heard of each writer: how late it is, when it spoke last, and what has to be proven again. Pure.

A writer that was silent, or is new, comes back with its first message. What is shown of it may have changed
in the silence, and the rows that said so may be lost. So until each of those topics was brought again, or its
number was confirmed, the venue is as old as it was: else old prices looked live for a moment, and so did the
venue itself by what its last writer had said of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from feeds.symbols import HEALTH, TopicParts
from marketdash.live.lateness import Lateness
from marketdash.live.presence import Presence
from marketdash.live.topics import Topics

Parts: TypeAlias = Mapping[str, list[int]]
"""By venue, the parts that a writer feeds (:func:`feeds.symbols.part_of`)."""

Held: TypeAlias = tuple[str, str]
"""(group, venue)"""

MOST_WRITERS = 16
RETURNS_AFTER_US = 1_500_000
"""A heartbeat was missed, and with it rows may have been."""

PROVEN_WITHIN_US = 5_000_000
"""What nobody speaks of any more holds nothing up for longer."""


class Hearing:
    """``group_of`` is the group of the layer that carries a topic. ``returns`` is called when all of a venue
    that was to be proven is, and when a group is heard again of which nothing is: a moment later, since what
    is back comes back together, :meth:`settle` is to be called."""

    def __init__(
        self,
        topics: Topics,
        presence: Presence,
        group_of: Callable[[TopicParts], str],
        returns: Callable[[], None] = lambda: None,
    ) -> None:
        self._returns = returns
        self._topics, self._presence, self._group_of = topics, presence, group_of
        self._lateness: dict[str, Lateness] = {}
        self._heard_us: dict[str, dict[str, int]] = {}
        self._parts: dict[str, Parts] = {}
        self._back: dict[str, set[str]] = {}
        self._unproven: dict[str, Held] = {}
        self._holds: dict[Held, tuple[set[str], int]] = {}

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
            venue = topic.parts.instrument.partition(":")[0]
            if venue not in parts or topic.parts.channel == HEALTH:
                continue
            if topic.replica.position is not None and self._group_of(topic.parts) == group:
                topic.doubt()
                held = self._unproven[topic.name] = group, venue
                if not self._holds.get(held, ((), 0))[0]:  # or one that is over, and was not let go yet
                    self._holds[held] = set(), at_us
                self._holds[held][0].add(topic.name)
                self._presence.hold(*held)

    @property
    def waits(self) -> bool:
        """Whether anything is to be proven."""
        return bool(self._unproven)

    def proven(self, name: str) -> None:
        """What is shown of this topic is what its writer says now."""
        held = self._unproven.pop(name, None)
        if held is not None:
            left, _ = self._holds[held]
            left.discard(name)
            if not left:
                self._returns()

    def tick(self, now_us: int) -> None:
        """Let go what is held too long, or of topics that nobody needs any more."""
        for name in [name for name in self._unproven if name not in self._topics]:
            self.proven(name)
        for left, at_us in self._holds.values():
            if left and now_us - at_us > PROVEN_WITHIN_US:
                for name in left:
                    self._unproven.pop(name, None)
                left.clear()
                self._returns()

    def settle(self) -> set[str]:
        """Let go what is proven, and what was held too long: the venues of it."""
        over = [held for held, (left, _) in self._holds.items() if not left]
        for held in over:
            del self._holds[held]
            self._presence.release(*held)
        return {venue for _, venue in over}
