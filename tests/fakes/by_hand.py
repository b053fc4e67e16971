"""Topics of one channel and a view of them, which moves and is flushed by hand."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from marketdash.live.books import BookReplica, Cut
from marketdash.live.due import Due
from marketdash.live.fanout import View, ViewKey
from marketdash.live.views import Replica, Track

EPOCH = "1"


class ByHand(Due):
    """Whose turns are given by whoever tests it."""

    def __init__(self) -> None:
        super().__init__(Counter())

    def _come_round(self) -> None: ...

    def popleft(self) -> View:
        return self.popitem(last=False)[0]


class Market:
    """``due``: the views that are due, in their order."""

    def __init__(self, channel: str, count: int, levels: int = 20) -> None:
        self.channel, self.levels = channel, levels
        names = [f"KRAKEN:S{n:02}/USD" for n in range(count)]
        self.topics: list[Any] = [
            BookReplica(name) if channel == "book" else Replica(channel, name) for name in names
        ]
        self.tracks: list[Track] = [
            Cut(topic, 1000) if isinstance(topic, BookReplica) else topic for topic in self.topics
        ]
        self.due = ByHand()
        key = ViewKey(channel, 0, 0, frozenset(names))
        self.view = View(key, self.tracks, lambda: 0, self.due)

    def move(self, at: int, value: int) -> None:
        topic = self.topics[at]
        before = topic.position[1] if topic.position else 0
        side = [[f"{100 + n}.0", str(value)] for n in range(self.levels)]
        body: dict[str, Any] = {"asks": side, "bids": []} if self.channel == "book" else {"bid": str(value)}
        if not before:
            body |= {"state": "live", "reason": ""}
        topic.apply(EPOCH, before, before + 1, 0, msgspec.json.encode(body))
        self.view.mark(self.tracks[at])

    def value(self, at: int) -> Any:
        self.tracks[at].advance()
        return msgspec.json.decode(self.tracks[at].whole())
