"""Entries of the event log that wait for the database, in a file: a worker that dies leaves them there.

One process has one file, by a lock that ends with its holder. It is written whole, so it never holds half an
entry, and not forced to the disk: it outlives the process, not the machine's power.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import logging
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from marketdash.ops.incidents import Entry

logger = logging.getLogger(__name__)

_decode = msgspec.json.Decoder(list[Entry]).decode


class Spill:
    """``left`` is what processes that are gone did not get into the database."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path, self._lock = _own(folder)
        self.left = self._kept = _read(self._path)
        self._take_over(folder)

    def keep(self, entries: Iterable[Entry]) -> None:
        """What is left and these wait, and nothing else. Raises :class:`OSError` with the file as before."""
        wanted = [*self.left, *entries]
        if wanted == self._kept:
            return
        if wanted:
            part = self._path.with_suffix(".part")
            part.write_bytes(msgspec.json.encode(wanted))
            part.replace(self._path)
        else:
            self._path.unlink(missing_ok=True)
        self._kept = wanted

    def stored(self) -> None:
        """What was left is in the database; the next :meth:`keep` forgets it."""
        self.left = []

    def close(self) -> None:
        os.close(self._lock)

    def _take_over(self, folder: Path) -> None:
        """What is in files that nobody holds goes into ours, before they are removed."""
        for path in sorted(folder.glob("*.json")):
            lock = None if path == self._path else _locked(path)
            if lock is not None:
                self.left = [*self.left, *_read(path)]
                self.keep([])
                path.unlink()
                os.close(lock)


def _own(folder: Path) -> tuple[Path, int]:
    """The first file that no living process holds."""
    for number in itertools.count(1):
        path = folder / f"{number}.json"
        lock = _locked(path)
        if lock is not None:
            return path, lock
    raise AssertionError("there is always a next number")


def _locked(path: Path) -> int | None:
    """None when another process has it."""
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return lock
    except BlockingIOError:
        os.close(lock)
        return None


def _read(path: Path) -> list[Entry]:
    with contextlib.suppress(FileNotFoundError):
        try:
            return _decode(path.read_bytes())
        except (msgspec.MsgspecError, ValueError) as problem:
            logger.warning("event log: %s: expected entries: %s", path, problem)
    return []
