"""A venue's own bars of any time, page by page: slowly, so that neither books nor other programs wait."""

from __future__ import annotations

from typing import NamedTuple

from feeds.clock import Clock
from feeds.codec import Codec, Subscription
from feeds.events import Bar
from feeds.rest import Rest

SHARE = 0.25
"""Of what we may use of a venue's weight. A worker and a command beside it stay within the venue's limit."""
_MINUTE_US = 60_000_000
_DAY = 1440


class CandlePage(NamedTuple):
    """Closed bars that start from ``since_us`` on, before the asked end: all that the venue has there."""

    bars: list[Bar]
    since_us: int


class Candles:
    """Of one venue. Raises what :class:`feeds.rest.Rest` raises, and ``DecodeError``."""

    def __init__(self, codec: Codec, rest: Rest, clock: Clock) -> None:
        self._codec, self._rest, self._clock = codec, rest, clock
        self._weight = rest.part(SHARE)

    def first_us(self, interval: int) -> int:
        """The start of the oldest bar that the venue gives; 0: nothing limits it.

        One less than it says, because a bar may close while it is asked.
        """
        kept = self._codec.candles_kept_of.get(interval, self._codec.candles_kept)
        return max(0, self._running_us(interval) - (kept - 2) * interval * _MINUTE_US) if kept else 0

    def _running_us(self, interval: int) -> int:
        now_us = self._clock.wall_ns() // 1000
        return now_us - now_us % (interval * _MINUTE_US)

    async def page(
        self, subscription: Subscription, interval: int, since_us: int, until_us: int
    ) -> CandlePage:
        """The last ones before ``until_us``, as many as one request brings, none before ``since_us``.

        Both are starts of bars. A length that the venue does not have is an empty page that reaches back to
        ``since_us``.
        """
        length_us = interval * _MINUTE_US
        until_us = min(until_us, self._running_us(interval))
        from_us = max(since_us, until_us - self._codec.candles_page * length_us)
        now_us = self._clock.wall_ns() // 1000
        request = self._codec.candles_request(subscription, interval, now_us, from_us)
        if request is None or from_us >= until_us:
            return CandlePage([], since_us)
        await self._weight.wait(request.weight)
        body = await self._rest.get(request, low=True)
        found = self._codec.decode_candles(subscription, interval, body, self._clock.wall_ns() // 1000)
        return CandlePage(
            [bar for bar in found if bar.closed and from_us <= bar.start_us < until_us], from_us
        )

    async def last_day_us(self, subscription: Subscription, before_us: int) -> int:
        """The end of the last day before ``before_us`` that has a bar; 0: no day of a page has one."""
        day_us = _DAY * _MINUTE_US
        found = await self.page(subscription, _DAY, max(day_us, self.first_us(_DAY)), _up(before_us, day_us))
        return max((bar.start_us + day_us for bar in found.bars), default=0)


def _up(us: int, length_us: int) -> int:
    return -(-us // length_us) * length_us
