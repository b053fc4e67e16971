"""What only a full look finds is given back by the clock, and a long look makes the next one wait."""

from __future__ import annotations

import gc
import weakref

import pytest

from marketdash import collector


class Held:
    """What a cycle holds, such as an open file."""


def in_an_old_cycle() -> weakref.ref[Held]:
    held = Held()
    circle: list[object] = [held]
    circle.append(circle)
    gc.collect()  # whoever lived through it is old, and no young look finds it
    return weakref.ref(held)


class Ended(Exception):
    """The clock of a test stands still."""


async def looked(times: int) -> list[float]:
    """For how long it slept before each look."""
    slept: list[float] = []

    async def sleep(for_s: float) -> None:
        slept.append(for_s)
        if len(slept) > times:
            raise Ended

    with pytest.raises(Ended):
        await collector.look_by_the_clock(sleep)
    return slept


async def test_an_old_cycle_is_given_back_without_a_new_object():
    gc.disable()
    try:
        held = in_an_old_cycle()
        gc.collect(1)
        assert held() is not None
        await looked(1)
        assert held() is None
    finally:
        gc.enable()


async def test_a_look_that_takes_long_makes_the_next_one_wait(monkeypatch):
    now = iter([0.0, 0.07, 10.0, 10.001])
    monkeypatch.setattr(collector.time, "perf_counter", lambda: next(now))

    assert await looked(2) == pytest.approx([30, 210, 30])
