"""A real PostgreSQL that a test may kill, freeze and exhaust; it ends with the test run in any case."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg

from tests import servers

TAKE_EVERY_S = 0.05
_CONNECTIONS = """
select backend_start::text, state, query from pg_stat_activity
where backend_type = 'client backend' and pid <> pg_backend_pid()
"""


def connections(url: str) -> list[str]:
    """All but that which asks: since when, and what was asked last on each."""
    with psycopg.connect(url) as own:
        found = own.execute(_CONNECTIONS).fetchall()
    return [f"{state} since {since}: {query:.80}" for since, state, query in found]


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
    def exhausted(self) -> Iterator[None]:
        """All connections there are, held; and each that somebody gives back."""
        held: list[psycopg.Connection] = []
        over, taken = threading.Event(), threading.Event()

        def take() -> None:
            while not over.is_set():
                try:
                    held.append(psycopg.connect(host=str(self._home), user="postgres", dbname="postgres"))
                except psycopg.OperationalError:
                    taken.set()
                    over.wait(TAKE_EVERY_S)

        taking = threading.Thread(target=take)
        taking.start()
        try:
            assert taken.wait(60), "expected an end to the connections, found none"
            yield
        finally:
            over.set()
            taking.join()
            for connection in held:
                connection.close()

    def run(self, statement: str) -> None:
        with psycopg.connect(host=str(self._home), user="postgres", dbname="postgres", autocommit=True) as to:
            to.execute(statement)

    def dump(self) -> bytes:
        """All of it as ``pg_dump`` writes it, which is what a backup is."""
        server = Path(self._command[self._command.index("-D") - 1])
        command = [server.with_name("pg_dump"), "-h", self._home, "-U", "postgres", "postgres"]
        return subprocess.run(command, check=True, capture_output=True, cwd=self._home).stdout

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
