"""More is asked for than there is time: requests take turns, and the loop comes round in between."""

from __future__ import annotations

import asyncio

from marketdash.live.due import TURN_S
from marketdash.live.turns import AT_ONCE, Turns


class Clock:
    """That moves by what is done alone, and of the loop how often it came round."""

    def __init__(self) -> None:
        self.s = 100.0
        self.rounds = 0
        self.moved = asyncio.Event()

    async def count(self) -> None:
        while True:
            self.rounds += 1
            await asyncio.sleep(0)


async def ask(turns: Turns, clock: Clock, name: int, takes_s: float, done: dict[int, list[int]]) -> None:
    await turns.mine()
    clock.s += takes_s
    done.setdefault(clock.rounds, []).append(name)
    clock.moved.set()


async def run(many: int, takes_s: float) -> list[list[int]]:
    """Which requests were done in the same turn of the loop."""
    clock, done = Clock(), dict[int, list[int]]()
    turns = Turns(lambda: clock.s)
    counting = asyncio.create_task(clock.count())
    async with asyncio.TaskGroup() as group:
        for name in range(many):
            group.create_task(ask(turns, clock, name, takes_s, done))
    counting.cancel()
    return list(done.values())


async def test_requests_that_take_long_let_others_in_between() -> None:
    done = await run(7, 0.6 * TURN_S)
    assert sum(done, []) == list(range(7)), "who came first goes first"
    assert max(map(len, done)) == 2


async def test_one_that_takes_longer_than_a_turn_is_alone_in_it() -> None:
    assert await run(3, 3 * TURN_S) == [[0], [1], [2]]


async def test_what_costs_little_waits_for_nobody() -> None:
    many = 3 * AT_ONCE
    assert await run(many, TURN_S / many / 2) == [list(range(many))]


async def test_those_who_leave_while_they_wait_keep_nobody_waiting() -> None:
    clock, done = Clock(), dict[int, list[int]]()
    turns = Turns(lambda: clock.s)
    tasks = [asyncio.create_task(ask(turns, clock, n, 2 * TURN_S, done)) for n in range(3 * AT_ONCE)]
    await clock.moved.wait()
    for task in tasks[1:-1]:
        task.cancel()
    await asyncio.wait_for(tasks[-1], 5)
    assert sum(done.values(), [])[-1] == 3 * AT_ONCE - 1
    assert not turns.waiting
