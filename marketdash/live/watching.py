"""Topics that a process hears of without viewing them: :func:`marketdash.publish.watch`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from marketdash.live.inputs import Feed


class Watcher:
    """A :class:`marketdash.publish.Watch`: who hears each move of topics and makes none of them."""

    stirred = False

    def __init__(self, feed: Feed, stir: Callable[[], None], closed: Callable[[Feed], None]) -> None:
        self._feed, self.stir, self._closed = feed, stir, closed
        self._names: set[str] = set()
        self.moved, self.value = feed.moved, feed.value

    def use(self, topics: Iterable[str]) -> None:
        before, self._names = self._names, set(topics)
        self._feed.use(self, before, self._names)

    def close(self) -> None:
        self.use(())
        self._closed(self._feed)
