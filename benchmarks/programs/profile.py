"""Where a process spends its time: its own stack, looked at a thousand times a second of processor time."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Sequence
from types import FrameType

EVERY_S = 0.001


class Sampler:
    """``parts``: (name, pieces of a file path); a sample belongs to the innermost frame that one names."""

    def __init__(self, parts: Sequence[tuple[str, Sequence[str]]]) -> None:
        self._parts = parts
        self._known: dict[str, str] = {}
        self.samples: Counter[str] = Counter()

    def start(self) -> None:
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _sample(self, _: int, frame: FrameType | None) -> None:
        while frame is not None:
            part = self._part(frame.f_code.co_filename)
            if part:
                self.samples[part] += 1
                return
            frame = frame.f_back
        self.samples["the rest"] += 1

    def _part(self, path: str) -> str:
        part = self._known.get(path)
        if part is None:
            found = (name for name, pieces in self._parts if any(piece in path for piece in pieces))
            part = self._known[path] = next(found, "")
        return part
