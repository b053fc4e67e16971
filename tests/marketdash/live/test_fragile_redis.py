"""A Redis that dies, hangs and resets under a sink and two hubs: what was said last is not lost.

The market goes on meanwhile, and falls silent at any moment after it: no later row shows what is missing.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.fakes import virtual_time
from tests.fakes.fragile_redis import FragileLayer, FragileRedis, now_s
from tests.marketdash.live.test_convergence import World, on_loop_time, world

__all__ = ["on_loop_time"]
HEALED_S = 5.0
LEASE_RENEWED_S = 0.9
SEEDS = (*range(8), 23)
"""Of sixty those that noticed, between them, a number that was told twice for two rows, a keyframe that was
asked for only once, and a view that forgot to tell what had moved."""


class Fragile(World):
    """A writer that begins a new epoch where its lease ran out."""

    def made_layers(self, seed: int, share: float) -> list[Any]:
        self.redis, self.dice = FragileRedis(seed), random.Random(f"{seed} faults")
        self.epochs = 1
        return [FragileLayer(self.redis) for _ in range(3)]

    def begin_again(self) -> None:
        self.epochs += 1
        self.sink.begin_again(f"a{self.epochs}")

    async def go_on(self) -> None:
        """Until cancelled, sometimes more than the bus carries and sometimes next to nothing."""
        pace_s = self.dice.choice([0.005, 0.02, 0.05, 0.3, 1.0])
        while True:
            for _ in range(self.dice.randint(1, 3)):
                self.market.step()
            self.say(f"at {now_s()}")
            await asyncio.sleep(pace_s * self.dice.uniform(0.2, 2))

    # what happens to it

    async def killed(self) -> None:
        self.redis.kill()
        await asyncio.sleep(self.dice.choice([0.01, 0.3, 1.2, 4.0, 8.0]))
        self.redis.start()
        asyncio.get_running_loop().call_later(self.dice.uniform(0, LEASE_RENEWED_S), self.begin_again)

    async def hangs(self) -> None:
        self.redis.hang(self.dice.choice([0.1, 1.0, 2.2, 5.0]))

    async def cut(self) -> None:
        self.redis.cut(0.7)

    async def resets(self) -> None:
        self.redis.resets = self.dice.choice([0.1, 0.4])
        await asyncio.sleep(self.dice.uniform(0.1, 3))
        self.redis.resets = 0.0

    async def suffer(self) -> None:
        faults: list[Callable[[], Awaitable[None]]] = [self.killed, self.killed, self.resets]
        faults += [self.hangs, self.cut]
        for _ in range(self.dice.randint(1, 3)):
            await self.dice.choice(faults)()
            await asyncio.sleep(self.dice.choice([0, 0.002, 0.02, 0.1, 0.3, 0.6, 1.5]))


async def seconds_to_heal(seed: int) -> float:
    """From when nobody trades any more, nor anything ails, until every client holds what the writer does."""
    async with world(Fragile, seed, 0.0, 4) as made:
        made.market.begin()
        made.follow()
        trading = asyncio.create_task(made.go_on())
        await asyncio.sleep(made.dice.uniform(0.1, 1.5))
        await made.suffer()
        trading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await trading
        await made.redis.answers()
        began_s = now_s()
        while found := made.differences():
            assert now_s() - began_s < 4 * HEALED_S, found[:3]
            await asyncio.sleep(0.1)
        assert [socket.holes for socket in made.sockets] == [[]] * 4
        return now_s() - began_s


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_said_last_arrives_whatever_became_of_redis(on_loop_time, seed):
    assert virtual_time.run(seconds_to_heal(seed)) <= HEALED_S
