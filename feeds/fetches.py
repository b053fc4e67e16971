"""What a venue's REST interface is asked for: snapshots of books that wait for one, then candles."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Iterable
from contextlib import suppress

from feeds.backoff import Repeats
from feeds.clock import Clock
from feeds.codec import Codec, DecodeError, Subscription
from feeds.events import BookSnapshot
from feeds.ratelimit import Seldom
from feeds.rest import Banned, Rest, RestError
from feeds.state import MarketState
from feeds.symbols import TRADE

logger = logging.getLogger(__name__)

_NS = 1_000_000_000
# Snapshots on their way at once: enough to hide the round trip, few enough to keep the order of preference.
_AT_ONCE = 3
_LOOK_S = 0.2
# The same candles are asked for again no sooner: a bar of a minute that stays incomplete is asked once more.
_CANDLES_AGAIN_S = 30
_MAX_ASKED = 20_000
_ORDER_S = 1.0


class Fetches:
    """Both queues of one venue. They wait for its weight, and during a ban they ask for nothing."""

    def __init__(
        self, codec: Codec, state: MarketState, rest: Rest, clock: Clock, counters: Counter[str]
    ) -> None:
        self._codec, self._state, self._rest, self._clock = codec, state, rest, clock
        self.counters = counters
        self._wake = asyncio.Event()
        self._repeats, self._seldom = Repeats(calm_s=5, spare=_AT_ONCE), Seldom(60, clock)
        self._not_before: dict[str, int] = {}
        self._under_way: set[str] = set()
        self._traded: dict[str, Subscription] = {}
        # Wishes, the newest last; what is to be fetched in the next moment, in that order.
        self._asked: dict[tuple[str, int], None] = {}
        self._queue: deque[tuple[str, int]] = deque()
        self._queued_ns = 0
        self._asked_ns: dict[tuple[str, int], int] = {}

    def wake(self) -> None:
        """A book needs a snapshot."""
        self._wake.set()

    # snapshots

    async def snapshots(self) -> None:
        """Fetch them as they are needed, preferred instruments first; until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                subscription = self._next_snapshot() if len(self._under_way) < _AT_ONCE else None
                if subscription is not None:
                    self._under_way.add(subscription.instrument)
                    group.create_task(self._snapshot(subscription))
                    continue
                self._wake.clear()
                # Not wait_for: before Python 3.12 it may lose a cancellation that comes with the event.
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(_LOOK_S, self._rest.banned_s)):
                        await self._wake.wait()

    def _next_snapshot(self) -> Subscription | None:
        if self._codec.snapshots != "rest" or self._rest.banned_s:
            return None
        now_ns = self._clock.mono_ns()
        for subscription in self._state.needs_snapshot():
            name = subscription.instrument
            if name not in self._under_way and self._not_before.get(name, 0) <= now_ns:
                return subscription
        return None

    async def _snapshot(self, subscription: Subscription) -> None:
        """Fetch one and hand it to the state, which asks again when it is too old."""
        name, now_ns = subscription.instrument, self._clock.mono_ns()
        # Counted before the answer: an instrument that needs one again soon has to wait longer.
        wait_s = self._repeats.wait_s(name, now_ns)
        self._not_before[name] = now_ns + round(max(wait_s, _LOOK_S) * _NS)
        asked = self._state.awaiting(name)
        try:
            snapshot = await self._fetched(subscription)
            now = self._state.awaiting(name)
            # One that was asked for before a loss has to be proven by what came since.
            if snapshot is not None and (now or now is asked):
                self._state.apply(snapshot, "")
        except (RestError, DecodeError) as error:
            self._failed(f"snapshot of {name}", error)
        finally:
            self._under_way.discard(name)
            self._wake.set()

    async def _fetched(self, subscription: Subscription) -> BookSnapshot | None:
        request = self._codec.snapshot_request(subscription)
        if request is None:
            return None
        body = await self._rest.get(request)
        self.counters["snapshots"] += 1
        return self._codec.decode_snapshot(subscription, body, self._clock.wall_ns())

    def _failed(self, what: str, error: Exception) -> None:
        self.counters["fetch errors"] += 1
        if often := self._seldom.due(f"{type(error).__name__} {what[:8]}"):
            logger.warning("%s: %s failed (%d times): %s", self._codec.venue, what, often, error)

    # candles

    def follow(self, wanted: Iterable[Subscription]) -> None:
        """What has bars: the traded instruments. The minutes before we began are fetched once for each."""
        traded = {item.instrument: item for item in wanted if item.channel == TRADE}
        for instrument in traded.keys() - self._traded.keys():
            self.ask(instrument, 1)
        self._traded = traded

    def ask(self, instrument: str, interval: int) -> None:
        """Fetch the bars of ``interval`` minutes when there is time; the newest wishes come first."""
        if len(self._asked) < _MAX_ASKED:
            self._asked.setdefault((instrument, interval))
            self._queue.clear()  # somebody may be waiting for it

    async def candles(self) -> None:
        """Fetch them one after the other, in what weight the books leave; until cancelled."""
        while True:
            wanted = self._next_candles()
            if wanted is None or self._rest.banned_s:
                await asyncio.sleep(max(_LOOK_S, self._rest.banned_s))
                continue
            self._asked_ns[wanted] = self._clock.mono_ns()
            try:
                await self._candles(*wanted)
            except Banned as error:
                self._asked = {wanted: None, **self._asked}
                self._failed(f"candles of {wanted[0]}", error)
            except (RestError, DecodeError) as error:
                self._failed(f"candles of {wanted[0]}", error)

    def _next_candles(self) -> tuple[str, int] | None:
        """The order holds for a moment: to make it is a pass over every market."""
        now_ns = self._clock.mono_ns()
        if not self._queue or now_ns - self._queued_ns > _ORDER_S * _NS:
            self._queue, self._queued_ns = deque(self._in_order()), now_ns
        chosen = self._queue.popleft() if self._queue else None
        self._asked.pop(chosen, None)
        return chosen

    def _in_order(self) -> Iterable[tuple[str, int]]:
        """Holes and wishes of preferred instruments first, then other holes, then the rest of the history;
        each once."""
        preferred = self._state.preferred
        newest = list(reversed(self._asked))
        asked = sorted(newest, key=lambda wanted: wanted[0] not in preferred)
        holes = [wanted for wanted in self._state.needs_backfill() if self._due(wanted)]
        first = [wanted for wanted in (*holes, *asked) if wanted[0] in preferred]
        return dict.fromkeys((*first, *holes, *asked))

    def _due(self, wanted: tuple[str, int]) -> bool:
        asked_ns = self._asked_ns.get(wanted)
        return asked_ns is None or self._clock.mono_ns() - asked_ns > _CANDLES_AGAIN_S * _NS

    async def _candles(self, instrument: str, interval: int) -> None:
        subscription = self._traded.get(instrument)
        if subscription is None:
            return
        request = self._codec.candles_request(subscription, interval, self._state.venue_us)
        if request is None:
            return
        body = await self._rest.get(request, low=True)
        bars = self._codec.decode_candles(subscription, interval, body, self._state.venue_us)
        self._state.backfill(bars)
        self.counters["candles"] += 1
