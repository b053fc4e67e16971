"""The state of topics: what the data says, and what the venue's own words put over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from feeds.codec import Subscription
from feeds.events import CLOSED
from feeds.frames import DELISTED, DOWN, HALTED, LIVE, STALE
from feeds.symbols import BOOK, MARK, OHLC, OPTION, STATS, TICKER, TRADE

AWAITED = "waiting for data"
"""The reason of a topic that nothing ended: it has yet to begin."""

_MADE_OF = {TICKER: (STATS,), OPTION: (TICKER, STATS, MARK)}
"""What is shown in the rows of a channel beside its own data: while one of these is not live, it is not."""


class TopicState(NamedTuple):
    """``state`` is live, syncing, stale, halted, delisted or down; ``since_us`` is wall time.

    ``phase`` is closed where the hours of the market halt it, and ``""`` elsewhere.
    """

    state: str
    reason: str
    since_us: int
    phase: str = ""


class StateChange(NamedTuple):
    """A topic is in another state, or in the same for another reason. ``gaps``: how often it broke so far."""

    channel: str
    instrument: str
    state: str
    reason: str
    wall_us: int
    gaps: int = 0
    phase: str = ""


class Standstill(NamedTuple):
    """Why a whole venue is halted, ``""``: it is not; ``phase`` is closed where its hours are why."""

    reason: str = ""
    phase: str = ""


class Late(NamedTuple):
    """A link that brought nothing for too long, though a message is on its way; ``since_us``: venue time."""

    reason: str
    since_us: int


@dataclass(slots=True)
class Topic:
    """One channel of one instrument. ``base`` is what its data says; ``state`` is what a reader is told.

    ``gaps`` counts how often its stream was broken, ``proofs`` how often data proved it, ``last_error`` is
    why it was not live the last time.
    """

    subscription: Subscription
    link: str
    base: str = ""
    base_reason: str = ""
    state: str = ""
    reason: str = ""
    phase: str = ""
    since_us: int = 0
    gaps: int = 0
    proofs: int = 0
    last_error: str = ""

    def rebase(self, base: str, reason: str) -> None:
        self.proofs += base == LIVE != self.base
        self.base, self.base_reason = base, reason
        if reason not in ("", AWAITED):
            self.last_error = reason


class Topics:
    """All topics of one instrument.

    ``hours``: until when its market is closed, in words, where that is why the venue says that it stands
    still. The ``…_live`` flags say that data has proven a topic, so that the hot path looks at nothing else.
    """

    __slots__ = (
        "instrument",
        "by_channel",
        "status",
        "status_reason",
        "status_link",
        "hours",
        "ticker_live",
        "trade_live",
    )

    def __init__(self, instrument: str) -> None:
        self.instrument = instrument
        self.by_channel: dict[str, Topic] = {}
        self.status, self.status_reason, self.status_link = "trading", "", ""
        self.hours = ""
        self.ticker_live = self.trade_live = False

    def get(self, channel: str) -> Topic | None:
        """Bars are made of trades, and share their state where nobody asked for them apart."""
        topics = self.by_channel
        return topics.get(channel) or (topics.get(TRADE) if channel == OHLC else None)

    def on_link(self, link: str) -> list[str]:
        return [channel for channel, topic in self.by_channel.items() if topic.link == link]

    def say(self, status: str, reason: str, link: str) -> None:
        """The venue's own words about the instrument."""
        self.status, self.status_reason, self.status_link = status, reason, link

    def unsay(self, link: str) -> None:
        """What this link said of a halt: it may be over, and venues say so once."""
        if self.status == "halted" and self.status_link == link:
            self.say("trading", "", "")

    def rebase(self, channels: Iterable[str], base: str, reason: str) -> None:
        for channel in channels:
            topic = self.by_channel.get(channel)
            if topic is not None:
                topic.rebase(base, reason)
        proven = {channel for channel, topic in self.by_channel.items() if topic.base == LIVE}
        self.ticker_live = {TICKER, STATS} & set(self.by_channel) <= proven
        self.trade_live = {TRADE, OHLC} & set(self.by_channel) <= proven

    def book_live(self) -> bool:
        topic = self.by_channel.get(BOOK)
        return topic is not None and topic.state == LIVE

    def show(
        self,
        venue: Standstill,
        late: Mapping[str, Late],
        wall_us: int,
        emit: Callable[[object], None],
    ) -> None:
        """Tell about each topic whose state changed. The figures of a day have no readers of their own."""
        for channel, topic in self.by_channel.items():
            state, reason, phase = self._effective(topic, venue, late)
            for part in _MADE_OF.get(channel, ()):
                if state == LIVE and part in self.by_channel:
                    state, reason, phase = self._effective(self.by_channel[part], venue, late)
            if (state, reason, phase) == (topic.state, topic.reason, topic.phase):
                continue
            topic.since_us = wall_us if state != topic.state else topic.since_us
            topic.state, topic.reason, topic.phase = state, reason, phase
            if channel == STATS:
                continue
            emit(StateChange(channel, self.instrument, state, reason, wall_us, topic.gaps, phase))

    def _effective(self, topic: Topic, venue: Standstill, late: Mapping[str, Late]) -> tuple[str, str, str]:
        if self.status == "delisted":
            return DELISTED, self.status_reason, ""
        if topic.base in (DOWN, STALE):
            return topic.base, topic.base_reason, ""
        if topic.base == LIVE and topic.link in late:
            return STALE, late[topic.link].reason, ""
        if venue.reason:
            return HALTED, venue.reason, venue.phase
        if self.status == "halted":
            return HALTED, self.hours or self.status_reason, CLOSED if self.hours else ""
        return topic.base, topic.base_reason, ""
