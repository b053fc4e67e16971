"""What no stream tells and REST has to be asked for again and again, within a share of the venue's weight."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable

from feeds.clock import Clock
from feeds.codec import Codec, DecodeError, RestRequest, Subscription
from feeds.ratelimit import Seldom
from feeds.rest import Rest, RestError
from feeds.state import MarketState

logger = logging.getLogger(__name__)

_NS = 1_000_000_000
# Of what we use of the weight: a book's snapshot and a chart matter more.
SHARE = 0.25
WATCHED_S, OTHERS_S = 15.0, 60.0
"""The least between two requests for an instrument that somebody watches, or holds, and for any other."""
_LOOK_S = 1.0


class Polls:
    """One venue's. The longest unasked comes first, so with more instruments than weight all wait alike."""

    def __init__(
        self, codec: Codec, state: MarketState, rest: Rest, clock: Clock, counters: Counter[str]
    ) -> None:
        self._codec, self._state, self._rest, self._clock = codec, state, rest, clock
        self.counters = counters
        self._weight, self._seldom = rest.part(SHARE), Seldom(60, clock)
        self._wanted: dict[Subscription, RestRequest] = {}
        self._asked_ns: dict[Subscription, int] = {}

    def follow(self, wanted: Iterable[Subscription]) -> None:
        """The whole wanted set of the venue."""
        asked = ((item, self._codec.poll_request(item)) for item in wanted)
        self._wanted = {item: request for item, request in asked if request is not None}
        self._asked_ns = {item: at for item, at in self._asked_ns.items() if item in self._wanted}

    async def run(self) -> None:
        """Ask for what is due, one after the other; until cancelled."""
        while True:
            subscription = self._due()
            if subscription is None or self._rest.banned_s:
                await asyncio.sleep(max(_LOOK_S, self._rest.banned_s))
                continue
            request = self._wanted[subscription]
            self._asked_ns[subscription] = self._clock.mono_ns()
            await self._weight.wait(request.weight)
            await self._ask(subscription, request)

    def _due(self) -> Subscription | None:
        now_ns, preferred = self._clock.mono_ns(), self._state.preferred
        late: list[tuple[float, Subscription]] = []
        for item in self._wanted:
            asked_ns = self._asked_ns.get(item)
            every_s = WATCHED_S if item.instrument in preferred else OTHERS_S
            past = float("inf") if asked_ns is None else (now_ns - asked_ns) / (every_s * _NS)
            if past >= 1:
                late.append((past, item))
        return max(late)[1] if late else None

    async def _ask(self, subscription: Subscription, request: RestRequest) -> None:
        try:
            body = await self._rest.get(request, low=True)
            events = self._codec.decode_poll(subscription, body, self._clock.wall_ns())
        except (RestError, DecodeError) as error:
            self.counters["fetch errors"] += 1
            if often := self._seldom.due(type(error).__name__):
                logger.warning("poll of %s failed (%d times): %s", subscription.instrument, often, error)
            return
        self.counters["polls"] += 1
        for event in events:
            self._state.apply(event, "")
