"""The topics that one hub holds: who reads each, how long it is needed, whether a keyframe is wanted."""

from __future__ import annotations

import time
from collections.abc import Iterable, Set
from math import inf

from feeds.symbols import BOOK, HEALTH, STATUS, TopicParts, split_topic
from marketdash.live.books import BookReplica, Cut
from marketdash.live.fanout import View
from marketdash.live.joined import Joined
from marketdash.live.presence import TOLD_AS
from marketdash.live.views import APPLIED, HOLE, NOTHING, OLD, Replica, Track

LINGER_S = 5.0
"""A topic that nobody needs any more is kept current for so long: pages are left and entered."""

ASK_AGAIN_S, ASK_SELDOM_S = 0.15, 1.0
"""A keyframe that was asked for may be lost like any message; after :data:`ASK_OFTEN` it is not that."""

ASK_OFTEN = 14


class Topic:
    """One topic of the bus. ``readers`` are the views of it, each with the track that it follows.

    ``needed_until_s`` counts while there are no readers. ``wanting``: a keyframe is needed. ``proven_us``:
    when what is shown was brought or confirmed last, by who wrote it and with nothing wanting. A venue's
    status reaches viewers by way of ``told``, where silence is said too, and its links may be left out.
    ``began``: no other topic of this name began then.
    """

    __slots__ = (
        "name",
        "parts",
        "replica",
        "told",
        "readers",
        "cuts",
        "needed_until_s",
        "wanting",
        "asked",
        "ask_at_s",
        "proven_us",
        "began",
        "_heard_of",
        "_doubted",
    )

    def __init__(self, name: str, now_s: float) -> None:
        self.name = name
        self.parts: TopicParts = split_topic(name)
        channel, symbol = self.parts.channel, self.parts.instrument
        self.replica = _replica(channel, symbol)
        self.told = {param: Replica(STATUS, symbol) for param in TOLD_AS} if channel == STATUS else {}
        self.readers: dict[View, Track] = {}
        self.cuts: dict[tuple[int, int], Cut] = {}
        self.needed_until_s = now_s + LINGER_S
        self.wanting = True
        self.asked = 0
        self.ask_at_s = 0.0
        self.proven_us = 0
        self.began = time.time_ns()
        self._heard_of = NOTHING
        self._doubted: Set[str] = frozenset()

    def doubt(self) -> None:
        """It may have changed in a silence: a row of each writer is needed, or word that there is none."""
        self.wanting, self._doubted = True, frozenset(self.replica.writers)

    def apply(self, epoch: str, prev: int, seq: int, as_of_us: int, body: bytes) -> bool:
        """A row of the bus. Whether what is shown is something else now."""
        outcome = self.replica.apply(epoch, prev, seq, as_of_us, body)
        if outcome == HOLE:
            self._lacks(epoch, seq)
        elif outcome == APPLIED:
            self._proven(epoch)
        elif outcome == OLD and not prev:
            return self._confirmed(epoch, seq)
        return outcome == APPLIED

    def heard_top(self, epoch: str, seq: int) -> bool:
        """What the writer says its last row was: a lost last message is noticed here, and where it is the one
        that is in the value, no keyframe could bring another. Whether what is shown is something else now."""
        if self.replica.misses(epoch, seq):
            self._lacks(epoch, seq)
            return False
        return self._confirmed(epoch, seq)

    def proves(self, epoch: str) -> bool:
        """Whether word of this writer that is no news says that what is shown is so."""
        return not self.wanting and self.replica.wrote(epoch)

    def lapse(self, now_us: int) -> None:
        """It was not confirmed for too long."""
        self.wanting = True
        self.replica.lapse(now_us)

    def _lacks(self, epoch: str, seq: int) -> None:
        self.wanting = True
        self._heard_of = max(self._heard_of, (epoch, seq))

    def _confirmed(self, epoch: str, seq: int) -> bool:
        """By a writer of what is shown, unless a later row was heard of: messages overtake each other.
        Whether that revived it."""
        if not self.wanting or (epoch, seq) < self._heard_of:
            return False
        replica, lapsed = self.replica, self.replica.lapsed
        if replica.wrote(epoch) and replica.complete and not replica.misses(epoch, seq):
            self._proven(epoch)
        return replica.lapsed is not lapsed

    def _proven(self, epoch: str) -> None:
        """What this writer says is in the value; of the others only what was not in doubt."""
        self._doubted -= {epoch}
        if self.replica.complete and not self._doubted & self.replica.writers:
            self._has_all()

    def _has_all(self) -> None:
        self.wanting, self.asked, self.ask_at_s = False, 0, 0.0
        self._heard_of, self._doubted = NOTHING, frozenset()
        if self.replica.lapsed is not None:
            self.replica.revive()

    def mark(self) -> None:
        """Tell the views that there is something new."""
        for view, track in self.readers.items():
            view.mark(track)

    def track(self, param: int, interval_ms: int) -> Track:
        """What viewers of this depth and interval follow."""
        if isinstance(self.replica, BookReplica):
            key = (param, interval_ms)
            return self.cuts.get(key) or self.cuts.setdefault(key, Cut(self.replica, param))
        return self.told[param] if self.told else self.replica

    def drop_reader(self, view: View, now_s: float) -> None:
        del self.readers[view]
        used = set(map(id, self.readers.values()))
        self.cuts = {key: cut for key, cut in self.cuts.items() if id(cut) in used}
        self.needed_until_s = max(self.needed_until_s, now_s + LINGER_S)


def _replica(channel: str, symbol: str) -> BookReplica | Replica:
    if channel == BOOK:
        return BookReplica(symbol)
    return Joined(channel, symbol) if channel in (STATUS, HEALTH) else Replica(channel, symbol)


class Topics(dict[str, Topic]):
    """By name. ``changed`` says that the needed set, or what is wanted, is to be told to the worker."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = False

    def need(self, name: str, now_s: float, for_s: float = LINGER_S) -> Topic:
        topic = self.get(name)
        if topic is None:
            topic = self[name] = Topic(name, now_s)
            self.changed = True
        topic.needed_until_s = max(topic.needed_until_s, now_s + for_s)
        return topic

    def expire(self, now_s: float) -> None:
        gone = [t.name for t in self.values() if not t.readers and t.needed_until_s <= now_s]
        for name in gone:
            del self[name]
        self.changed |= bool(gone)

    def to_ask(self, now_s: float) -> list[str]:
        """Keyframes to ask for now."""
        due = [topic for topic in self.values() if topic.wanting and now_s >= topic.ask_at_s]
        for topic in due:
            topic.asked += 1
            if topic.asked == ASK_OFTEN:
                topic.replica.give_up()
            topic.ask_at_s = now_s + (ASK_AGAIN_S if topic.asked < ASK_OFTEN else ASK_SELDOM_S)
        return [topic.name for topic in due]

    def ask_at_s(self) -> float:
        """When :meth:`to_ask` is to be called next; infinity when nothing is wanted."""
        return min((topic.ask_at_s for topic in self.values() if topic.wanting), default=inf)

    def want_all(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self:
                self[name].doubt()
