"""Files that a process holds for as long as it lives, by a lock that ends with it, however that ends."""

from __future__ import annotations

import fcntl
import itertools
import os
from collections.abc import Iterator
from pathlib import Path


def first_free(folder: Path, suffix: str) -> tuple[Path, int]:
    """The first numbered file that no living process holds, and the descriptor that holds it from now on."""
    for number in itertools.count(1):
        path = folder / f"{number}{suffix}"
        fd = held(path)
        if fd is not None:
            return path, fd
    raise AssertionError("there is always a next number")


def left_behind(folder: Path, suffix: str) -> Iterator[tuple[Path, int]]:
    """What no living process holds, each held until the next one is asked for. Ours are not among them."""
    for path in sorted(folder.glob(f"*{suffix}")):
        fd = held(path)
        if fd is not None:
            try:
                yield path, fd
            finally:
                os.close(fd)


def held(path: Path) -> int | None:
    """Made where it is not; None when somebody holds it, this process included."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return fd
    except BlockingIOError:
        os.close(fd)
        return None
