"""What exchanges and worker say to each other comes a few bytes at a time: nobody sees anything of it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from feeds import venues
from feeds.clock import SystemClock
from feeds.codec import Subscription
from feeds.simulator import Simulator
from feeds.simulator.listing import listed_at
from feeds.symbols import BOOK
from feeds.worker import Worker
from tests.fakes.feed import running
from tests.fakes.tcp_proxy import TcpProxy
from tests.fakes.waiting import wait_until
from tests.fakes.wire_faults import Slices
from tests.faults.test_damaged_wires import BACK_S, proxied
from tests.faults.test_silence import ALL, EACH_KIND, NotLive

SLICES = Slices(1, 7)
RATE, EACH_S, SLOW_S = 300, 10, 120.0
GOAL = "no topic is interrupted, no link ends, every book is the exchange's when trade stops"


@pytest.mark.faults
@pytest.mark.timeout(1800)
@pytest.mark.fault(
    "F18",
    "Wires to all exchanges carry 32 bytes of a read in pieces of 1 to 7 bytes, both ways, for minutes",
    goal=GOAL,
)
async def test_slices_of_what_all_exchanges_say(score):
    told = NotLive()
    async with proxied(score.seed, [told], instruments=30, rate=RATE) as (market, proxy):
        proxy.conditions.slices = SLICES._replace(of_each=32)
        score.note("live after", await market.until_live(BACK_S))
        for _ in range(score.times(60, few=2)):
            told.since_s.clear()
            before = market.trouble()
            await market.until_traded(RATE * EACH_S)
            assert told.since_s == {} and market.trouble() == before
            await market.until_true(SLOW_S)
            await market.simulator.tell("resume")
            score.took(await market.until_live(BACK_S, time.monotonic()))
        score.note("pieces", proxy.conditions.done["sliced"], "")


class FourVenues:
    """One of each kind, in this process, and a worker behind a proxy."""

    def __init__(self, simulator: Simulator, proxy: TcpProxy, told: NotLive) -> None:
        urls = {
            venue: (f"ws://127.0.0.1:{proxy.port}/{venue.lower()}", simulator.rest_url(venue))
            for venue in EACH_KIND
        }
        codecs = {venue: venues.codec(venue) for venue in EACH_KIND}
        self.simulator, self.told = simulator, told
        self.worker = Worker(codecs, [told], SystemClock(), urls=urls)
        self.wanted = [
            Subscription(channel, name, name.partition(":")[2], 10 * (channel == BOOK))
            for name in simulator.instruments
            for channel in ALL
        ]
        self.worker.desire(self.wanted)

    def _state(self, name: str):
        return self.worker.venues[name.partition(":")[0]].state

    def live(self) -> bool:
        return all(self._state(i.instrument).topic_state(*i[:2]).state == "live" for i in self.wanted)

    def true(self) -> bool:
        for name in self.simulator.instruments:
            book, true = self._state(name).book(name), self.simulator.book(name, 10)
            if book is None or tuple(book.best(10)) != (true.bids, true.asks):
                return False
        return True

    def lost(self) -> int:
        feeds = self.worker.venues.values()
        return sum(link.reconnects + link.gaps for feed in feeds for link in feed.links)


@asynccontextmanager
async def four_venues(seed: int) -> AsyncIterator[tuple[FourVenues, TcpProxy]]:
    names = [name for venue in EACH_KIND for name in listed_at(venue, 1)]
    async with (
        Simulator(instruments=names, rate=60, seed=seed, levels=20) as simulator,
        TcpProxy(simulator.port, seed=seed) as proxy,
    ):
        market = FourVenues(simulator, proxy, NotLive())
        async with running(market.worker.run()):
            yield market, proxy


@pytest.mark.fault("F18", "Every byte that four exchanges say comes in pieces of 1 to 7 bytes", goal=GOAL)
async def test_all_in_slices(score):
    async with four_venues(score.seed) as (market, proxy):
        proxy.conditions.slices = SLICES
        await wait_until(market.live, what="all are live")
        market.told.since_s.clear()
        for _ in range(score.times(100)):
            enough = market.simulator.stats()["actions"] + 60
            await wait_until(lambda: market.simulator.stats()["actions"] > enough)  # noqa: B023
            market.simulator.pause()
            market.simulator.step()
            await wait_until(market.true, what="all books are true")
            market.simulator.resume()
        score.runs = score.times(100)
        score.note("pieces", proxy.conditions.done["sliced"], "")
        assert market.told.since_s == {} and market.lost() == 0
