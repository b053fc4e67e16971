"""Ages of what screens showed, by time: they grow with the clock and fall when a newer value comes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Span = tuple[float, float]
"""The age when a value was first shown, and when it was replaced."""


class Sawtooth:
    """One symbol on one screen. Times and births are in one unit, whichever it is."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self._born = self._since = -1.0

    def shows(self, born: float, at: float) -> None:
        """What was born then is on the screen from ``at`` on."""
        self.ends(at)
        self._born = born

    def ends(self, at: float) -> None:
        """The window ends, or begins: what is shown is counted until here."""
        if self._born >= 0 and at > self._since:
            self.spans.append((self._since - self._born, at - self._born))
        self._since = at

    def forget(self, at: float) -> None:
        """A window begins: what was before does not count."""
        self.ends(at)
        self.spans.clear()


def mean(spans: Sequence[Span]) -> float:
    total = sum(end - start for start, end in spans)
    return sum((end - start) * (end + start) / 2 for start, end in spans) / total


def quantiles(spans: Sequence[Span], shares: Iterable[float]) -> list[float]:
    """``shares`` ascending. Exact: ages are even between the ends of a span."""
    edges = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans])
    total = sum(end - start for start, end in spans)
    wanted, found = [share * total for share in shares], []
    passed, active, at = 0.0, 0, edges[0][0]
    for edge, change in edges:
        grown = passed + active * (edge - at)
        while active and len(found) < len(wanted) and grown >= wanted[len(found)]:
            found.append(at + (wanted[len(found)] - passed) / active)
        passed, at, active = grown, edge, active + change
    return found + [at] * (len(wanted) - len(found))
