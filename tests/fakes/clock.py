"""A clock that stands still until it is told otherwise."""

from __future__ import annotations


class FakeClock:
    paced = True

    def __init__(self, wall_ns: int = 1_766_000_000_000_000_000) -> None:
        self._wall_ns, self._mono_ns = wall_ns, 1_000_000_000

    def wall_ns(self) -> int:
        return self._wall_ns

    def mono_ns(self) -> int:
        return self._mono_ns

    def advance(self, seconds: float) -> None:
        self._wall_ns += round(seconds * 1e9)
        self._mono_ns += round(seconds * 1e9)

    def set_wall(self, wall_ns: int) -> None:
        self._mono_ns += max(0, wall_ns - self._wall_ns)
        self._wall_ns = wall_ns

    def jump(self, seconds: float) -> None:
        """Somebody set the wall's clock."""
        self._wall_ns += round(seconds * 1e9)
