"""Why a venue, or one of its markets, stands still: its own word, or its hours."""

from __future__ import annotations

from feeds.codec import Codec
from feeds.events import CLOSED
from feeds.phases import phase_at, words_at
from feeds.topics import Standstill


class Halts:
    """Of one venue. ``said``: what it says of itself; ``closed``: until when its hours are over, in words;
    each ``""`` while that is no reason."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self.said = self.closed = ""

    @property
    def venue(self) -> Standstill:
        """Its own word goes before its hours."""
        if self.said or not self.closed:
            return Standstill(self.said)
        return Standstill(self.closed, CLOSED)

    def hours(self, instrument: str, now_us: int) -> str:
        """Until when the hours of one market are over, in words; ``""``: they are not, or nobody knows."""
        phases = self._codec.hours_of(instrument, now_us)
        if phase_at(phases, now_us) != CLOSED:
            return ""
        return words_at(phases, now_us, self._codec.zone_of(instrument))
