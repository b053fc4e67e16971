"""Names whoever holds the loop up: a thread looks at it from outside, and logs the stack that is in the way.

Everybody in the process waits for one call that blocks. Nothing can end it, but the log says which it was,
and the figures how often.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable

logger = logging.getLogger(__name__)

TICK_S, LIMIT_S = 0.1, 0.5
LINES = 12
"""Of the stack, the innermost calls."""


class Stalls:
    """Of the running loop, until :meth:`end`. ``counters["stalls"]`` counts them."""

    def __init__(
        self, counters: Counter[str], *, limit_s: float = LIMIT_S, say: Callable[[str], None] = logger.warning
    ) -> None:
        self._loop, self._thread_id = asyncio.get_running_loop(), threading.get_ident()
        self._counters, self._limit_s, self._say = counters, limit_s, say
        self._ended = threading.Event()
        self._tick()
        threading.Thread(target=self._watch, name="stalls", daemon=True).start()

    def end(self) -> None:
        self._ended.set()
        self._timer.cancel()

    def _tick(self) -> None:
        self._ticked_s = time.monotonic()
        self._timer = self._loop.call_later(TICK_S, self._tick)

    def _watch(self) -> None:
        told_s = 0.0
        while not self._ended.wait(TICK_S):
            ticked_s = self._ticked_s
            if time.monotonic() - ticked_s - TICK_S > self._limit_s and ticked_s != told_s:
                told_s = ticked_s  # once for each
                self._counters["stalls"] += 1
                self._say(f"the loop stands still for {self._limit_s:g} s by now, in:\n{self._stack()}")

    def _stack(self) -> str:
        frame = sys._current_frames().get(self._thread_id)
        return "".join(traceback.format_stack(frame)[-LINES:]) if frame is not None else "(it is gone)"
