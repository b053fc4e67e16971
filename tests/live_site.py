"""A whole Marketdash in processes of its own: what ``manage.py up`` starts, in a folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil

from marketdash.ops.preflight import free_port
from tests import templates
from tests.fakes.waiting import wait_until

ROOT = Path(__file__).parents[1]
START_S = 180.0
DEMO, LIVE = "demo.sqlite3", "marketdash.sqlite3"
ADMINISTRATOR, PASSWORD = "admin", "the tests' own password"


class Site(NamedTuple):
    """``url`` ends without a slash; ``folder`` holds its data and ``output``, all that was said."""

    url: str
    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text(encoding="utf-8", errors="replace")

    @property
    def exchanges(self) -> str:
        """Where its simulated exchanges answer, ``/control`` too; without a slash at the end."""
        running = json.loads((self.folder / "running.json").read_text())
        return f"http://{urlsplit(running['VENUE_KRAKEN_REST_URL']).netloc}"

    def family(self) -> list[psutil.Process]:
        """The supervisor and all that it started."""
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def process_of(self, word: str) -> psutil.Process:
        """The first that has ``word`` in its command line."""
        for process in self.processes_of(word):
            return process
        raise AssertionError(f"no process with {word!r}")

    def processes_of(self, word: str) -> list[psutil.Process]:
        """Those that have ``word`` in their command lines; not the guard that another runs under, and of
        one that forks others, those."""
        found = []
        for process in self.family():
            with contextlib.suppress(psutil.Error):
                command = process.cmdline()
                if word in " ".join(command) and not any(each.endswith("guard.py") for each in command):
                    found.append(process)
        parents = {process.ppid() for process in found if process.is_running()}
        return [process for process in found if process.pid not in parents]

    async def started_again(self, before: psutil.Process, word: str) -> psutil.Process:
        """The one that follows a process that was ended."""

        def found() -> psutil.Process | None:
            with contextlib.suppress(AssertionError, psutil.Error):
                process = self.process_of(word)
                return process if process.pid != before.pid else None
            return None

        again = await wait_until(found, within_s=20, what=f"another process with {word}")
        assert isinstance(again, psutil.Process)
        return again

    def run(self, code: str, **variables: str) -> str:
        """Python in a Django shell on this site's data."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "shell", "-c", code],
            env=environment(self.folder, **variables),
            capture_output=True, text=True, timeout=START_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """Nothing of ours but PATH and the language; a data folder of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME", "TMPDIR") if name in os.environ}
    named = {"DJANGO_SUPERUSER_USERNAME": ADMINISTRATOR, "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    return {**kept, **named, "DATA_DIR": str(folder), **variables}


def start(folder: Path, *words: str, **variables: str) -> subprocess.Popen[bytes]:
    """``manage.py up`` with ``words``; its output goes to ``folder/output``."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "output", "wb") as output:
        return subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "up", *words],
            env=environment(folder, **variables),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def wait_for_address(process: subprocess.Popen[bytes], folder: Path) -> str:
    """The address that it prints when the first page answers; fails with all that it said instead."""
    until = time.monotonic() + START_S
    while True:
        said = (folder / "output").read_text(encoding="utf-8", errors="replace")
        if found := re.search(r"Marketdash is at (http://\S+)/", said):
            return found.group(1)
        if process.poll() is not None or time.monotonic() > until:
            raise AssertionError(f"it did not start (exit code {process.poll()}):\n{said}")
        time.sleep(0.05)


def prepare(folder: Path, name: str = DEMO) -> None:
    """A data folder that began already, with tables, administrator and starter set: the dearest part of a
    first start."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(templates.made("prepared.sqlite3", _prepared), folder / name)


def _prepared(path: Path) -> None:
    shutil.copyfile(templates.sqlite(), path)
    with tempfile.TemporaryDirectory(prefix="marketdash-") as folder:
        templates.run(environment(Path(folder), DATABASE_URL=f"sqlite:///{path}"), "prepare")


@contextlib.contextmanager
def running(folder: Path, *words: str, **variables: str) -> Iterator[Site]:
    """A site in demo mode, ended afterwards; its first start, unless :func:`prepare` was called."""
    process = start(folder, "--mode", "demo", "--port", str(free_port()), *words, **variables)
    try:
        yield Site(wait_for_address(process, folder), process, folder)
    finally:
        process.terminate()
        process.wait(30)
