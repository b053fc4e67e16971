"""What is known about a link to a venue, and about each topic: for the status page, the log and the tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

CONNECTING, SUBSCRIBING, LIVE, STALE, DOWN, HALTED = (
    "connecting",
    "subscribing",
    "live",
    "stale",
    "down",
    "halted",
)


class TopicHealth(NamedTuple):
    """One topic. ``received_us``: when what it shows was received, ``since_us``: since when it is in this
    state, both wall time (0: never). ``messages``: events that its market took in, ``gaps``: how often its
    stream was broken, ``resyncs``: how often it was proven again. Counters begin with its subscription.
    ``phase``: as of :class:`feeds.topics.TopicState`.
    """

    topic: str
    state: str
    reason: str
    since_us: int
    received_us: int
    messages: int
    gaps: int
    resyncs: int
    last_error: str
    phase: str = ""


@dataclass(slots=True)
class LinkHealth:
    """One socket's life. Written by its session, read by sinks.

    ``state`` is one of the constants above and ``reason`` says why; ``since_us`` and ``connected_us`` are
    wall microseconds (0: never). ``limited``: it is down because the venue wants to hear nothing of us.
    Counters only grow; ``messages_per_s`` is what :meth:`measure` saw last.
    """

    name: str
    venue: str
    state: str = CONNECTING
    reason: str = ""
    since_us: int = 0
    connected_us: int = 0
    messages: int = 0
    messages_per_s: float = 0.0
    reconnects: int = 0
    gaps: int = 0
    resyncs: int = 0
    decode_errors: int = 0
    topics: int = 0
    last_error: str = ""
    limited: bool = False
    _measured_ns: int = field(default=0, repr=False)
    _measured_messages: int = field(default=0, repr=False)

    def change(self, state: str, reason: str, wall_us: int, *, limited: bool = False) -> bool:
        """Enter ``state``; False when nothing changed, so that the caller logs a change once."""
        self.limited = limited
        if (state, reason) == (self.state, self.reason):
            return False
        self.since_us = wall_us if state != self.state else self.since_us
        self.state, self.reason = state, reason
        return True

    def measure(self, mono_ns: int) -> float:
        """Messages per second since the last call."""
        passed_ns = mono_ns - self._measured_ns
        if self._measured_ns and passed_ns > 0:
            self.messages_per_s = round((self.messages - self._measured_messages) * 1e9 / passed_ns, 1)
        self._measured_ns, self._measured_messages = mono_ns, self.messages
        return self.messages_per_s


def standing(halted: str, *, data: bool, pending: int) -> tuple[str, str]:
    """State and reason of an open link. ``data``: what was agreed to comes; ``pending`` has no answer."""
    if halted:
        return HALTED, halted
    if data:
        return LIVE, ""
    return SUBSCRIBING, f"{pending} waiting for an answer" if pending else "waiting for data"
