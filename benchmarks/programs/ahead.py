"""Exchanges that say more than they can think of: what is to be said is worked out before it is due."""

from __future__ import annotations

import asyncio
import gc
from collections import deque
from typing import Any, NamedTuple

from feeds.simulator import Simulator
from feeds.simulator.link import Link, now_s

PASS_NS = 5_000_000
STEADY_PASSES = 200
"""A second of its own time."""
THINK_S, WAIT_S = 0.01, 0.001


class Plan(NamedTuple):
    """For ``calm_s`` seconds ``calm`` messages a second, then for ``busy_s`` seconds ``busy``."""

    calm_s: float
    calm: float
    busy_s: float
    busy: float


class Said(NamedTuple):
    """What one link is told, and when."""

    due_ns: int
    link: Link
    frames: list[bytes]


class AheadSimulator(Simulator):
    """In :meth:`play` time is worked out as fast as this machine can, and told in its own time.

    The exchanges write every frame as they always do, with the time at which it is told in it. They do not
    beat meanwhile: a beat has the number of a later moment on some links, and none of them is silent.
    """

    def __init__(self, *, instruments: list[str], rate: float, port: int, levels: int) -> None:
        super().__init__(seed=7, instruments=instruments, rate=rate, port=port, levels=levels)
        self._kept: deque[Said] = deque()
        self._wanted = self._orders_per_s = rate
        self._made = self._passes = 0
        self.stage = ""

    async def play(self, plan: Plan) -> None:
        """Until all of it is told; then time goes on as before."""
        self.pause()
        began_ns, began_s = self.clock.now_ns(), now_s()
        busy_ns = began_ns + int(plan.calm_s * 1e9)
        end_ns = busy_ns + int(plan.busy_s * 1e9)
        gc.disable()  # rounds over a hundred thousand frames would be felt, and free nothing
        while self._kept or self._now_ns < end_ns:
            now_ns = began_ns + int((now_s() - began_s) * 1e9)
            self.stage = "calm" if now_ns < busy_ns else "busy"
            self._tell(now_ns)
            thought_s = now_s()
            while self._now_ns < end_ns and now_s() - thought_s < THINK_S:
                self._think(plan.calm if self._now_ns < busy_ns else plan.busy)
            await asyncio.sleep(0 if self._now_ns < end_ns else WAIT_S)
        gc.enable()
        self.stage = "over"
        self.resume()

    def stats(self) -> dict[str, Any]:
        return super().stats() | {"stage": self.stage, "kept": len(self._kept)}

    def _think(self, messages_per_s: float) -> None:
        """A pass more."""
        if messages_per_s != self._wanted:
            self._wanted = self._orders_per_s = messages_per_s
        from_ns = self._now_ns
        self.clock.advance(PASS_NS)
        self._now_ns = from_ns + PASS_NS
        count = max(1, round(self._orders_per_s * PASS_NS / 1e9))
        self.engine.run(count, from_ns, self._now_ns, self.publish)
        for exchange in self.exchanges.values():
            exchange.flush(self._now_ns)
        self._keep()
        self._passes += 1
        if self._passes % STEADY_PASSES == 0:
            self._steady(messages_per_s * STEADY_PASSES * PASS_NS / 1e9)

    def _steady(self, wanted: float) -> None:
        """What is told each second comes whatever is ordered; orders make up for the rest."""
        self._orders_per_s *= min(2.0, max(0.5, wanted / max(1, self._made)))
        self._made = 0

    def _keep(self) -> None:
        dirty, self._dirty[:] = self._dirty[:], []
        for link in dirty:
            self._made += len(link.out)
            self._kept.append(Said(self._now_ns, link, link.out))
            link.out = []

    def _tell(self, now_ns: int) -> None:
        """What is due, in one write for each link."""
        told: dict[Link, None] = {}
        while self._kept and self._kept[0].due_ns <= now_ns:
            _, link, frames = self._kept.popleft()
            link.out += frames
            told[link] = None
        at_s = now_s()
        for link in told:
            self._sent += link.write(at_s)

    def beat(self) -> None:
        if self.stage not in ("calm", "busy"):
            super().beat()
