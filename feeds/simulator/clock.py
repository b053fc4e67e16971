"""The simulator's time: the machine's, unless it is held still and moved by hand."""

from __future__ import annotations

import time


class SimulatorClock:
    """Nanoseconds since 1970. Runs with the monotonic clock from ``start_ns``; never goes back.

    ``held`` from the start, it stands at exactly ``start_ns``.
    """

    def __init__(self, start_ns: int | None = None, *, held: bool = False) -> None:
        self._base_ns = time.time_ns() if start_ns is None else start_ns
        self._mono_ns = time.monotonic_ns()
        self._held = held

    def now_ns(self) -> int:
        if self._held:
            return self._base_ns
        return self._base_ns + time.monotonic_ns() - self._mono_ns

    def hold(self) -> None:
        """Stand still until :meth:`release`; only :meth:`advance` moves it."""
        self._base_ns, self._held = self.now_ns(), True

    def release(self) -> None:
        """Run on from where it stands."""
        self._base_ns, self._mono_ns, self._held = self.now_ns(), time.monotonic_ns(), False

    def advance(self, by_ns: int) -> None:
        """Move forward by ``by_ns``."""
        self._base_ns += by_ns
