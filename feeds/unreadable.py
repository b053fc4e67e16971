"""Whom a frame that cannot be read speaks of: what they show is proven no more."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping

from feeds.codec import Codec, DecodeError
from feeds.health import LinkHealth
from feeds.roster import Roster
from feeds.shared import Venue
from feeds.symbols import CHANNELS, DERIVATIVES, STATS

logger = logging.getLogger(__name__)

# Venues name channel and symbol before all that a frame may be long for, or behind it.
_HEAD, _TAIL = 4096, 256
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

    def take(self, error: Exception, frame: bytes, *, shown: bool) -> None:
        """``shown``: what the link brings is what readers see."""
        for channel, instrument in (
            spoken_of(self._roster.codec, frame, self._roster.entries) if shown else ()
        ):
            self._venue.state.unreadable(channel, instrument)
        self._health.decode_errors += 1
        self._health.last_error = f"{type(error).__name__}: {error}"[:300]
        if often := self._venue.rarely.due(f"decode {type(error).__name__}"):
            trace = None if isinstance(error, DecodeError) else error
            logger.warning("%s: undecodable (%d times): %s", self._conn, often, error, exc_info=trace)
