"""A program that is not ours ends when its parent ends, however that happens."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from marketdash.ops import redis_server
from tests import servers
from tests.fakes.waiting import wait_until

# Says its own number, and pays no heed to a polite end when told so.
SLEEPER = "import os, sys, time; print(os.getpid(), flush=True); time.sleep(600)"
# Starts a guarded sleeper and stays: what we kill.
PARENT = """
import os, subprocess, sys, time
reading, writing = os.pipe()
head = sys.argv[1:]
head[head.index("FD")] = str(reading)
subprocess.Popen(head, pass_fds=(reading,), start_new_session=True)
time.sleep(600)
"""


@contextlib.contextmanager
def parent_of_a_sleeper(*options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    head = redis_server.guarded(0)
    head[head.index("--fd") + 1] = "FD"
    command = [sys.executable, "-c", PARENT, *head, *options, "--", sys.executable, "-c", SLEEPER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        yield parent, int(parent.stdout.readline())
        parent.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_the_program_ends_with_a_killed_parent(number: int, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()

    with parent_of_a_sleeper("--remove", str(home)) as (parent, sleeper):
        parent.send_signal(number)

        await wait_until(lambda: not psutil.pid_exists(sleeper))
        await wait_until(lambda: not home.exists())


def test_a_redis_that_crashed_can_be_started_again_where_it_was() -> None:
    home = redis_server.folder()
    url = redis_server.socket_url(home)
    with servers.guarded() as fd:
        for number in (signal.SIGKILL, signal.SIGTERM):
            guard = subprocess.Popen(redis_server.command(home, fd), pass_fds=(fd,), start_new_session=True)
            assert redis_server.answers(url, within_s=10)

            program = psutil.Process(guard.pid).children()[0] if number == signal.SIGKILL else guard
            program.send_signal(number)

            guard.wait(10)
            assert home.exists() == (number == signal.SIGKILL)


def test_the_guard_gives_the_programs_code_back() -> None:
    reading, writing = os.pipe()
    command = [*redis_server.guarded(reading), "--", sys.executable, "-c", "raise SystemExit(7)"]

    ended = subprocess.run(command, pass_fds=(reading,), check=False, timeout=20)

    assert ended.returncode == 7
    os.close(reading)
    os.close(writing)


def test_the_embedded_redis_listens_on_no_port(redis_url: str) -> None:
    path = redis_url.removeprefix("unix://")
    owner = next(
        process
        for process in psutil.process_iter()
        if process.pid != os.getpid()
        and path in " ".join(_command_line(process))
        and "guard.py" not in str(_command_line(process))
    )

    assert not [each for each in owner.net_connections("inet") if each.status == psutil.CONN_LISTEN]
    assert oct(Path(path).parent.stat().st_mode)[-3:] == "700"


def _command_line(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []
