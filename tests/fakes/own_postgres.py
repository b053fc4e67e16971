"""A real PostgreSQL that a test may kill, freeze and exhaust; it ends with the test run in any case."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg

from tests import servers


class OwnPostgres:
    """On a unix socket in ``home``; what is committed survives a kill."""

    def __init__(self, home: Path, fd: int) -> None:
        self._home, self._fd = home, fd
        self._command = servers.cluster(home, fd, remove=False, durable=True)
        self.url = servers.postgres_url(home)
        self.start()

    def start(self) -> None:
        """Returns when it answers."""
        self._guard = subprocess.Popen(
            self._command, pass_fds=(self._fd,), cwd=self._home, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        servers.wait_for_postgres(self._home)

    @property
    def _postmaster(self) -> psutil.Process:
        return psutil.Process(int((self._home / "data" / "postmaster.pid").read_text().splitlines()[0]))

    def tell(self, number: int) -> None:
        """All its processes."""
        postmaster = self._postmaster
        for process in (postmaster, *postmaster.children(recursive=True)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, number)

    def kill(self) -> None:
        """Without a word: the next start recovers from the log."""
        children = self._postmaster.children(recursive=True)
        self.tell(signal.SIGKILL)
        self._guard.wait(20)
        psutil.wait_procs(children, timeout=20)
        (self._home / "data" / "postmaster.pid").unlink(missing_ok=True)

    @contextlib.contextmanager
    def exhausted(self) -> Iterator[int]:
        """All connections there are, held."""
        held: list[psycopg.Connection] = []
        try:
            with contextlib.suppress(psycopg.OperationalError):
                while True:
                    held.append(psycopg.connect(host=str(self._home), user="postgres", dbname="postgres"))
            yield len(held)
        finally:
            for connection in held:
                connection.close()

    def end(self) -> None:
        self.tell(signal.SIGCONT)
        self._guard.terminate()
        self._guard.wait(20)


@contextlib.contextmanager
def running() -> Iterator[OwnPostgres]:
    home = Path(tempfile.mkdtemp(prefix="marketdash-"))
    with servers.guarded() as fd:
        own = OwnPostgres(home, fd)
        try:
            yield own
        finally:
            own.end()
            shutil.rmtree(home, ignore_errors=True)
