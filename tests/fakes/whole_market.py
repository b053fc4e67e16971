"""One worker on all venues of a simulator: what it wants, how long the venues' limits make that take, whether
every book is the true one."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from feeds import venues
from feeds.clock import SystemClock
from feeds.codec import Codec, Subscription
from feeds.rest import Rest, fetch_instruments
from feeds.sinks import Sink
from feeds.symbols import BOOK, TICKER, TRADE, channels_of
from feeds.venuefeed import VenueFeed
from feeds.worker import Worker
from tests.fakes.feed import running
from tests.fakes.keyed import keyed
from tests.fakes.simulator_process import SimulatorProcess

DEPTH = 100
UNTROUBLED = dict.fromkeys(("crashes", "reconnects", "gaps", "checksum"), 0)


class WholeMarket:
    """Ticker, trades and book of every instrument on one worker."""

    def __init__(
        self,
        simulator: SimulatorProcess,
        wanted: list[Subscription],
        port: int = 0,
        sinks: Sequence[Sink] = (),
    ) -> None:
        self.simulator, self.wanted = simulator, wanted
        self.instruments = list(dict.fromkeys(item.instrument for item in wanted))
        codecs = {name: keyed(venues.codec(name)) for name in venues.VENUES}
        self.worker = Worker(codecs, sinks, SystemClock(), urls=simulator.urls(port))
        self.worker.desire(wanted)
        self.started_s = time.monotonic()

    def not_live(self, *channels: str) -> list[str]:
        """Topics, or those of these channels, each with its state and the reason."""
        found = []
        for channel, name, *_ in self.wanted:
            if channels and channel not in channels:
                continue
            shown = self.worker.venues[name.partition(":")[0]].state.topic_state(channel, name)
            if shown.state != "live":
                found.append(f"{channel}:{name} {shown.state} {shown.reason}")
        return found

    async def unlike(self) -> list[str]:
        """Instruments whose best :data:`DEPTH` levels a side are not the true ones, to the last digit."""
        found = []
        for name in dict.fromkeys(item.instrument for item in self.wanted if item.channel == BOOK):
            book = self.worker.venues[name.partition(":")[0]].state.book(name)
            if book is None or tuple(book.best(DEPTH)) != await self.simulator.book(name, DEPTH):
                found.append(name)
        return found

    async def until_live(self, within_s: float, since_s: float = 0.0) -> float:
        """Seconds from the start, or from ``since_s`` of the monotonic clock, until every topic was live."""
        since_s = since_s or self.started_s
        while waiting := self.not_live():
            took_s = time.monotonic() - since_s
            assert took_s < within_s, f"{len(waiting)} not live in {took_s:.1f} s: {waiting[:5]}"
            await asyncio.sleep(0.02)
        return time.monotonic() - since_s

    async def until_true(self, within_s: float = 30) -> None:
        """With trading stopped, every book becomes the true one: what is on its way still arrives."""
        await self.simulator.tell("pause")
        await self.simulator.tell("step")  # sends what was being gathered
        until_s = time.monotonic() + within_s
        while wrong := await self.unlike():
            assert time.monotonic() < until_s, f"{len(wrong)} books are not true: {wrong[:5]}"
            await asyncio.sleep(0.1)

    async def until_traded(self, actions: int) -> None:
        """So much happened on the venues from now on."""
        enough = (await self.simulator.tell("stats"))["actions"] + actions
        while (await self.simulator.tell("stats"))["actions"] < enough:  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.1)

    def trouble(self) -> dict[str, int]:
        """What went wrong on the way and was healed: nothing should have."""
        feeds = self.worker.venues.values()
        return {
            "crashes": self.worker.counters["crashes"] + sum(feed.counters["crashes"] for feed in feeds),
            "reconnects": sum(link.reconnects for feed in feeds for link in feed.links),
            "gaps": sum(feed.state.counters["gaps"] for feed in feeds),
            "checksum": sum(feed.state.counters["checksum"] for feed in feeds),
        }

    def legal_s(self) -> float:
        """The least time in which the venues' limits, as the codecs keep them, let all be asked for."""
        # Of some venues nothing is wanted: what they have is shown and not traded.
        return max(legal_s(feed) for feed in self.worker.venues.values() if feed.sessions)


def legal_s(feed: VenueFeed) -> float:
    """The same of one venue."""
    codec, limits = feed.codec, feed.codec.limits
    links = [session.wanted for session in feed.sessions.values()]
    connects_s = _windows(len(links), limits.connects) * limits.connects_window_s
    messages = max(len(codec.subscribe(wanted, 1)) for wanted in links)
    fetched = [codec.snapshot_request(item) for wanted in links for item in wanted if item.channel == BOOK]
    weight = sum(request.weight for request in fetched if request)
    fetched_s = _windows(weight, limits.rest_weight) * limits.rest_window_s
    asked_s = messages / limits.messages_per_s if limits.messages_per_s else 0
    return connects_s + asked_s + fetched_s


def _windows(count: int, limit: int) -> int:
    """How many whole windows pass before the last of ``count`` may go."""
    return max(0, math.ceil(count / limit) - 1)


async def _subscriptions(codec: Codec, url: str) -> list[Subscription]:
    async with Rest(codec, SystemClock(), url=url) as rest:
        specs = await fetch_instruments(codec, rest)
    return [
        Subscription(channel, f"{codec.venue}:{spec.native}", spec.native, DEPTH * (channel == BOOK))
        for spec in specs
        if spec.kind != "index"  # which nobody trades
        for channel in (TICKER, TRADE, BOOK)
        if channel in channels_of(spec.kind) and channel in codec.channels
    ]


@asynccontextmanager
async def following(
    simulator: SimulatorProcess, *, port: int = 0, sinks: Sequence[Sink] = ()
) -> AsyncIterator[WholeMarket]:
    """A worker that follows everything there is; ``port`` is of a proxy to the simulator."""
    wanted = [
        item
        for name in venues.VENUES
        for item in await _subscriptions(keyed(venues.codec(name)), simulator.urls()[name][1])
    ]
    market = WholeMarket(simulator, wanted, port, sinks)
    async with running(market.worker.run()):
        yield market
