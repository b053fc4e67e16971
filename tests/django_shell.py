"""A Django shell that stays: to start one costs more of a processor than all that a test asks of it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]

_LOOP = """
import contextlib, io, json, sys, traceback
from django.db import connections
answers = sys.stdout
for line in sys.stdin:
    said, failed = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(said):
            exec(json.loads(line), {})
    except BaseException:
        failed = traceback.format_exc()
    connections.close_all()
    print(json.dumps([said.getvalue(), failed]), file=answers, flush=True)
"""


class Shell:
    """Another process in that environment; begins at the first :meth:`run`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def run(self, code: str) -> str:
        """What the code printed; whatever it raises fails the test."""
        with self._lock:
            process = self._process = self._process or self._start()
            assert process.stdin and process.stdout
            process.stdin.write(json.dumps(code) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        assert answer, f"the shell ended with {process.wait(10)}"
        said, failed = json.loads(answer)
        assert not failed, failed
        return str(said)

    def command(self, *words: str) -> str:
        """``manage.py`` with ``words``."""
        return self.run(f"from django.core.management import call_command\ncall_command(*{words!r})")

    def end(self) -> None:
        if self._process is not None:
            self._process.communicate(timeout=20)

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", _LOOP],
            env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
