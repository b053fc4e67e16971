"""The load reader: many WebSocket clients in one process, in C where there is a compiler."""

from __future__ import annotations

import json
import mmap
import os
import select
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.rig.cores import pin
from benchmarks.rig.processes import BENCH, Failed, Stage

PROGRESS = struct.Struct("6Q")
"""frames, bytes, seq_sum, rows, sampled_frames, closed: what ``native/reader.c`` keeps mapped."""
BUILT = BENCH / ".built"


def compiler() -> str | None:
    return next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)


def built(name: str) -> Path | None:
    """The compiled ``native/<name>.c``, made again when the source is newer; None without a compiler."""
    source, target = BENCH / "native" / f"{name}.c", BUILT / name
    found = compiler()
    if found is None or not sys.platform.startswith("linux"):
        return None
    if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
        BUILT.mkdir(exist_ok=True)
        subprocess.run([found, "-O2", "-o", str(target), str(source)], check=True)
    return target


def reader_command() -> tuple[list[str], str]:
    """What to run, and what to say of it in the table."""
    program = built("reader")
    if program is not None:
        return [str(program)], "C, epoll"
    script = BENCH / "programs" / "slow_reader.py"
    return [sys.executable, str(script)], "Python (no C compiler was found: latencies include its own delay)"


class Spread(NamedTuple):
    """Latencies in microseconds."""

    n: int
    p50: int
    p99: int
    max: int


class Reading(NamedTuple):
    """What all clients received between ``reset`` and ``report``."""

    seconds: float
    frames: int
    bytes: int
    rows: int
    sampled_frames: int
    closed: int
    close_code: int
    latency_us: Spread
    leading_us: Spread

    @property
    def rows_per_frame(self) -> float:
        return self.rows / self.sampled_frames if self.sampled_frames else 0.0

    @property
    def all_rows(self) -> float:
        """Rows that all clients got, from those of the sampled ones."""
        return self.frames * self.rows_per_frame

    @property
    def frame_bytes(self) -> float:
        return self.bytes / self.frames if self.frames else 0.0


class Reader:
    """``clients`` connections to one server. ``messages``: one list of messages per class of client."""

    def __init__(
        self,
        stage: Stage,
        port: int,
        path: str,
        clients: int,
        messages: Sequence[Sequence[str]] = (),
        *,
        ack_every: int = 0,
        stamp_key: str = "-",
        leading_ms: float = 0,
        sample: int = 25,
        ready: str = "open",
    ) -> None:
        self.clients = clients
        self.progress_file = stage.folder / f"progress.{time.monotonic_ns()}"
        self.progress_file.write_bytes(bytes(PROGRESS.size))
        sent = stage.folder / f"messages.{time.monotonic_ns()}"
        sent.write_text("".join("\t".join(one) + "\n" for one in messages))
        command, self.kind = reader_command()
        arguments = [
            port,
            path,
            clients,
            sent,
            self.progress_file,
            ack_every,
            sample,
            stamp_key,
            leading_ms,
            ready,
            1 + sum(isinstance(one, Reader) for one in stage.processes),
        ]
        self._popen = subprocess.Popen(
            [*command, "127.0.0.1", *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        pin(self._popen.pid, stage.cores.rest)
        stage.processes.append(self)
        with self.progress_file.open("r+b") as file:
            self._progress = mmap.mmap(file.fileno(), PROGRESS.size)

    def wait_ready(self, within_s: float = 60) -> None:
        line = self._line(within_s)
        if line != "ready":
            raise Failed(f"reader: {line or self._error()}")

    def progress(self) -> tuple[int, ...]:
        return PROGRESS.unpack(self._progress[:])

    def reset(self) -> None:
        self._command("reset")
        self._line(10)

    def report(self) -> Reading:
        self._command("report")
        found = json.loads(self._line(30))
        for name in ("latency_us", "leading_us"):
            found[name] = Spread(**found[name])
        return Reading(**found)

    def stop(self) -> None:
        """Ends all clients; the stage does it on leaving."""
        if self._popen.poll() is None:
            self._popen.kill()
        self._popen.communicate(timeout=5)  # closes the pipes too

    def _command(self, text: str) -> None:
        os.write(self._popen.stdin.fileno(), text.encode())

    def _line(self, within_s: float) -> str:
        ready, _, _ = select.select([self._popen.stdout], [], [], within_s)
        if not ready:
            raise Failed(f"reader: nothing within {within_s:g} s (progress {self.progress()})")
        return self._popen.stdout.readline().decode().strip()

    def _error(self) -> str:
        return self._popen.stderr.read(2000).decode(errors="replace").strip() or "ended without a word"
