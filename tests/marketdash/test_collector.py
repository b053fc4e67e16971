"""What only a full look finds is given back by the clock, free pages too; a long look makes the next wait."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from marketdash import collector

ROOT = Path(__file__).parents[2]


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


async def test_what_giving_back_takes_makes_the_next_one_wait_too(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(collector.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(collector.blocks, "trim", lambda: now.append(now.pop() + 0.07))

    assert await looked(1) == pytest.approx([30, 210])


FRAGMENTED = """
import asyncio, gc, itertools, psutil
from marketdash import collector

async def look():
    turns = itertools.count()
    async def sleep(for_s):
        if next(turns):
            raise EOFError
    try:
        await collector.look_by_the_clock(sleep)
    except EOFError:
        pass

def rss_mb():
    return psutil.Process().memory_info().rss / 2**20

small = [bytearray(20_000) for _ in range(4000)]
stays = small[::5]
del small
gc.collect()
before_mb = rss_mb()
asyncio.run(look())
print(before_mb - rss_mb())
"""
"""Four fifths of 80 MB, free between what stays."""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_what_is_free_between_what_stays_goes_back_to_the_system():
    done = subprocess.run([sys.executable, "-c", FRAGMENTED], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 40


def test_another_c_library_has_nothing_to_give(monkeypatch):
    monkeypatch.setattr(collector.blocks.ctypes, "CDLL", lambda name: object())

    collector.blocks.trim()
    collector.blocks.give_back()
