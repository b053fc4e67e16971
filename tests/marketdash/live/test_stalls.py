"""Who holds the loop up is named while it does."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter

import pytest

from marketdash.live import stalls
from marketdash.live.stalls import Stalls
from tests.fakes.waiting import wait_until


def blocks_everybody(until: threading.Event) -> None:
    until.wait(5)


@pytest.mark.fault("F30", "A call blocks the loop", goal="its stack is named within 1 s")
async def test_a_call_that_blocks_is_named_while_it_does(score):
    said, named, counters = [], threading.Event(), Counter()

    def say(words: str) -> None:
        said.append(words)
        named.set()

    watched = Stalls(counters, say=say)
    try:
        for count in range(1, score.times(10, 2) + 1):
            await asyncio.sleep(stalls.TICK_S * 2)
            began_s = time.monotonic()
            blocks_everybody(named)
            score.took(time.monotonic() - began_s)
            named.clear()
            assert len(said) == counters["stalls"] == count
            assert "blocks_everybody" in said[-1]
    finally:
        watched.end()
    assert max(score.took_s) <= 1.0


async def test_a_loop_that_moves_is_left_alone():
    counters = Counter()
    watched = Stalls(counters, limit_s=0.3)
    ticks = []

    async def busy() -> None:
        while True:
            ticks.append(time.monotonic())
            await asyncio.sleep(0.01)

    task = asyncio.create_task(busy())
    await wait_until(lambda: len(ticks) > 50)
    task.cancel()
    watched.end()

    longest_s = max(after - before for before, after in zip(ticks, ticks[1:], strict=False))
    assert counters["stalls"] == 0 or longest_s > 0.3  # the machine itself may stand still
