"""How long a view rests between two flushes, whatever its interval.

A view of several shards hears of its rows shard by shard. Few of them go out as they come: that is the
lowest latency there is. Where they would take all of a core that way, what comes within some milliseconds
goes out as one write for each client.
"""

from __future__ import annotations

CYCLE_S = 0.008
"""From flush to flush under load, unless flushing alone takes longer."""

REST = 0.3
"""The least rest after a flush, as a share of what it took: others want their turn."""

# How much of the past stays in the measure of rows a second, at each flush.
_MEMORY = 0.9


class Pace:
    """The measure of one view's load."""

    __slots__ = ("_rows", "_seconds")

    def __init__(self) -> None:
        self._rows = self._seconds = 0.0

    def rest_s(self, rows: int, since_s: float, took_s: float) -> float:
        """After a flush of ``rows`` that took ``took_s`` and ended ``since_s`` after the one before it."""
        self._rows = _MEMORY * self._rows + rows
        self._seconds = _MEMORY * self._seconds + since_s
        rest_s = REST * took_s
        overloaded = self._rows * took_s > self._seconds
        return max(rest_s, CYCLE_S - took_s) if overloaded else rest_s
