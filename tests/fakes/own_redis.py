"""A real Redis that a test may kill, freeze and fill; it ends with the test run, however that ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import redis

from marketdash.ops import redis_server
from marketdash.ops.preflight import free_port


class OwnRedis:
    """On a unix socket, or where ``options`` have it listen. ``inside``: words that run it elsewhere."""

    def __init__(self, home: Path, *options: str, url: str = "", inside: Sequence[str] = ()) -> None:
        self.url = url or f"unix://{home / 'redis.sock'}"
        self._command = [
            *inside,
            redis_server.binary(),
            "--dir",
            str(home),
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self._command += ["--loglevel", "warning", *(options or _unix(home))]
        self.start()

    def start(self) -> None:
        """Returns when it answers."""
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert redis_server.answers(self.url, within_s=10), f"no Redis at {self.url}"

    def tell(self, number: int) -> None:
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def ask(self, *words: str) -> object:
        """One command of Redis."""
        with redis.Redis.from_url(self.url, decode_responses=True) as client:
            return client.execute_command(*words)

    def end(self) -> None:
        self.tell(signal.SIGCONT)
        self.kill()


def _unix(home: Path) -> list[str]:
    return ["--port", "0", "--unixsocket", str(home / "redis.sock")]


def _tcp(port: int, address: str) -> list[str]:
    return ["--port", str(port), "--bind", address, "--protected-mode", "no"]


@contextlib.contextmanager
def running(*, tcp: bool = False, password: str = "") -> Iterator[OwnRedis]:
    """``password`` is asked for over TCP."""
    with tempfile.TemporaryDirectory(prefix="marketdash-") as home:
        if tcp:
            port = free_port()
            asks, known = (("--requirepass", password), f":{password}@") if password else ((), "")
            options = (*_tcp(port, "127.0.0.1"), *asks)
            own = OwnRedis(Path(home), *options, url=f"redis://{known}127.0.0.1:{port}/0")
        else:
            own = OwnRedis(Path(home))
        try:
            yield own
        finally:
            with contextlib.suppress(ProcessLookupError):
                own.end()


def at(home: Path, address: str, port: int, inside: Sequence[str]) -> OwnRedis:
    """One in another network namespace."""
    return OwnRedis(home, *_tcp(port, address), url=f"redis://{address}:{port}/0", inside=inside)
