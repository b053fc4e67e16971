"""Web processes that have nothing to load: one loads it all, serves nobody, and forks those that serve.

Loading takes the better part of a second of processor time, in which everybody who lost a socket waits. A
fork takes some milliseconds and shares the memory. The process that forks has one thread, no loop and no
connection of its own: a fork would copy those half alive.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from marketdash.ops import lifeline
from marketdash.ops.supervisor import FIRST_WAIT_S, HEALTHY_S, LONGEST_WAIT_S

logger = logging.getLogger(__name__)

HEARD = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)
ENDING = {signal.SIGTERM, signal.SIGINT}


@dataclass(slots=True)
class Place:
    """One process to keep. What served for long is followed at once; what ends soon, again and again, ever
    later."""

    pid: int = 0
    born_s: float = 0.0
    wait_s: float = 0.0
    due_s: float = 0.0
    follows: str = ""

    def left(self, now_s: float) -> None:
        """Its process ended."""
        lived = now_s - self.born_s > HEALTHY_S
        self.wait_s = 0.0 if lived else min(LONGEST_WAIT_S, max(FIRST_WAIT_S, self.wait_s * 2))
        self.pid, self.due_s = 0, now_s + self.wait_s


def stay(count: int) -> int:
    """Keeps ``count`` forks of this process until it is told to end (SIGTERM, SIGINT), or its parent is gone.

    Returns in each fork, which goes on from here, the number of its place, the first being 1; never in this
    process, which exits when all are gone. Raises :class:`RuntimeError` where there are other threads.
    """
    if (threads := threading.active_count()) > 1:
        raise RuntimeError(f"expected one thread to fork from, found {threads}")
    places = [Place() for _ in range(count)]
    with _woken() as fd:
        while True:
            if number := _fill(places):
                return number
            if _told_to_end(fd, places):
                break
            _reap(places)
        _end(places)
    sys.exit(0)


@contextlib.contextmanager
def _woken() -> Iterator[int]:
    """A descriptor to read which signals came. In a fork, all is as it was before."""
    fd, waker = os.pipe()
    os.set_blocking(fd, False)
    os.set_blocking(waker, False)
    handlers = {number: signal.signal(number, lambda *_: None) for number in HEARD}
    previous = signal.set_wakeup_fd(waker)
    try:
        yield fd
    finally:
        signal.set_wakeup_fd(previous)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        os.close(fd)
        os.close(waker)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)


def _fill(places: Sequence[Place]) -> int:
    """Forks where one is due; in a fork the number of its place, else 0."""
    for number, place in enumerate(places, 1):
        now_s = time.monotonic()
        if place.pid or place.due_s > now_s:
            continue
        place.born_s = now_s
        try:
            place.pid = _forked()
        except OSError as refused:  # no memory, or no process more
            place.left(now_s)
            logger.error("no fork: %s; trying again in %.1f s", refused, place.wait_s)
            continue
        if not place.pid:
            if place.follows:  # else it follows what its parent does
                os.environ[lifeline.FOLLOWS] = place.follows
            return number
    return 0


def _forked() -> int:
    """A fork hears nothing while the handlers are its parent's, else what tells it to end would be lost:
    it waits until :func:`_woken` has put back its own."""
    signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
    pid = -1
    try:
        pid = os.fork()
    finally:
        if pid:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
    return pid


def _told_to_end(fd: int, places: Sequence[Place]) -> bool:
    """Waits for a signal, for the end of the parent, or until a fork is due."""
    waits_s = [max(0.0, place.due_s - time.monotonic()) for place in places if not place.pid]
    parent = lifeline.parent_fd()
    watched = [fd] if parent is None else [fd, parent]
    heard, _, _ = select.select(watched, (), (), min(waits_s, default=None))
    if parent in heard:
        return True  # nobody ever writes there: it was closed
    return fd in heard and not ENDING.isdisjoint(os.read(fd, 4096))


def _reap(places: Sequence[Place]) -> None:
    for place in places:
        if not place.pid:
            continue
        pid, status = os.waitpid(place.pid, os.WNOHANG)
        if pid:
            place.left(time.monotonic())
            code = os.waitstatus_to_exitcode(status)
            place.follows = lifeline.end_of(code)
            logger.error("serve ended with code %s; forking another in %.1f s", code, place.wait_s)


def _end(places: Sequence[Place]) -> None:
    """Who started us does not wait for ever, and kills what is left."""
    running = [place.pid for place in places if place.pid]
    for pid in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    for pid in running:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
