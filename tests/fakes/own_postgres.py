"""A real PostgreSQL that a test may kill, freeze and exhaust; it ends with the test run in any case."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import psycopg

from tests import servers
from tests.fakes import short_logs, small_disk

TAKE_EVERY_S = 0.05
LOGGED = {
    "logging_collector": "on",
    "log_statement": "all",
    "log_filename": "asked.log",
    "log_line_prefix": "asked by %a|",
}
NAMED = "TESTS_NAMED_CONNECTIONS"
_CONNECTIONS = """
select backend_start::text, state, query from pg_stat_activity
where backend_type = 'client backend' and pid <> pg_backend_pid()
"""


def named() -> dict[str, str]:
    """What the environment of a site says, so that each process names its connections by its command."""
    return {**short_logs.found_by_python(), NAMED: "yes"}


def connections(url: str) -> list[str]:
    """All but that which asks: since when, and what was asked last on each."""
    with psycopg.connect(url) as own:
        found = own.execute(_CONNECTIONS).fetchall()
    return [f"{state} since {since}: {query:.80}" for since, state, query in found]


class OwnPostgres:
    """On a unix socket in ``home``; what is committed survives a kill."""

    def __init__(self, home: Path, fd: int, settings: Mapping[str, str] = {}) -> None:
        self._home, self._fd = home, fd
        self._command = servers.cluster(home, fd, remove=False, durable=True)
        self._command += [f"-c{name}={value}" for name, value in settings.items()]
        self.url, self._filler = servers.postgres_url(home), home / "data" / "filler"
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

    def asked(self, word: str) -> list[str]:
        """The statements, so far as they stand in one line, of all processes with ``word`` in their command;
        of one that is ``LOGGED``."""
        log = (self._home / "data" / "log" / LOGGED["log_filename"]).read_text(errors="replace")
        lines = [line.partition("|") for line in log.splitlines() if line.startswith("asked by ")]
        said = [rest.partition(" statement: ")[2] for name, _, rest in lines if word in name]
        return [statement for statement in said if statement]

    def take_nothing(self, nothing: bool = True) -> None:
        """Whoever writes is refused from its next transaction on, as on a stand-by; or no more."""
        with psycopg.connect(self.url, autocommit=True) as own:
            own.execute(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if nothing else 'off'}")
            own.execute("SELECT pg_reload_conf()")

    def fill(self) -> None:
        """Its disk, to the last page."""
        small_disk.fill(self._filler)

    def empty(self) -> None:
        """The disk has room again; a server that ended for lack of it is started again."""
        self._filler.unlink()
        if self._guard.poll() is not None:
            (self._home / "data" / "postmaster.pid").unlink(missing_ok=True)
            self.start()

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
def running(*, small: bool = False, settings: Mapping[str, str] = {}) -> Iterator[OwnPostgres]:
    """``small``: its data folder is a disk of its own, with little room."""
    home = Path(tempfile.mkdtemp(prefix="marketdash-"))
    disk = small_disk.mounted(home / "data") if small else contextlib.nullcontext()
    with disk, servers.guarded() as fd:
        own = OwnPostgres(home, fd, settings)
        try:
            yield own
        finally:
            own.end()
    shutil.rmtree(home, ignore_errors=True)
