"""A child that must not outlive its parent, portably.

The supervisor keeps the writing end of one pipe and gives every child the reading end, whose number
stands in ``MARKETDASH_PARENT_FD``. However the supervisor ends, SIGKILL included, the pipe closes and
reading it returns. (PDEATHSIG follows the spawning thread and is Linux only.)
"""

from __future__ import annotations

import os
import signal
import threading
import time

PARENT_FD = "MARKETDASH_PARENT_FD"
FOLLOWS = "MARKETDASH_FOLLOWS"
"""What a process that follows another is told of its end: the exit code, and when."""

GRACE_S = 5.0


def parent_fd() -> int | None:
    """The reading end; None without a supervisor."""
    number = os.environ.get(PARENT_FD, "")
    return int(number) if number.isdigit() else None


def end_of(code: int | None) -> str:
    """Of a process that ended just now, for :data:`FOLLOWS`."""
    return f"{code} {time.time_ns() // 1000}"


def followed() -> tuple[str, int] | None:
    """Exit code of the process before this one and its end in wall microseconds; None where nobody knows."""
    code, _, at_us = os.environ.get(FOLLOWS, "").partition(" ")
    return (code, int(at_us)) if at_us.isdecimal() else None


def watch() -> None:
    """In a child: end this process when the supervisor is gone. Without a supervisor: nothing."""
    number = parent_fd()
    if number is not None:
        threading.Thread(target=_end_with, args=(number,), name="lifeline", daemon=True).start()


def _end_with(fd: int) -> None:
    wait_for_end(fd)
    threading.Timer(GRACE_S, os._exit, args=(1,)).start()
    os.kill(os.getpid(), signal.SIGTERM)


def wait_for_end(fd: int) -> None:
    """Blocks until the other end of the pipe is closed."""
    try:
        while os.read(fd, 64):
            pass
    except OSError:
        return  # not ours to read, or closed under us: no parent to wait for
