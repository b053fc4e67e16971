"""The views of a hub that have something to say, each in its turn, and a second look at all of them.

Who is due is who stands here, and nothing else says so: a mark of its own that said more, or less, than this
would have a view wait for a turn that nobody gives it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from marketdash.live.fanout import View

logger = logging.getLogger(__name__)

TURN_S = 0.005
"""So long views are flushed before the bus is heard again, and one of them at most: under too much load views
tell their rows less often, one as often as the other, and what they tell stays young. As long as what sockets
ask for is done in a turn, so that neither keeps the other waiting for longer."""

LATE = "told late"
"""Counts what only the second look found."""


class Due(OrderedDict["View", None]):
    """In the order in which they came. Who is due twice has one turn."""

    def __init__(self, counters: Counter[str]) -> None:
        super().__init__()
        self._counters = counters
        self._comes_round = False
        self._unlooked: deque[View] = deque()

    def put(self, view: View) -> None:
        """Once the messages at hand are taken, and the views that were due before it had their turn."""
        self[view] = None
        self._come_round()

    def _come_round(self) -> None:
        if not self._comes_round:
            self._comes_round = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        """For a while: else what a late view tells would be as old as all the views before it are many."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + TURN_S
        try:
            while self and loop.time() <= until_s:
                self.popitem(last=False)[0].flush()
        finally:
            self._comes_round = False
            if self:
                self._come_round()

    def look(self, views: Iterable[View]) -> None:
        """Each second, at all of these, in turns too."""
        begun, self._unlooked = bool(self._unlooked), deque(views)
        if not begun:
            asyncio.get_running_loop().call_soon(self._look_on)

    def _look_on(self) -> None:
        loop, unlooked = asyncio.get_running_loop(), self._unlooked
        until_s = loop.time() + TURN_S
        try:
            while unlooked and loop.time() <= until_s:
                self._look_at(unlooked.popleft())
        finally:
            if unlooked:
                loop.call_soon(self._look_on)

    def _look_at(self, view: View) -> None:
        if found := view.look():
            self._counters[LATE] += 1
            channel, param, interval_ms, symbols = view.key
            named = ", ".join(sorted(symbols)[:3])
            logger.warning("live: %s in a view of %s %d/%d, %s", found, channel, param, interval_ms, named)
