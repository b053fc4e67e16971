"""When a hub tells the workers all that it needs. Pure.

It is told whole, hundreds of names, and each time every worker goes through what all hubs need. Whoever
subscribes to something else with each message would have that done as often as messages are taken.
"""

from __future__ import annotations

from math import inf

from marketdash.live.bus import DEMAND_EVERY_S
from marketdash.live.topics import Topics

APART_S = 0.25
"""Between two changes that are told. What comes meanwhile is asked for by a keyframe, which waits for nothing
and is as good to a worker; so no value comes later for it."""


class Demand:
    """Times are seconds of a monotonic clock."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics
        self._urgent = False
        self._told_s = self._changed_s = -inf

    def at_once(self) -> None:
        """A worker knows none, or may have forgotten it: that is no socket's doing, and waits for nothing."""
        self._urgent = self._topics.changed = True

    def due_s(self) -> float:
        """When to look again, if nobody is woken before: who cannot be told now is not asked without end."""
        return inf if self._urgent else self._due_s()

    def _due_s(self) -> float:
        if self._topics.changed:
            return self._changed_s + APART_S
        return self._told_s + DEMAND_EVERY_S if self._topics else inf

    def take(self, now_s: float) -> bool:
        """Whether it is to be told now; then it counts as told."""
        if not self._urgent and now_s < self._due_s():
            return False
        if self._topics.changed:  # a repetition holds up no change
            self._changed_s = now_s
        self._told_s, self._urgent, self._topics.changed = now_s, False, False
        return True
