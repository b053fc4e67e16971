"""Old and young cycles are given back by the clock, free pages too; a long look makes the next wait."""

from __future__ import annotations

import asyncio
import gc
import itertools
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


def in_a_cycle(*, old: bool) -> weakref.ref[Held]:
    held = Held()
    circle: list[object] = [held]
    circle.append(circle)
    if old:
        gc.collect()  # whoever lived through it is old, and no young look finds it
    return weakref.ref(held)


class Ended(Exception):
    """The clock of a test stands still."""


KINDS = 3
"""Of work that is done by the clock."""


async def looked() -> None:
    """Each kind of work was done once."""
    turns = itertools.count()

    async def sleep(for_s: float) -> None:
        turn = next(turns)
        await asyncio.sleep(0)
        if turn >= KINDS:
            raise Ended

    with pytest.raises(ExceptionGroup, match="unhandled errors"):
        await collector.look_by_the_clock(sleep)


async def slept(takes_s: list[float], monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """For how long before each time, when the work takes so long then."""
    found: list[float] = []
    now_s = [0.0]

    async def sleep(for_s: float) -> None:
        found.append(for_s)
        if len(found) > len(takes_s):
            raise Ended

    monkeypatch.setattr(collector.time, "perf_counter", lambda: now_s[0])
    with pytest.raises(Ended):
        await collector.by_the_clock(lambda: now_s.append(now_s.pop() + takes_s[len(found) - 1]), sleep)
    return found


async def test_an_old_cycle_is_given_back_without_a_new_object():
    gc.disable()
    try:
        held = in_a_cycle(old=True)
        gc.collect(1)
        assert held() is not None
        await looked()
        assert held() is None
    finally:
        gc.enable()


async def test_a_young_cycle_does_not_wait_for_a_full_look(monkeypatch):
    """Which takes long, and so comes seldom."""
    monkeypatch.setattr(collector, "_look_at_all", lambda: None)
    gc.disable()
    try:
        old, young = in_a_cycle(old=True), in_a_cycle(old=False)
        await looked()
        assert young() is None and old() is not None
    finally:
        gc.enable()


async def test_one_of_two_looks_and_the_other_goes_on_after_it():
    ended, turns = asyncio.Event(), itertools.count()

    async def never(for_s: float) -> None:
        await asyncio.Event().wait()

    async def sleep(for_s: float) -> None:
        await ended.wait()
        if next(turns):
            raise Ended

    first = asyncio.create_task(collector.look_by_the_clock(never))
    await asyncio.sleep(0)
    second = asyncio.create_task(collector.look_by_the_clock(sleep))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert not collector._looking
    ended.set()
    with pytest.raises(ExceptionGroup):
        await second


async def test_what_takes_long_is_done_the_seldomer(monkeypatch):
    assert await slept([0.07, 0.001, 0.02], monkeypatch) == pytest.approx([30, 210, 30, 60])


FRAGMENTED = """
import asyncio, gc, itertools, psutil
from marketdash import collector

async def look():
    turns = itertools.count()
    async def sleep(for_s):
        turn = next(turns)
        await asyncio.sleep(0)
        if turn >= 3:
            raise EOFError
    try:
        await collector.look_by_the_clock(sleep)
    except* EOFError:
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
