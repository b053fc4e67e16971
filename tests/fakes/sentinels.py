"""A master, a replica and a Sentinel on loopback: real servers, which a test may kill."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from redis import Redis

from marketdash.ops import redis_server
from marketdash.ops.preflight import free_port

NAME = "prices"
# Short, so that a test need not wait; a deployment gives a slow network more.
_CONFIGURATION = """
port {port}
dir {home}
sentinel monitor {name} 127.0.0.1 {master} 1
sentinel down-after-milliseconds {name} 500
sentinel failover-timeout {name} 3000
"""


class Sentinels:
    """``url`` is what REDIS_URL says."""

    def __init__(self, home: Path, stack: contextlib.ExitStack) -> None:
        self._home, self._stack = home, stack
        ports = [free_port() for _ in range(3)]
        self._port = ports[2]
        self.url = f"redis+sentinel://127.0.0.1:{self._port}/{NAME}"
        self._master = self._server(ports[0])
        self._server(ports[1], "--replicaof", "127.0.0.1", str(ports[0]))
        self._watch(self._port, ports[0])

    def _server(self, port: int, *words: str) -> subprocess.Popen[bytes]:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._home)]
        # A replica that has to copy first is not fit to follow; nothing is to be copied here.
        return self._started(
            [redis_server.binary(), *options, "--repl-diskless-sync-delay", "0", *words], port
        )

    def _watch(self, port: int, master: int) -> None:
        file = self._home / "sentinel.conf"
        file.write_text(_CONFIGURATION.format(port=port, home=self._home, name=NAME, master=master))
        self._started([redis_server.binary(), str(file), "--sentinel"], port)

    def _started(self, command: list[str], port: int) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self._stack.callback(process.wait, 10)
        self._stack.callback(process.kill)
        assert redis_server.answers(f"redis://127.0.0.1:{port}", within_s=10)
        return process

    def replicas(self) -> int:
        """How many the Sentinel knows and believes: one that it never heard of cannot follow."""
        with Redis(port=self._port, decode_responses=True) as client:
            found = client.sentinel_slaves(NAME)
        return sum(1 for each in found if each["master-link-status"] == "ok")

    def kill_master(self) -> None:
        self._master.kill()
        self._master.wait(10)


@contextlib.contextmanager
def running() -> Iterator[Sentinels]:
    with tempfile.TemporaryDirectory(prefix="marketdash-") as home, contextlib.ExitStack() as stack:
        yield Sentinels(Path(home), stack)
