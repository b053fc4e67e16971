"""When the shards of a worker publish: at once, then together, and each as its own Redis lets it."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from marketdash.live.outlets import (
    AFTER_FAILURE_S,
    FLOOD_EVERY_S,
    FLUSH_EVERY_S,
    QUIET_BEATS,
    QUIET_S,
    Outlet,
    shards_of,
)
from tests.fakes.virtual_time import LoopClock, run


class Slot:
    """Says something whenever it is asked."""

    def take(self, state: object) -> bytes:
        return b"{}"

    keyframe = take


class Layer:
    """Keeps when each group was sent something, and when that was a heartbeat; ``hung`` groups never take it,
    ``broken`` ones refuse."""

    def __init__(self) -> None:
        self.sent_s: dict[str, list[float]] = defaultdict(list)
        self.beats_s: dict[str, list[float]] = defaultdict(list)
        self.hung: set[str] = set()
        self.broken: set[str] = set()

    async def group_send(self, group: str, message: dict[str, object]) -> None:
        self.sent_s[group].append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.001)
        if group in self.hung:
            await asyncio.Event().wait()
        if group in self.broken:
            raise ConnectionError(group)
        if "tops" in message:
            self.beats_s[group].append(asyncio.get_running_loop().time())


class Stage:
    """Two shards with an outlet each, their tasks running."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self.layer, groups = Layer(), ("t.00", "t.01")
        self.shards = shards_of(groups, self.layer, "1", LoopClock(), lambda outlet: 0, Counter())
        self.outlets = {name: self._outlet(name) for name in self.shards}
        self.tasks = [tasks.create_task(shard.run()) for shard in self.shards.values()]
        self.began_s = asyncio.get_running_loop().time()

    def _outlet(self, name: str) -> Outlet:
        outlet = Outlet("ticker", f"KRAKEN:{name}", 0, self.shards[name])
        outlet.slot = Slot()
        return outlet

    def says(self, *names: str) -> None:
        for name in names:
            self.shards[name].add(self.outlets[name])

    def sent(self, name: str) -> list[float]:
        """After the beginning; of the beats in a quiet time nothing is asked here."""
        return [round(at_s - self.began_s, 6) for at_s in self.layer.sent_s[name]]


def staged(scenario) -> None:
    async def whole() -> None:
        async with asyncio.TaskGroup() as tasks:
            stage = Stage(tasks)
            await asyncio.sleep(0)
            await scenario(stage)
            for task in stage.tasks:
                task.cancel()

    run(whole())


def test_what_comes_first_goes_at_once():
    async def scenario(stage):
        stage.says("t.00")
        await asyncio.sleep(FLUSH_EVERY_S)

        assert stage.sent("t.00") == [0]

    staged(scenario)


def test_shards_that_speak_in_one_turn_are_heard_together():
    async def scenario(stage):
        stage.says("t.00", "t.01")
        await asyncio.sleep(FLUSH_EVERY_S)

        assert stage.sent("t.00") == stage.sent("t.01") == [0]

    staged(scenario)


def test_what_comes_later_waits_for_the_next_turn_of_all():
    async def scenario(stage):
        stage.says("t.00")
        await asyncio.sleep(FLUSH_EVERY_S / 5)
        stage.says("t.01")
        await asyncio.sleep(FLUSH_EVERY_S / 5)
        stage.says("t.00")
        await asyncio.sleep(FLUSH_EVERY_S)

        assert stage.sent("t.00") == [0, pytest.approx(FLUSH_EVERY_S)]
        assert stage.sent("t.01") == [pytest.approx(FLUSH_EVERY_S)]

    staged(scenario)


def test_the_more_there_is_to_say_the_longer_it_is_gathered():
    async def scenario(stage):
        many = [stage._outlet("t.00") for _ in range(20)]
        for outlet in many:
            stage.shards["t.00"].add(outlet)
        await asyncio.sleep(FLUSH_EVERY_S)
        stage.says("t.01")
        await asyncio.sleep(FLOOD_EVERY_S)
        stage.says("t.00")
        await asyncio.sleep(FLUSH_EVERY_S)

        assert stage.sent("t.01") == [pytest.approx(FLOOD_EVERY_S)]
        assert stage.sent("t.00") == [0, pytest.approx(FLOOD_EVERY_S + FLUSH_EVERY_S)]

    staged(scenario)


def test_a_redis_that_hangs_or_fails_holds_up_no_other_shard():
    async def scenario(stage):
        stage.layer.hung.add("t.00")
        for _ in range(20):
            stage.says("t.00", "t.01")
            await asyncio.sleep(2 * FLUSH_EVERY_S)

        assert len(stage.sent("t.00")) == 1
        assert len(stage.sent("t.01")) == 20

    staged(scenario)


def test_what_was_refused_is_said_again_after_a_while():
    async def scenario(stage):
        stage.layer.broken.add("t.00")
        stage.says("t.00")
        await asyncio.sleep(2.5 * AFTER_FAILURE_S)

        assert len(stage.sent("t.00")) == 3
        assert stage.sent("t.00")[1] >= AFTER_FAILURE_S

    staged(scenario)


def test_a_shard_without_rows_says_at_once_and_again_that_it_is_back_after_an_outage():
    async def scenario(stage):
        stage.layer.broken.add("t.00")
        stage.shards["t.00"].beat(lambda: ({}, {}, ""))
        await asyncio.sleep(5 * AFTER_FAILURE_S)
        stage.layer.broken.clear()
        back_s = asyncio.get_running_loop().time()
        await asyncio.sleep(AFTER_FAILURE_S + 2 * QUIET_BEATS * QUIET_S)

        beats_s = [at_s - back_s for at_s in stage.layer.beats_s["t.00"]]
        assert len(beats_s) == 1 + QUIET_BEATS and beats_s[0] <= AFTER_FAILURE_S + 2 * FLUSH_EVERY_S
        apart_s = [after - before for before, after in pairwise(beats_s)]
        assert apart_s == [pytest.approx(QUIET_S, abs=2 * FLUSH_EVERY_S)] * QUIET_BEATS

    staged(scenario)
