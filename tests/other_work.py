"""What others took of the processors while a test measured: figures that were taken beside much of it are
not the machine's.

Others are who ran before the tests began, and what they started since. A process of the tests' own that its
parent left behind belongs to nobody, and is not counted.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import NamedTuple

import psutil

_MUCH = 1 / 3
"""Of one core."""
_EVERYBODYS = 1
"""The process that takes over whom a parent left behind."""


class Seen(NamedTuple):
    """``seconds``: what a process took, and those of its children that ended and that it waited for: so the
    sum of all is not less when one of them ends."""

    parent: int
    seconds: float


def processes() -> dict[int, Seen]:
    found = {}
    for each in psutil.process_iter(["ppid", "cpu_times"]):
        if (times := each.info["cpu_times"]) is not None:
            found[each.pid] = Seen(each.info["ppid"], sum(times[:4]))
    return found


def taken_s(seen: Mapping[int, Seen], known: frozenset[int], own: int) -> float:
    """By all but ``own`` and its descendants; ``known`` are those that ran before it began."""
    return sum(each.seconds for pid, each in seen.items() if _is_anothers(pid, seen, known, own))


def _is_anothers(pid: int, seen: Mapping[int, Seen], known: frozenset[int], own: int) -> bool:
    while pid in seen and pid not in (own, _EVERYBODYS):
        if pid in known:
            return True
        pid = seen[pid].parent
    return False


class OtherWork:
    """Made before the tests start anything."""

    def __init__(self, own: int = 0) -> None:
        self._own, self._known = own or os.getpid(), frozenset(processes())
        self.begin()

    def begin(self) -> None:
        self._began_s, self._before_s = time.monotonic(), self._taken_s()

    def was_much(self) -> bool:
        """Since it began."""
        return is_much(self._taken_s() - self._before_s, time.monotonic() - self._began_s)

    def _taken_s(self) -> float:
        return taken_s(processes(), self._known, self._own)


def is_much(took_s: float, in_s: float) -> bool:
    return took_s > _MUCH * in_s
