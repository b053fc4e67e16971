"""An append-only file of bars on their way to the database: what a crash or an outage would lose.

A line is a bar; it counts when its end of line is there. The file is emptied when all of it is stored, so it
is seldom longer than a minute's bars. One process has one file, held by a lock; what another process left
behind, whose file nobody holds, is taken over.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from feeds.events import Bar
from marketdash import held

logger = logging.getLogger(__name__)

SUFFIX = ".journal"
_LINES = 500
# The longest line there can be: names, numbers and room.
_MAX_LINE = 4096
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Bar).decode


class Journal:
    """Safe to use from two threads: one appends, one reads what is to be stored and says when it is.

    ``broken`` counts lines that were none: the torn end of a crash, or what someone else wrote.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.broken = 0
        self._lock = threading.Lock()
        self._read_to = 0
        self.path, self._fd = held.first_free(folder, SUFFIX)
        self._trim()
        self._take_over(folder)

    @property
    def waiting(self) -> int:
        """Bytes that are not stored yet."""
        with self._lock:
            return os.fstat(self._fd).st_size - self._read_to

    def append(self, bars: Iterable[Bar]) -> None:
        """On the disk when it returns. Raises :class:`OSError` with nothing written: a half is cut off."""
        text = b"".join(_encode(bar) + b"\n" for bar in bars)
        if not text:
            return
        with self._lock:
            size = os.fstat(self._fd).st_size
            try:
                _write(self._fd, text)
                os.fdatasync(self._fd)
            except OSError:
                os.ftruncate(self._fd, size)
                raise

    def next(self) -> tuple[list[Bar], int]:
        """The oldest bars that are not stored, and what to tell :meth:`stored`; ``([], 0)``: none."""
        with self._lock:
            chunk = os.pread(self._fd, _LINES * _MAX_LINE, self._read_to)
        lines = chunk.split(b"\n")[:-1][:_LINES]
        if not lines and len(chunk) == _LINES * _MAX_LINE:
            return self._bars([chunk]), len(chunk)  # no line of ours is that long
        return self._bars(lines), sum(map(len, lines)) + len(lines)

    def _bars(self, lines: Sequence[bytes]) -> list[Bar]:
        found = []
        for line in lines:
            try:
                found.append(_decode(line))
            except (msgspec.MsgspecError, ValueError):
                self.broken += 1
                logger.warning("history: %s: expected a bar, found %.120r", self.path.name, line)
        return found

    def stored(self, length: int) -> None:
        """The bars of :meth:`next` are in the database."""
        with self._lock:
            self._read_to += length
            if self._read_to >= os.fstat(self._fd).st_size:
                os.ftruncate(self._fd, 0)
                self._read_to = 0

    def close(self) -> None:
        """Leaves what is not stored for whoever comes next."""
        os.close(self._fd)

    def _trim(self) -> None:
        """Cut off a line that a crash left without its end: what follows must not be glued to it."""
        size = os.fstat(self._fd).st_size
        whole = size
        while whole and os.pread(self._fd, 1, whole - 1) != b"\n":
            whole -= 1
        if whole < size:
            self.broken += 1
            os.ftruncate(self._fd, whole)

    def _take_over(self, folder: Path) -> None:
        for _, fd in held.left_behind(folder, SUFFIX):
            left = os.pread(fd, os.fstat(fd).st_size, 0)
            _write(self._fd, left[: left.rfind(b"\n") + 1])
            os.fsync(self._fd)
            os.ftruncate(fd, 0)


def _write(fd: int, text: bytes) -> None:
    """All of it: a disk may take a part."""
    view = memoryview(text)
    while view:
        view = view[os.write(fd, view) :]
