"""Marketdash itself on the stage: a database with made-up pairs, the web process, and who feeds it."""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rig import names
from benchmarks.rig.processes import ROOT, Failed, Process, Stage
from benchmarks.rig.reader import Reader
from benchmarks.rig.servers import redis_url
from marketdash.ops.preflight import free_port

MANAGE = [sys.executable, str(ROOT / "manage.py")]
SOCKET = "/ws/v1/"
ACK_EVERY = 8
"""Frames per acknowledgement: as seldom as the API allows."""
SYMBOLS_A_MESSAGE = 500


def tickers(
    instruments: int | Sequence[str], interval_ms: int | None = None, channel: str = "ticker"
) -> list[str]:
    """The messages that subscribe one client to these tickers."""
    wanted = names.symbols(instruments) if isinstance(instruments, int) else list(instruments)
    messages = []
    for at in range(0, len(wanted), SYMBOLS_A_MESSAGE):
        params: dict[str, object] = {"channel": channel, "symbol": wanted[at : at + SYMBOLS_A_MESSAGE]}
        if interval_ms is not None:
            params["interval_ms"] = interval_ms
        messages.append(json.dumps({"method": "subscribe", "params": params, "req_id": at + 1}))
    return messages


@dataclass(slots=True)
class Feeder:
    """Publishes nothing but heartbeats and keyframes until it is told whose progress to follow."""

    process: Process
    go: Path

    def closed_loop(self, reader: Reader) -> None:
        self.go.write_text(str(reader.progress_file))


@dataclass(slots=True)
class Site:
    """A running web process of ours."""

    stage: Stage
    process: Process
    port: int
    environment: dict[str, str]

    def reader(self, clients: int, messages: Sequence[Sequence[str]], **options: object) -> Reader:
        """Clients that subscribed, got their first row and acknowledge."""
        settings = {"ack_every": ACK_EVERY, "ready": "data", **options}
        reader = Reader(self.stage, self.port, SOCKET, clients, messages, **settings)
        reader.wait_ready()
        return reader

    def feed_bus(self, clients: int = 1) -> Feeder:
        """In the place of a worker: one instrument, published by us on the real bus."""
        go = self.stage.folder / "go"
        words = [sys.executable, "-m", "benchmarks.programs.feed_bus", str(go), str(clients)]
        return Feeder(self.stage.start("feeder", words, environment=self.environment), go)


def web(
    stage: Stage,
    instruments: int,
    environment: dict[str, str] | None = None,
    *,
    measured: bool = True,
    program: str = "seed",
) -> Site:
    """The web process as ``up`` starts it, alone on the measured core, on a database of its own."""
    port = free_port()
    settings = {
        **environment_of(stage, instruments, program),
        "BIND": f"127.0.0.1:{port}",
        **(environment or {}),
    }
    process = stage.start("web", [*MANAGE, "serve"], measured=measured, environment=settings, port=port)
    return Site(stage, process, port, settings)


def environment_of(stage: Stage, instruments: int = 0, program: str = "seed") -> dict[str, str]:
    """What all our processes on this stage share: database (none for 0), Redis, quiet logs. ``program`` lists
    the instruments."""
    database = stage.folder / "marketdash.sqlite3"
    if instruments and not database.exists():
        shutil.copy(database_with(instruments, program), database)
    return {**settings_of(stage.folder, database), "REDIS_URL": redis_url(stage)}


@functools.cache
def database_with(instruments: int, program: str = "seed") -> Path:
    """A migrated database that lists so many pairs; made once per run of the bench."""
    folder = Path(tempfile.mkdtemp(prefix="marketdash-bench-db-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = settings_of(folder, folder / "marketdash.sqlite3")
    _run([*MANAGE, "migrate", "--verbosity", "0"], settings)
    _run([sys.executable, "-m", f"benchmarks.programs.{program}", str(instruments)], settings)
    close_log(folder / "marketdash.sqlite3")
    return folder / "marketdash.sqlite3"


def migrated(url: str, instruments: int) -> dict[str, str]:
    """What names another database than the stage's, which lists so many pairs then; nothing for none."""
    if not url:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        settings = {**settings_of(Path(folder), Path(folder)), "DATABASE_URL": url}
        _run([*MANAGE, "migrate", "--verbosity", "0"], settings)
        _run([sys.executable, "-m", "benchmarks.programs.seed", str(instruments)], settings)
    return {"DATABASE_URL": url}


def with_ours(settings: dict[str, str]) -> dict[str, str]:
    return {**os.environ, **settings}


def close_log(database: Path) -> None:
    """One file to copy: nothing is left in the write-ahead log."""
    with contextlib.closing(sqlite3.connect(database)) as link:
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def settings_of(folder: Path, database: Path) -> dict[str, str]:
    return {
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{database}",
        "MODE": "live",
        "LOG_LEVEL": "WARNING",
        "PUBLIC_MARKETS": "true",
        "DJANGO_SETTINGS_MODULE": "marketdash.settings",
        "PYTHONUNBUFFERED": "1",
    }


def _run(command: list[str], settings: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=ROOT, env=with_ours(settings), capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"{command[-2]} {command[-1]}: {done.stderr.strip()[-600:]}")
