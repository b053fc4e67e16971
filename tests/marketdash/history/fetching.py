"""A venue that has bars of any time, and a backfill done from it in one go."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from feeds.codec import Subscription
from feeds.events import Bar as Event
from marketdash.history import backfills
from marketdash.history.derive import MINUTE_US
from marketdash.history.models import Backfill, Bar
from marketdash.history.repairs import Filler
from marketdash.instruments.models import Instrument
from tests.marketdash.history.making import DAY_US, T0_US, bar

NOW_US = T0_US + 3 * DAY_US


class Page(NamedTuple):
    bars: list[Event]
    since_us: int


class Venue:
    """Bars of 1 m from ``first_us`` on (days apart), 100 a page; breaks down at the request ``fails_at``."""

    def __init__(self, first_us: int = T0_US, *, kept_us: int = 0, page: int = 100) -> None:
        self.first, self.kept_us, self.page_bars = first_us, kept_us, page
        self.asked: list[tuple[int, int, int]] = []
        self.fails_at = -1
        self.silent: Callable[[int], bool] = lambda us: False

    def first_us(self, interval: int) -> int:
        return self.kept_us

    async def page(self, subscription: Subscription, interval: int, since_us: int, until_us: int) -> Page:
        self.asked.append((interval, since_us, until_us))
        if len(self.asked) == self.fails_at:
            raise ConnectionError("no answer")
        length_us = interval * MINUTE_US
        from_us = max(since_us, until_us - self.page_bars * length_us)
        starts = range(max(from_us, self.first), until_us, length_us)
        made = [
            bar((us - T0_US) // length_us, interval=interval, symbol=subscription.instrument) for us in starts
        ]
        return Page([each for each in made if not self.silent(each.start_us)], from_us)

    async def last_day_us(self, subscription: Subscription, before_us: int) -> int:
        self.asked.append((1440, 0, before_us))
        minutes = range(before_us - MINUTE_US, max(self.first, before_us - 30 * DAY_US) - 1, -MINUTE_US)
        last = next((us for us in minutes if us >= self.first and not self.silent(us)), None)
        return 0 if last is None else last - last % DAY_US + DAY_US


async def inline(work: Callable[[], Any]) -> Any:
    return work()


def filled(venue: Venue, row: Backfill, tell: Callable[[Backfill], None] = lambda row: None) -> bool:
    return done(Filler(venue, now_us=lambda: NOW_US, hand=inline, tell=tell).fill(row))


def done(work: Coroutine[Any, Any, bool]) -> bool:
    """Without a loop: in a task Django would open a connection that sees nothing of the test."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waited")


def asked(row: Instrument, since_us: int, interval: int = 1) -> Backfill:
    return backfills.ask(row, interval, since_us, NOW_US, "alice")


def minutes() -> list[int]:
    found = Bar.objects.filter(interval=1).order_by("start_us").values_list("start_us", flat=True)
    return [(us - T0_US) // MINUTE_US for us in found]
