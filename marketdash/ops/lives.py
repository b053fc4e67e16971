"""Lives of processes in the event log. Who is killed cannot say so: the next one in its place does, or,
a minute later, whoever lives."""

from __future__ import annotations

import hashlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import close_old_connections
from django.db.models import F, Q
from django.db.models.functions import Greatest

from marketdash.ops import lifeline, log
from marketdash.ops.incidents import Entry
from marketdash.ops.models import Incident

logger = logging.getLogger(__name__)

WORKER, WEB, ENGINES, DIED = "worker", "web", "engines", "died"
NO_FEED_S = 5
GONE_S = 60
SEEN_EVERY_S = 5.0
LAST_WORDS_S = 2.0


class Life:
    """This process's own, as an entry that goes on. ``place`` is what its successor has too, and no other
    process at the same time: a lease, or a listener on a host."""

    def __init__(
        self, kind: str, subject: str, place: str, now_us: Callable[[], int] = lambda: time.time_ns() // 1000
    ) -> None:
        self._now_us, born_us = now_us, now_us()
        self._place = hashlib.blake2s(place.encode(), digest_size=6).hexdigest()
        self.name = f"{self._place}.{born_us:x}"
        words = f"process {os.getpid()} on {socket.gethostname()}"
        self._entry = Entry(f"{self.name}.1", kind, "", subject, words, born_us)
        self._followed, self._introduced = lifeline.followed(), False
        self._lock = threading.Lock()

    def tell(self) -> None:
        """It lives; at first also what became of the one before. Again and again, on any thread."""
        with self._lock:
            if self._entry.ended_us:
                return
            if not self._introduced:
                log.write(self.name, [self._entry])
                self._bury_the_one_before()
            self._introduced = seen(self.name, self._now_us())  # else another took it for dead while it slept

    def goodbye(self) -> None:
        """Waits no longer than two seconds for the database."""
        thread = threading.Thread(target=self._end, name="last-words", daemon=True)
        thread.start()
        thread.join(LAST_WORDS_S)

    def _end(self) -> None:
        with self._lock:
            self._entry = self._entry._replace(ended_us=self._now_us())
            try:
                log.write(self.name, [self._entry])
            except Exception as problem:  # the end of a thread, and of the process
                logger.warning("event log: the database did not take that this process ends: %s", problem)

    def _bury_the_one_before(self) -> None:
        of_here = Incident.objects.filter(kind=self._entry.kind, worker__startswith=f"{self._place}.")
        before = list(of_here.filter(ended_at=None).exclude(worker=self.name))
        code, at_us = self._followed or ("", 0)
        _bury(before, f"ended with code {code}" if code else "killed, or crashed", self._now_us(), at_us)


def tell_by_itself(life: Life) -> None:
    """For a process whose loop has no place for it: from a thread that ends with the process."""
    threading.Thread(target=_tell, args=(life,), name="life", daemon=True).start()


def _tell(life: Life) -> None:
    said = ""
    while True:
        problem = _problem_of(life)
        if problem and not said:
            logger.warning("event log: not told that this process lives: %s", problem)
        said = problem
        time.sleep(SEEN_EVERY_S)


def _problem_of(life: Life) -> str:
    """Of telling it; whatever it is, it is told later."""
    try:
        life.tell()
        return ""
    except Exception as problem:  # a thread's boundary
        return f"{type(problem).__name__}: {problem}"
    finally:
        close_old_connections()  # none is held between


def write_left(entries: Iterable[Entry]) -> None:
    """Of workers that are gone, each under its own name; what went on then is over."""
    by_worker: dict[str, list[Entry]] = {}
    for entry in entries:
        by_worker.setdefault(entry.key.rpartition(".")[0], []).append(entry)
    for worker, its in by_worker.items():
        log.write(worker, its)
    _close(Incident.objects.filter(kind=WORKER, worker__in=by_worker))


def close_open(worker: str, subject: str, now_us: int) -> None:
    """The writer before us, which had the same ``subject``, is gone: what it left open ended with it.

    Between its last sign of life and our start there was no feed, which is an entry too.
    """
    before = Incident.objects.filter(kind=WORKER, subject=subject).exclude(worker=worker).first()
    if before is None:
        return
    last = before.ended_at or _last_sign(before)
    _close([before])
    if (log.time_of(now_us) - last).total_seconds() > NO_FEED_S:
        words, began_us = "no feed process ran", log.us_of(last)
        log.write(worker, [Entry(f"{worker}.0", WORKER, "", subject, words, began_us, now_us)])


def seen(name: str, now_us: int) -> bool:
    """This process lives: if it is killed, this is when it was seen last. What others left open that were not
    seen for long is closed, because nobody need ever come in their place. False: its own is closed."""
    now = log.time_of(now_us)
    lives = Incident.objects.filter(kind__in=(WORKER, WEB, ENGINES), ended_at=None)
    own, long_ago = lives.filter(worker=name), now - timedelta(seconds=GONE_S)
    slept = own.filter(seen_at__lt=now - timedelta(seconds=GONE_S / 2)).exists()  # then others did, too
    is_there = own.update(seen_at=now) > 0
    if not slept:
        gone = lives.exclude(worker=name).filter(
            Q(seen_at__lt=long_ago) | Q(seen_at=None, began_at__lt=long_ago)
        )
        _bury(list(gone), "not seen for a minute", now_us)
    return is_there


def _bury(lives: list[Incident], words: str, now_us: int, died_us: int = 0) -> None:
    """That one died is an entry of its own, until another came. Of workers the time without a feed is one."""
    for life in lives:
        if life.kind != WORKER:
            began_us = died_us or log.us_of(_last_sign(life))
            died = Entry(f"{life.worker}.2", DIED, "", life.subject, words, began_us, max(began_us, now_us))
            log.write(life.worker, [died])
    _close(lives)


def _close(lives: Iterable[Incident]) -> None:
    """All that these writers left open, themselves included."""
    for life in lives:
        left = Incident.objects.filter(worker=life.worker, ended_at=None)
        left.update(ended_at=Greatest(F("began_at"), _last_sign(life)))


def _last_sign(life: Incident) -> datetime:
    return life.seen_at or life.began_at
