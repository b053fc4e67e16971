"""The servers that are measured side by side, each started as its own documentation says."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rig import peers
from benchmarks.rig.processes import BENCH, Failed, Process, Stage
from benchmarks.rig.reader import built
from marketdash.ops.preflight import free_port

PROGRAMS = BENCH / "programs"
OUTSTANDING = 8
"""Updates in flight in the closed loop: enough to saturate a server, few enough to bound the lag."""


@dataclass(slots=True)
class Server:
    """A running server: where clients go, its process, and how it is fed."""

    process: Process
    port: int
    path: str
    feeder: list[str | Path]
    environment: dict[str, str]

    def feed(self, stage: Stage, progress: Path, clients: int, every_s: float = 0) -> Process:
        """Starts the publisher: the closed loop, or one update each ``every_s``."""
        arguments = [*self.feeder, progress, str(clients), str(OUTSTANDING), str(every_s)]
        return stage.start("feeder", arguments, environment=self.environment)


def redis_url(stage: Stage) -> str:
    """A Redis of this stage alone, on a unix socket; started at first use."""
    from marketdash.ops.redis_server import binary

    path = stage.folder / "redis.sock"
    if not path.exists():
        words = [
            "--port",
            "0",
            "--unixsocket",
            path,
            "--dir",
            stage.folder,
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        process = stage.start("redis", [binary(), *words])
        stage.wait(process, path.exists, 10, "redis")
    return f"unix://{path}"


def tutorial(stage: Stage) -> Server:
    """Channels as the tutorial builds it: core layer, daphne, one group, JSON encoded per client."""
    port, environment = free_port(), {"BENCH_REDIS": redis_url(stage), "PYTHONPATH": str(PROGRAMS)}
    daphne = [peers.python(), "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "tutorial.asgi:application"]
    process = stage.start("tutorial", daphne, measured=True, environment=environment, port=port)
    feeder = [peers.python(), PROGRAMS / "feed_core.py"]
    return Server(process, port, "/ws/ticks/", feeder, environment)


def broadcast(stage: Stage) -> Server:
    """``websockets.broadcast`` to every connection, without compression."""
    return _fed_by_lines(stage, "broadcast", [peers.python(), PROGRAMS / "broadcast.py"])


def send_loop(stage: Stage) -> Server:
    """The floor: a C loop of ``send()``. Raises :class:`Failed` where there is no compiler."""
    program = built("sendloop")
    if program is None:
        raise Failed("no C compiler was found")
    return _fed_by_lines(stage, "sendloop", [program])


def _fed_by_lines(stage: Stage, name: str, command: list[str | Path]) -> Server:
    port, feed_port = free_port(), free_port()
    process = stage.start(name, [*command, str(port), str(feed_port)], measured=True, port=feed_port)
    feeder: list[str | Path] = [sys.executable, PROGRAMS / "feed_lines.py", str(feed_port)]
    return Server(process, port, "/", feeder, {})
