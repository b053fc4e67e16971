"""Whom a frame that cannot be read, or is of no known kind, speaks of: what they show is proven no more."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from functools import partial

from feeds.codec import Codec, DecodeError
from feeds.health import LinkHealth
from feeds.roster import Roster
from feeds.shared import Venue
from feeds.state import UNREADABLE
from feeds.symbols import BOOK, CHANNELS, DERIVATIVES, STATS

logger = logging.getLogger(__name__)

# Venues name channel and symbol before all that a frame may be long for, or behind it.
_HEAD, _TAIL = 4096, 256
# A kind is what a frame begins with, but for digits. So many surprise: who has ever new ones has no kinds.
_KIND, _MOST_KINDS = 96, 32
_without_digits = partial(re.compile(rb"[0-9]+").sub, b"")
UNKNOWN = "a message of no known kind"
_ALL = (*CHANNELS, STATS, *DERIVATIVES)
# Where a frame was cut nobody knows which quote opens and which closes.
_WORDS = re.compile(rb'(?="([^"\\]{1,64})")').findall


def spoken_of(
    codec: Codec, frame: bytes, followed: Mapping[tuple[str, str], object]
) -> Iterator[tuple[str, str]]:
    """(channel, instrument) of ``followed`` that it names; all channels where it names none."""
    head = frame[:_HEAD] + frame[max(_HEAD, len(frame) - _TAIL) :]
    yield from (key for key in codec.numbered(head) if key in followed)
    marked = [channel for channel, marks in codec.marks.items() if any(mark in head for mark in marks)]
    # A symbol stands alone, within the dotted name of a stream, or at the end of one with underscores; some
    # venues write it small there.
    words = [word.decode("utf-8", "replace") for word in _WORDS(head)]
    parts = ((word, *word.split("."), word.rpartition("_")[2], word.upper()) for word in words)
    named = dict.fromkeys(part for each in parts for part in each)
    for instrument in (f"{codec.venue}:{name}" for name in named):
        for channel in marked or _ALL:
            if (channel, instrument) in followed:
                yield channel, instrument


class Unreadable:
    """What frames of one link that cannot be read cost: they are counted, and whom they speak of is told."""

    def __init__(self, conn: str, venue: Venue, roster: Roster, health: LinkHealth) -> None:
        self._conn, self._venue, self._roster, self._health = conn, venue, roster, health
        self._kinds: set[bytes] = set()

    def take(self, error: Exception, frame: bytes, *, shown: bool) -> None:
        """``shown``: what the link brings is what readers see."""
        if shown:
            self._tell(frame)
        self._health.decode_errors += 1
        self._health.last_error = f"{type(error).__name__}: {error}"[:300]
        if often := self._venue.rarely.due(f"decode {type(error).__name__}"):
            trace = None if isinstance(error, DecodeError) else error
            logger.warning("%s: undecodable (%d times): %s", self._conn, often, error, exc_info=trace)

    def _tell(self, frame: bytes) -> None:
        codec, entries = self._roster.codec, self._roster.entries
        named = list(spoken_of(codec, frame, entries))
        for channel, instrument in named:
            self._venue.state.unreadable(channel, instrument)
        marks = () if BOOK in codec.brings_others else codec.marks.get(BOOK, ())
        if not named and any(mark in frame[:_HEAD] for mark in marks) and self._surprises(frame):
            self._venue.state.doubt([name for channel, name in entries if channel == BOOK], UNREADABLE)

    def unknown(self, frame: bytes) -> None:
        """It may be a change of a book whose channel was altered, or be of a new kind, which comes again: the
        first of a kind makes the books doubtful that it names, and no other one."""
        named = spoken_of(self._roster.codec, frame, self._roster.entries)
        books = [instrument for channel, instrument in named if channel == BOOK]
        if books and self._surprises(frame):
            self._venue.state.doubt(books, UNKNOWN)

    def _surprises(self, frame: bytes) -> bool:
        kind = _without_digits(frame[:_KIND])
        if kind in self._kinds or len(self._kinds) >= _MOST_KINDS:
            return False
        self._kinds.add(kind)
        return True
