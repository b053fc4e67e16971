"""No bar is lost between its closing and its row: outages, torn files, killed processes."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connections

from feeds.events import Bar
from marketdash.history import actions, queries
from marketdash.history.actions import ids_of
from marketdash.history.journal import Journal
from marketdash.history.sink import HistorySink
from tests.fakes import virtual_time
from tests.fakes.waiting import wait_until
from tests.marketdash.history.making import SYMBOL, bar, instrument

ROOT = Path(__file__).parents[3]


async def inline(work: Callable[[], Any]) -> Any:
    return work()


class Store:
    """Takes batches, except while it is ``away``."""

    def __init__(self) -> None:
        self.bars: dict[int, Bar] = {}
        self.away, self.tries = False, 0

    def __call__(self, bars: Sequence[Bar]) -> actions.Kept:
        self.tries += 1
        if self.away:
            raise OperationalError("the connection is closed")
        self.bars.update((each.start_us, each) for each in bars)
        return actions.Kept(len(bars), 0, 0)


async def until(condition: Callable[[], object]) -> None:
    """In the loop's own time."""
    async with asyncio.timeout(600):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.1)


def through(sink: HistorySink, story: Callable[[], Any]) -> None:
    async def told() -> None:
        running = asyncio.create_task(sink.run())
        try:
            await story()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    virtual_time.run(told())


def test_a_minute_without_a_database_loses_nothing_and_holds_nobody_up(tmp_path: Path) -> None:
    store, file = Store(), Journal(tmp_path)
    sink = HistorySink(file, write=store, hand=inline, disk=inline)
    bars = [bar(at, str(at + 1)) for at in range(120)]

    async def story() -> None:
        store.away = True
        for at, each in enumerate(bars):
            sink.put(None, each)
            await asyncio.sleep(0.5)
            if at == 60:
                assert sink.problem and not store.bars
                assert not sink._waiting, "what waits is in the file, not in memory"
        store.away = False
        await until(lambda: len(store.bars) == len(bars))

    through(sink, story)

    assert list(store.bars.values()) == bars
    assert file.waiting == 0 and file.path.stat().st_size == 0
    assert 3 < store.tries < 60, "it is asked again and again, but not in a frenzy"
    assert sink.problem == ""


def test_a_database_that_hangs_keeps_no_bar_from_the_file(tmp_path: Path) -> None:
    file = Journal(tmp_path)

    async def hangs(work: object) -> None:
        await asyncio.Event().wait()

    sink = HistorySink(file, hand=hangs, disk=inline)

    async def story() -> None:
        sink.put(None, bar(1))
        await until(lambda: file.waiting)
        sink.put(None, bar(2))
        await until(lambda: not sink._waiting and not sink._taken)

    through(sink, story)

    assert file.next()[0] == [bar(1), bar(2)]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_was_away_has_every_bar_afterwards(database: str, tmp_path: Path) -> None:
    """A real one, on real threads, that refuses every connection for a while."""
    instrument()
    there = connections.settings["default"]
    away = {**there, "NAME": "/nowhere/at/all", "HOST": "/nowhere" if there["HOST"] else ""}
    bars = [bar(at, str(at + 1)) for at in range(60)]
    sink = HistorySink(Journal(tmp_path))

    async def story() -> None:
        running = asyncio.create_task(sink.run())
        connections.settings["default"] = away
        try:
            for each in bars:
                sink.put(None, each)
            await wait_until(lambda: sink.counters["retries"] > 1, within_s=30)
        finally:
            connections.settings["default"] = there
        await wait_until(lambda: sink.counters["stored"] == 60, within_s=30)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())

    found = queries.page(ids_of([SYMBOL])[SYMBOL], 1, bars[-1].start_us + 60_000_000, 100).bars
    assert [each.close for each in found] == [str(at + 1) for at in range(60)]


def test_only_closed_bars_are_kept(tmp_path: Path) -> None:
    store = Store()
    sink = HistorySink(Journal(tmp_path), write=store, hand=inline, disk=inline)

    async def story() -> None:
        sink.put(None, bar(1)._replace(closed=False))
        sink.put(None, object())
        sink.put(None, bar(2))
        await until(lambda: store.bars)

    through(sink, story)

    assert list(store.bars.values()) == [bar(2)]


@pytest.mark.fault("F29", "The disk takes half a line of bars, then nothing", goal="no bar is lost")
def test_a_full_disk_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, file = Store(), Journal(tmp_path)
    sink = HistorySink(file, write=store, hand=inline, disk=inline)
    real = os.write

    def full(fd: int, text: Any) -> int:
        if fd == file._fd:
            if len(text) > 20:
                return real(fd, text[:20])  # a disk takes what fits, then nothing
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, text)

    async def story() -> None:
        monkeypatch.setattr(os, "write", full)
        sink.put(None, bar(1))
        await until(lambda: sink.counters["retries"] > 2)
        assert file.path.stat().st_size == 0, "half a line is cut off"
        monkeypatch.setattr(os, "write", real)
        sink.put(None, bar(2))
        await until(lambda: len(store.bars) == 2)

    through(sink, story)

    assert sink.counters["lost"] == 0


def test_memory_is_bounded_when_no_disk_helps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketdash.history.sink.MAX_WAITING", 10)
    sink = HistorySink(Journal(tmp_path), write=Store(), hand=inline, disk=inline)

    for at in range(25):
        sink.put(None, bar(at))

    assert [each.start_us for each in sink._waiting] == [bar(at).start_us for at in range(15, 25)]
    assert sink.counters["lost"] == 15


def test_what_waits_at_the_end_is_stored_at_the_next_start(tmp_path: Path) -> None:
    store = Store()
    store.away = True
    sink = HistorySink(Journal(tmp_path), write=store, hand=inline, disk=inline)

    async def ended_at_once() -> None:
        await asyncio.sleep(0)
        sink.put(None, bar(1))
        sink.put(None, bar(2))

    through(sink, ended_at_once)
    sink._journal.close()
    store.away = False
    again = HistorySink(Journal(tmp_path), write=store, hand=inline, disk=inline)
    through(again, lambda: until(lambda: len(store.bars) == 2))


def test_a_killed_process_loses_nothing_that_it_had_written(tmp_path: Path) -> None:
    """SIGKILL in the middle of appending and failing to store, several times over."""
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from marketdash.history.journal import Journal\n"
        "from tests.marketdash.history.making import bar\n"
        "file, at = Journal(Path(sys.argv[1])), int(sys.argv[2])\n"
        "while True:\n"
        "    file.append([bar(at), bar(at + 1)])\n"
        "    print(at + 1, flush=True)\n"
        "    at += 2\n"
    )
    program = "import django; django.setup()\n" + program
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)}
    last, at = [], 0
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path), str(at)],
            env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        said = [int(process.stdout.readline()) for _ in range(40)]
        process.send_signal(signal.SIGKILL)
        process.communicate()
        last.append((at, said[-1]))
        at = said[-1] + 1001

    store = Store()
    sink = HistorySink(Journal(tmp_path), write=store, hand=inline, disk=inline)
    through(sink, lambda: until(lambda: sink._journal.waiting == 0))

    for from_at, to_at in last:
        missing = [at for at in range(from_at, to_at + 1) if bar(at).start_us not in store.bars]
        assert not missing
