"""What the hubs need, each for as long as its lease lasts: a hub that died is forgotten."""

from __future__ import annotations

from collections.abc import Iterable

from feeds.clock import Clock
from marketdash.live.bus import DEMAND_LEASE_S

LEASE_NS = int(DEMAND_LEASE_S * 1e9)


class Leases:
    """Hub → topics and the monotonic nanosecond until which they count."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, tuple[set[str], int]] = {}

    def knows(self, hub: str) -> bool:
        """Whether it asked for anything before."""
        return hub in self._held

    def hold(self, hub: str, topics: Iterable[str]) -> None:
        """All that ``hub`` needs from now on."""
        self._held[hub] = (set(topics), self._clock.mono_ns() + LEASE_NS)

    def add(self, hub: str, topics: Iterable[str]) -> None:
        """These too: who asks for a keyframe needs the topic, whether its demand arrived or not."""
        before, _ = self._held.get(hub, (set(), 0))
        self.hold(hub, before | set(topics))

    def keep(self) -> None:
        """Each for a whole lease from now on: while the bus is away no hub can ask for one, and what they
        show when it is back would stand still until the next time that they ask."""
        until_ns = self._clock.mono_ns() + LEASE_NS
        self._held = {hub: (topics, until_ns) for hub, (topics, _) in self._held.items()}

    def union(self) -> set[str]:
        now_ns = self._clock.mono_ns()
        self._held = {hub: held for hub, held in self._held.items() if held[1] > now_ns}
        return set().union(*(topics for topics, _ in self._held.values()))
