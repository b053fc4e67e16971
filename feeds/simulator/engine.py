"""All markets and the order in which their traders act."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Callable, Sequence
from itertools import accumulate

from feeds.simulator.assets import Listing
from feeds.simulator.history import History
from feeds.simulator.market import Market, Tick, origin_min
from feeds.simulator.walk import Walk

_MINUTE_NS = 60_000_000_000


class Engine:
    """Chooses who acts (Zipf by rank: majors move most) and hands each tick to ``publish``.

    Everything follows from the seed and from the times that :meth:`run` is given.
    """

    def __init__(self, listed: Sequence[Listing], seed: int, start_ns: int, *, levels: int = 400) -> None:
        self._rng = random.Random(f"{seed} engine")
        walk = Walk(seed, start_ns)
        histories: dict[str, History] = {}
        self.markets: dict[str, Market] = {}
        for listing in listed:
            walk.list_asset(listing.base, listing.price)
            forex = listing.kind == "forex"
            key, daily = (listing.native, 0.004) if forex else (listing.base, 0.018)
            if key not in histories:
                histories[key] = History(f"{seed} {key}", origin_min(start_ns), daily=daily)
            rng = random.Random(f"{seed} {listing.name}")
            # Thin books for the tail: hundreds of instruments must fit in memory.
            depth = max(60, levels if listing.rank <= 5 else levels * 5 // (listing.rank + 4))
            self.markets[listing.name] = Market(listing, walk, histories[key], rng, start_ns, depth)
        self.actions = 0
        self._minute = start_ns // _MINUTE_NS
        self._bursts: dict[str, float] = {}
        self.reweigh()

    def reweigh(self) -> None:
        """Take the markets that trade, by weight; call it when a market stops or starts."""
        self._active = [each for each in self.markets.values() if each.status == "trading"]
        weights = [self._bursts.get(each.listing.name, 1.0) / each.listing.rank for each in self._active]
        self._reach = list(accumulate(weights))

    def burst(self, name: str, factor: float) -> None:
        """Make one instrument ``factor`` times as busy as it was; 1 ends it."""
        self._bursts[name] = factor
        self.reweigh()

    def run(self, count: int, from_ns: int, to_ns: int, publish: Callable[[Tick], None]) -> None:
        """``count`` actions, spread evenly over the time up to ``to_ns``."""
        for index in range(1, count + 1 if self._active else 1):
            tick = self._chosen().act(from_ns + (to_ns - from_ns) * index // count)
            self.actions += 1
            if tick.changes:
                publish(tick)
        if to_ns // _MINUTE_NS != self._minute:
            self._minute = to_ns // _MINUTE_NS
            for market in self.markets.values():
                market.roll(to_ns)

    def _chosen(self) -> Market:
        reached = bisect(self._reach, self._rng.random() * self._reach[-1])
        return self._active[min(reached, len(self._active) - 1)]
