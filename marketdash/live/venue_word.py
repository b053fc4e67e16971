"""What viewers are told of venues: the state of each, and the beats that say how young all of it is.

A page calls a price live by three things that come in frames of their own: its row, the state of its venue,
and a beat. So what makes live comes last. A venue that is back after a silence is told as live once its rows
were brought, to each client alone: to one whose window is full just then, after the rows that wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from feeds.symbols import STATUS
from marketdash.live.beats import Beat
from marketdash.live.presence import Presence, tell, told_as, told_body
from marketdash.live.saving import Saving
from marketdash.live.topics import Topic, Topics
from marketdash.live.viewers import Viewers

RETURNS_TOGETHER_S = 0.02
"""Between the first venue or group that is back and the telling of it: after an outage of the bus all of them
come back in some ten milliseconds. Told one by one they made fifty beats for each client, and filled the
window of one that was to be brought its rows."""


class VenueWord:
    """``name`` is the hub's, which numbers what is told; ``mode`` and ``listing`` go with each beat."""

    def __init__(
        self,
        topics: Topics,
        presence: Presence,
        viewers: Viewers,
        saving: Saving,
        now_us: Callable[[], int],
        *,
        name: str,
        mode: str,
        listing: Callable[[], str],
    ) -> None:
        self._topics, self._presence, self._viewers, self._saving = topics, presence, viewers, saving
        self._now_us, self._name, self._mode, self._listing = now_us, name, mode, listing
        self._settling: asyncio.TimerHandle | None = None

    def show(self, topic: Topic) -> None:
        """What is shown of it is something else now."""
        if topic.told:
            self.tell(topic)
        else:
            topic.mark()

    def tell(self, topic: Topic) -> None:
        """The state of this venue, if it is another than was told."""
        heard = topic.replica.value() if topic.replica.position is not None else {}
        at_us = self._now_us()
        body = told_body(heard, silent=self._presence.silent(topic.parts.instrument, at_us))
        # Each way has its own epoch: who asks for another one has a value that no row of this one fits. So
        # has each topic: who comes back may have kept what was told before it ended, and began anew.
        epoch = f"{self._name}.{topic.began:x}."
        ways = topic.told.items()
        changed = [tell(told, f"{epoch}{way}", told_as(way, body), at_us) for way, told in ways]
        if any(changed):
            topic.mark()

    def look(self) -> None:
        """At all venues, and beat."""
        for topic in self._topics.values():
            if topic.parts.channel == STATUS:
                self.tell(topic)
        self.beat()

    def returns(self, settle: Callable[[], set[str]]) -> None:
        """Something is back after a silence: in a moment ``settle`` lets it go, and says what venues it held;
        and its viewers are told."""
        if self._settling is None:
            loop = asyncio.get_running_loop()
            self._settling = loop.call_later(RETURNS_TOGETHER_S, self._returned, settle)

    def _returned(self, settle: Callable[[], set[str]]) -> None:
        self._settling = None
        venues = settle()
        self._viewers.hurry()
        if venues:
            self._viewers.rows_first(venues)
        self.look()

    def close(self) -> None:
        if self._settling is not None:
            self._settling.cancel()

    def beat(self) -> None:
        """Tell who follows a venue's status that this process lives, and what it knows."""
        self._viewers.beat(self._now())

    def first_beat(self) -> None:
        """To those of them who had none yet."""
        if self._viewers.waits_for_beat:
            self._viewers.first_beat(self._now())

    def _now(self) -> Beat:
        said = {"mode": self._mode, "listing": self._listing(), "saving": self._saving.problem}
        return Beat(said, self._presence.ages(self._now_us()))
