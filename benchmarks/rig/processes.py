"""Processes of one run: started on their core, waited for, ended with the run."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from benchmarks.rig.cores import Cores, cpu_ns, pin

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "benchmarks"


class Failed(RuntimeError):
    """A process of the bench did not do what it should; the message holds the end of its output."""


def until(condition: Callable[[], bool], *, within_s: float, what: str) -> None:
    """Polls every 20 ms; raises :class:`Failed` naming ``what`` after ``within_s``."""
    end = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {within_s:g} s")
        time.sleep(0.02)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """One child process in a group of its own; its output goes to a file that an error quotes."""

    def __init__(self, name: str, popen: subprocess.Popen[bytes], output: Path) -> None:
        self.name, self.popen, self.output = name, popen, output
        self.pid = popen.pid

    def check(self) -> None:
        if self.popen.poll() is not None:
            raise Failed(f"{self.name} ended with code {self.popen.returncode}: {self.tail()}")

    def tail(self) -> str:
        return self.output.read_text(errors="replace")[-1500:].strip() or "(no output)"

    def cpu_ns(self) -> int:
        return cpu_ns(self.pid)

    def stop(self) -> None:
        """SIGTERM to the group, SIGKILL when that was not enough within 3 s."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(3)
                return


class Ended(Protocol):
    """What a stage ends when it is left."""

    def stop(self) -> None: ...


class Stage:
    """What one measurement needs running. A context manager: leaving it ends every process, newest first."""

    def __init__(self, cores: Cores) -> None:
        self.cores = cores
        self.processes: list[Ended] = []
        self._folder = tempfile.TemporaryDirectory(prefix="marketdash-bench-")
        self.folder = Path(self._folder.name)

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.processes):
            process.stop()
        self._folder.cleanup()

    def start(
        self,
        name: str,
        arguments: Sequence[str | Path],
        *,
        measured: bool = False,
        environment: Mapping[str, str] | None = None,
        port: int = 0,
        within_s: float = 30,
    ) -> Process:
        """Starts a process on its core and, given a ``port``, waits until it listens there."""
        output = self.folder / f"{name}.{len(self.processes)}.log"
        cores = self.cores.measured if measured else self.cores.rest
        with output.open("wb") as log:
            popen = subprocess.Popen(
                [str(argument) for argument in arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        process = Process(name, popen, output)
        self.processes.append(process)
        if cores:
            os.sched_setaffinity(popen.pid, cores)
        if port:
            self.wait(process, lambda: listens(port), within_s, f"{name} listening on port {port}")
        pin(popen.pid, cores)
        return process

    def wait(self, process: Process, condition: Callable[[], bool], within_s: float, what: str) -> None:
        def ready() -> bool:
            process.check()
            return condition()

        try:
            until(ready, within_s=within_s, what=what)
        except Failed as problem:
            raise Failed(f"{problem}; {process.name} said: {process.tail()}") from None
