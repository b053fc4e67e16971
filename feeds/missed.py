"""When trades of one instrument were not heard, and which of its candles are to be asked for therefore."""

from __future__ import annotations

from feeds.symbols import INTERVALS

MINUTE_US = 60_000_000
_KEPT = 64
_FOREVER = 1 << 62


class Missed:
    """Holes in what was heard, as (from, to) in the venue's microseconds, the last one perhaps open.

    ``since_us``: when we began to listen; whatever was before is the first hole.
    """

    __slots__ = ("_holes", "_lost", "_begun", "_due_us")

    def __init__(self, since_us: int) -> None:
        self._holes: list[tuple[int, int]] = [(0, since_us)]
        self._lost: list[int] = []
        self._begun = False
        self._due_us: dict[int, int] = {}

    @property
    def _open(self) -> bool:
        return self._holes[-1][1] == _FOREVER

    def begin(self, from_us: int) -> bool:
        """Trades are missing from there on, until :meth:`end`. False: they are already."""
        if self._open:
            return False
        self._begun = True
        self._holes.append((from_us, _FOREVER))
        del self._holes[1:-_KEPT]
        return True

    def end(self, to_us: int, last_us: int) -> None:
        """Trades come again from ``to_us`` on, or for the first time. ``last_us``: the last one, -1: none."""
        if not self._begun:
            # Between the question and the answer some may have passed: with the first of them, before it.
            self._begun = True
            self.listen_from(to_us if last_us < 0 else last_us)
        if self._open:
            # The venue's clock may be ahead of ours: what has traded until now is in the hole.
            to_us = max(to_us, last_us + 1)
            self._holes[-1] = (self._holes[-1][0], to_us)
            lengths = {interval: interval * MINUTE_US for interval in INTERVALS}
            self._due_us = {i: to_us - to_us % length + length for i, length in lengths.items()}

    def fill(self) -> int | None:
        """The newest hole is none any more: where it began; None where there is none but the first."""
        if len(self._holes) < 2:
            return None
        self._due_us.clear()
        return self._holes.pop()[0]

    def listen_from(self, us: int) -> None:
        """Nothing before that was heard, if it is later than was thought."""
        self._holes[0] = (0, max(self._holes[0][1], us))

    def lose(self, *times_us: int) -> None:
        """Single trades of these times were not taken."""
        del self._lost[:-_KEPT]
        self._lost += times_us

    def within(self, start_us: int, end_us: int) -> bool:
        """Whether some of that span was not heard."""
        if any(start_us <= us < end_us for us in self._lost):
            return True
        return any(hole_from < end_us and start_us < hole_to for hole_from, hole_to in self._holes)

    def due(self, interval: int, now_us: int) -> bool:
        """Whether bars of this length may be missing whole: a quiet instrument's, all of whose trades were in
        the hole. So once the bar in which it ended is over, until :meth:`answered`."""
        return 0 < self._due_us.get(interval, 0) <= now_us

    def answered(self, interval: int, now_us: int) -> None:
        """The venue told its candles of this length."""
        if self.due(interval, now_us):
            del self._due_us[interval]
