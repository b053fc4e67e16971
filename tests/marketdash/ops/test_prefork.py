"""Forks are kept: another follows one that ended, and all end with the process that forks them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from marketdash.ops import prefork
from marketdash.ops.lifeline import PARENT_FD
from tests.fakes.waiting import wait_until
from tests.scoreboard import Score

ROOT = Path(__file__).parents[3]
STAYS = """
import sys, time
from marketdash.ops import lifeline, prefork
prefork.HEALTHY_S = float(sys.argv[2])
prefork.stay(int(sys.argv[1]))
lifeline.watch()
{fork}
"""
TOLD_TOO_SOON = """
import os, signal
forked = os.fork
def fork():
    pid = forked()
    if not pid:
        with open(os.environ["BORN"], "a") as born: born.write(".")
        os.kill(os.getpid(), signal.SIGTERM)
    return pid
os.fork = fork
""" + STAYS.format(fork="open(os.environ['SERVED'], 'w').close(); time.sleep(600)")
SAYS_WHOM_IT_FOLLOWS = """
import sys, time
from marketdash.ops import lifeline, prefork
number = prefork.stay(int(sys.argv[1]))
code, _ = lifeline.followed() or ("none", 0)
open(sys.argv[3], "a").write(f"{number} {code}\\n")
time.sleep(600)
"""
SERVES, CRASHES = STAYS.format(fork="time.sleep(600)"), STAYS.format(fork="sys.exit(3)")


class Parent:
    """``healthy_s``: what lived for longer is followed at once. ``fd``: where it hears that its own parent
    is gone."""

    def __init__(
        self, source: str, count: int, healthy_s: float, fd: int | None, further: tuple[str, ...] = ()
    ) -> None:
        told = {**os.environ, "PYTHONPATH": str(ROOT)} | ({} if fd is None else {PARENT_FD: str(fd)})
        words = [sys.executable, "-c", source, str(count), str(healthy_s), *further]
        fds = () if fd is None else (fd,)
        self.process = subprocess.Popen(words, env=told, cwd=ROOT, pass_fds=fds, stderr=subprocess.DEVNULL)

    @property
    def forks(self) -> set[psutil.Process]:
        return set(psutil.Process(self.process.pid).children())

    async def having(self, count: int) -> set[psutil.Process]:
        await wait_until(lambda: len(self.forks) == count, within_s=20, what=f"{count} forks")
        return self.forks


@contextmanager
def forking(
    source: str, count: int, healthy_s: float = 0.0, fd: int | None = None, further: tuple[str, ...] = ()
) -> Iterator[Parent]:
    """Afterwards nothing is left."""
    parent = Parent(source, count, healthy_s, fd, further)
    try:
        yield parent
    finally:
        left = parent.forks if parent.process.poll() is None else set()
        parent.process.terminate()
        assert parent.process.wait(20) == 0
        assert psutil.wait_procs(left, 20)[1] == []


@pytest.mark.fault(
    "F27",
    "One of two forks of a web process is killed",
    goal="another follows in 3 s, its neighbour lives on",
)
async def test_another_follows_each_that_is_killed(score: Score) -> None:
    with forking(SERVES, 2) as parent:
        for _ in range(score.times(100)):
            killed, spared = await parent.having(2)
            killed.kill()
            killed_s = time.monotonic()
            await wait_until(lambda: not killed.is_running() and len(parent.forks) == 2)  # noqa: B023
            score.took(time.monotonic() - killed_s)

            assert spared in parent.forks


async def test_a_fork_knows_its_place_and_whom_it_follows(tmp_path: Path) -> None:
    said = tmp_path / "said"
    with forking(SAYS_WHOM_IT_FOLLOWS, 2, further=(str(said),)) as parent:
        await wait_until(lambda: said.exists() and said.read_text().count("\n") == 2)
        first = sorted(said.read_text().splitlines())
        min(parent.forks, key=lambda fork: fork.pid).kill()
        await wait_until(lambda: said.read_text().count("\n") == 3)

    assert first == ["1 none", "2 none"]
    assert said.read_text().splitlines()[2] in ("1 -9", "2 -9")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_told_to_end_all_end(number: signal.Signals) -> None:
    with forking(SERVES, 2) as parent:
        both = await parent.having(2)
        parent.process.send_signal(number)

        await wait_until(lambda: parent.process.poll() is not None)
        assert not any(each.is_running() for each in both)


async def test_what_tells_a_fork_to_end_is_heard_however_soon_it_comes(tmp_path, monkeypatch) -> None:
    """It came while the handlers were the parent's still, was lost, and the parent waited for ever."""
    born, served = tmp_path / "born", tmp_path / "served"
    monkeypatch.setenv("BORN", str(born))
    monkeypatch.setenv("SERVED", str(served))
    with forking(TOLD_TOO_SOON, 1):
        await wait_until(lambda: born.exists() and len(born.read_text()) > 1)

        assert not served.exists()


async def test_without_a_parent_all_end() -> None:
    parent_fd, alive_fd = os.pipe()
    try:
        with forking(SERVES, 2, fd=parent_fd) as parent:
            both = await parent.having(2)
            os.close(alive_fd)

            await wait_until(lambda: parent.process.poll() is not None)
            assert not any(each.is_running() for each in both)
    finally:
        os.close(parent_fd)


def test_what_ends_soon_is_followed_ever_later_and_what_served_at_once(monkeypatch) -> None:
    monkeypatch.setattr(prefork, "HEALTHY_S", 10.0)
    place = prefork.Place(pid=1, born_s=0.0)
    waits = []
    for born_s in (0.0, 1.0, 2.0, 3.0):
        place.born_s = born_s
        place.left(born_s + 0.5)
        waits.append(round(place.due_s - born_s - 0.5, 3))
    assert waits == [0.1, 0.2, 0.4, 0.8]

    for _ in range(20):
        place.left(place.born_s)
    assert place.wait_s == prefork.LONGEST_WAIT_S
    place.left(place.born_s + 10.5)
    assert (place.pid, place.wait_s) == (0, 0.0)


async def test_one_that_crashes_at_once_is_followed() -> None:
    with forking(CRASHES, 1, healthy_s=10.0) as parent:
        seen: set[int] = set()

        def three() -> bool:
            seen.update(each.pid for each in parent.forks)
            return len(seen) >= 3

        await wait_until(three, within_s=20)


def test_nothing_forks_beside_other_threads() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import threading, time; from marketdash.ops import prefork\n"
         "threading.Thread(target=time.sleep, args=(600,), daemon=True).start(); prefork.stay(1)"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=20,
    )  # fmt: skip
    assert done.returncode == 1
    assert "expected one thread to fork from, found 2" in done.stderr
