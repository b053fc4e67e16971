"""When a view has its turn: after its interval, its rest, and what else is due.

Whether it will have one is asked of the timer and of the queue themselves: a mark that said so beside them
could stay behind when the turn is gone, and nothing that moves would be told any more.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from marketdash.live.due import Due
from marketdash.live.pace import Pace

if TYPE_CHECKING:
    from marketdash.live.fanout import View


class Wake:
    """Of one view. ``gathers``: its topics come from several shards, so under load it rests."""

    __slots__ = (
        "_view", "_due", "_gathers", "_pace", "_timer", "_at_s", "_flushed_s", "_rest_s", "_looked_s",
    )  # fmt: skip

    def __init__(self, view: View, due: Due, *, gathers: bool) -> None:
        self._view, self._due, self._gathers = view, due, gathers
        self._pace = Pace()
        self._timer: asyncio.Handle | None = None
        self._at_s = self._flushed_s = self._rest_s = self._looked_s = 0.0

    @property
    def is_set(self) -> bool:
        """Whether it has a turn to come."""
        return self._timer is not None or self._view in self._due

    def soon(self) -> None:
        """After what else is due."""
        self._due.put(self._view)

    def set(self) -> None:
        """As soon as more may be told."""
        loop, next_s = asyncio.get_running_loop(), self.next_s
        if next_s <= loop.time():
            self.soon()
        elif self._timer is None:
            self._timer, self._at_s = loop.call_at(next_s, self._rings), next_s

    def _rings(self) -> None:
        self._timer = None
        self.soon()

    @property
    def next_s(self) -> float:
        """When more may be told."""
        return self._flushed_s + max(self._view.key.interval_ms / 1000, self._rest_s)

    def told(self, rows: int, started_s: float) -> None:
        """A turn that began then is over."""
        before_s, self._flushed_s = self._flushed_s, asyncio.get_running_loop().time()
        if self._gathers:
            since_s, took_s = self._flushed_s - before_s, self._flushed_s - started_s
            self._rest_s = self._pace.rest_s(rows, since_s, took_s)

    def is_lost(self) -> bool:
        """Asked at each look: whether it has no turn to come, or should have had it before the last look: a
        loop that stood still has only not come to it yet."""
        before_s, self._looked_s = self._looked_s, asyncio.get_running_loop().time()
        if self._view in self._due:
            return False
        return self._timer is None or self._at_s < before_s

    def again(self) -> None:
        """In place of one that may be lost."""
        self._drop_timer()
        self.set()

    def _drop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def drop(self) -> None:
        """It has none any more."""
        self._drop_timer()
        self._due.pop(self._view, None)
