"""Entries of the event log that wait for the database, in a file: a worker that dies leaves them there.

One process has one file, by holding another beside it: it is written whole, in place of the one before, so it
never holds half an entry. It is not forced to the disk: it outlives the process, not the machine's power.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from marketdash import held
from marketdash.ops.incidents import MAX_PENDING, Entry

logger = logging.getLogger(__name__)

LOCK, ENTRIES = ".lock", ".json"

_decode = msgspec.json.Decoder(list[Entry]).decode


class Spill:
    """``left`` is what processes that are gone did not get into the database."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        lock, self._lock = held.first_free(folder, LOCK)
        self._path = lock.with_suffix(ENTRIES)
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
        for lock, _ in held.left_behind(folder, LOCK):
            path = lock.with_suffix(ENTRIES)
            if found := _read(path):
                self.left = _newest([*self.left, *found])
                self.keep([])
            path.unlink(missing_ok=True)


def _newest(entries: Iterable[Entry]) -> list[Entry]:
    """Each once: who died while it took over left them in two files. No more of them than of a life's own."""
    by_key = {entry.key: entry for entry in entries}
    if len(by_key) > MAX_PENDING:
        logger.warning("event log: the oldest %d entries that were left are lost", len(by_key) - MAX_PENDING)
    return list(by_key.values())[-MAX_PENDING:]


def _read(path: Path) -> list[Entry]:
    with contextlib.suppress(FileNotFoundError):
        try:
            return _decode(path.read_bytes())
        except (msgspec.MsgspecError, ValueError) as problem:
            logger.warning("event log: %s: expected entries: %s", path, problem)
    return []
