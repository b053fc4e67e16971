"""Children are started, started again, and all ended."""

from __future__ import annotations

import errno
import sys
import time
from pathlib import Path

import psutil
import pytest

from marketdash.ops import supervisor as module
from marketdash.ops.lifeline import FOLLOWS
from marketdash.ops.preflight import Refused
from marketdash.ops.supervisor import Child, Supervisor
from tests.fakes.waiting import wait_until

STAYS = "import time; print('it is ready', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {STAYS}"
WITH_A_CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STAYS!r}]); {STAYS}"


def child(source: str, *words: str, ready: bytes = b"it is ready") -> Child:
    return Child("example", [sys.executable, "-c", source, *words], ready=ready, ready_s=20)


async def test_a_crashed_child_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_WAIT_S", 0.01)
    marks = tmp_path / "starts"
    source = "import sys; open(sys.argv[1], 'a').write('x'); sys.exit(3)"

    async with Supervisor() as supervisor:
        await supervisor.keep(child(source, str(marks), ready=b""))
        await wait_until(lambda: marks.exists() and len(marks.read_text()) >= 3)


async def test_who_follows_one_that_crashed_is_told_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_WAIT_S", 0.01)
    monkeypatch.setenv(FOLLOWS, "1 1")  # of a supervisor that followed another itself
    told = tmp_path / "told"
    source = f"import os, sys; print(os.environ[{FOLLOWS!r}], file=open(sys.argv[1], 'a')); sys.exit(3)"
    began_us = time.time_ns() // 1000

    async with Supervisor() as supervisor:
        await supervisor.keep(child(source, str(told), ready=b""))
        await wait_until(lambda: told.exists() and told.read_text().count("\n") >= 2)

    first, second = told.read_text().splitlines()[:2]
    code, at_us = second.split()
    assert first == "" and code == "3"
    assert began_us <= int(at_us) <= time.time_ns() // 1000


@pytest.mark.parametrize("source", [STAYS, STUBBORN, WITH_A_CHILD])
async def test_leaving_ends_every_process(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STOP_S", 0.5)

    async with Supervisor() as supervisor:
        kept = child(source)
        await supervisor.keep(kept)
        assert kept.process is not None
        family = [psutil.Process(kept.process.pid)]
        family += family[0].children(recursive=True)

    await wait_until(lambda: not any(map(_runs, family)), what=f"the end of {family}")


async def test_a_child_that_never_is_ready_is_refused() -> None:
    never = child("import time; time.sleep(600)")
    never.ready_s = 0.2

    with pytest.raises(Refused, match="example was not ready"):
        async with Supervisor() as supervisor:
            await supervisor.keep(never)

    assert never.process is not None
    assert never.process.returncode is not None


async def test_a_child_holds_only_the_reading_end() -> None:
    """Else a child would keep the pipe open, and the others would never hear that we are gone."""
    source = (
        "import os; print('it is ready', flush=True); os.read(int(os.environ['MARKETDASH_PARENT_FD']), 1)"
    )
    async with Supervisor() as supervisor:
        first, second = child(source), child(STAYS)
        await supervisor.keep(first)
        await supervisor.keep(second)
        assert first.process is not None

        module.os.close(supervisor._alive_fd)
        await wait_until(lambda: first.process is None or first.process.returncode == 0)
        supervisor._alive_fd = module.os.dup(supervisor.parent_fd)


async def test_a_child_whose_words_nobody_can_keep_goes_on(tmp_path: Path, monkeypatch) -> None:
    """The disk is full where ours go to."""

    def full(fd: int, text: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    done = tmp_path / "done"
    much = "import sys; print('it is ready'); [print('x' * 99) for _ in range(9000)]; open(sys.argv[1], 'w')"
    monkeypatch.setattr(module.os, "write", full)

    async with Supervisor() as supervisor:
        await supervisor.keep(child(much, str(done)))
        await wait_until(done.exists)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
