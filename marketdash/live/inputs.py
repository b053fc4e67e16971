"""What made topics are made of: one reader for all inputs of a desk, whoever uses them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from marketdash.live.presence import Presence
from marketdash.live.reads import Reads
from marketdash.live.topics import Topics
from marketdash.live.views import Track
from marketdash.live.watching import Watcher
from marketdash.publish import Row

if TYPE_CHECKING:
    from marketdash.live.made import MadeTopic


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
