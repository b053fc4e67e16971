"""What must be true before anything starts. Each problem is one sentence that says what to do."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import socket
import sys
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

NEEDED_MIB = 64
STALLED_CLIENT_MS = 5_000
THIN_LINEAR_TIMEOUTS = 16
"""Linux's TCP_THIN_LINEAR_TIMEOUTS, which Python has no name for. A lossy link that carries little has a
packet or two under way: what is lost twice is sent again after the same time, not twice and four times it."""
CONGESTION = b"bbr"
"""Where the kernel has it and lets us: cubic, the usual one, takes each lost packet for a full queue, and
sends a page behind a lossy link so little then that its prices are twice as old (64 kbit/s, 10 % loss)."""
BACKLOG = 2048
TRIES = 20
CONNECTIONS_FROM = Path("/proc/sys/net/ipv4/ip_local_port_range")
_UNKNOWN_BIND = "cannot listen on {host} port {port}: {reason}; set BIND to an address of this machine"
_BIND_PROBLEMS = {
    errno.EADDRINUSE: "port {port} on {host} is in use; stop what uses it, or choose another port "
    "with `manage.py up --port N` or BIND",
    errno.EACCES: "no right to listen on {host} port {port}; choose a port from 1024 up",
}


class Refused(ImproperlyConfigured):
    """One sentence for the operator; the command prints it and ends with a code that is not 0."""


def listener(host: str, port: int) -> socket.socket:
    """A bound, listening socket that gives up on a client which acknowledges nothing for 5 s.

    uvicorn never drops a stalled client by itself; accepted sockets inherit the options. Raises
    :class:`Refused`.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with contextlib.ExitStack() as on_failure:
            bound = on_failure.enter_context(socket.socket(family, kind, protocol))
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED_CLIENT_MS)
            if sys.platform == "linux":
                bound.setsockopt(socket.IPPROTO_TCP, THIN_LINEAR_TIMEOUTS, 1)
                with contextlib.suppress(OSError):
                    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, CONGESTION)
            bound.bind(address)
            bound.listen(BACKLOG)
            on_failure.pop_all()
    except OSError as problem:
        text = _BIND_PROBLEMS.get(problem.errno or 0, _UNKNOWN_BIND)
        raise Refused(text.format(host=host, port=port, reason=problem.strerror)) from None
    return bound


def allow_descriptors() -> None:
    """As many open files as the system lets us have: each browser is one, and the usual limit is 1,024."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def free_port() -> int:
    """A loopback port that nobody uses at this moment, and that no connection takes before its server does.

    What the system gives for port 0 may be the near end of anybody's connection a moment later. So it
    is one of those below, which are for servers; the system's, where none of them is free or nobody
    says which they are.
    """
    for _ in range(TRIES):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", _server_port())) as probe:
            return int(probe.getsockname()[1])
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _server_port() -> int:
    """Any of those from 10,000 up that connections do not take by themselves; 0 if nobody knows."""
    try:
        lowest = int(CONNECTIONS_FROM.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0
    return secrets.choice(range(10_000, lowest)) if lowest > 10_000 else 0


def check_disk(folder: Path) -> None:
    """The data folder can be written and has room to start with. Raises :class:`Refused`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free_mib = shutil.disk_usage(folder).free // 2**20
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * 4096)
            os.fsync(file.fileno())
    except OSError as problem:
        raise Refused(f"DATA_DIR: cannot write in {folder}: {problem.strerror}") from None
    if free_mib < NEEDED_MIB:
        raise Refused(f"disk: {free_mib} MiB free in {folder}, at least {NEEDED_MIB} MiB are needed")


def check_platform() -> None:
    """Pipes, unix sockets and process groups are what starting and ending rests on."""
    if sys.platform == "win32":
        raise Refused("Windows: run Marketdash with docker compose, or inside WSL")
