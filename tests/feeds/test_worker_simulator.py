"""The worker on simulated exchanges that misbehave: in the end every book is the true one."""

from __future__ import annotations

import pytest

from feeds import venues
from feeds.clock import SystemClock
from feeds.codec import Subscription
from feeds.rest import Rest, fetch_instruments
from feeds.simulator import Simulator
from feeds.state import MarketState
from feeds.venuefeed import VenueFeed
from feeds.worker import Worker
from tests.fakes.feed import running
from tests.fakes.waiting import wait_until

DEPTH = 100
SHOWN = 10


async def subscriptions(venue: str, urls: tuple[str, str]) -> list[Subscription]:
    codec = venues.codec(venue)
    async with Rest(codec, SystemClock(), url=urls[1]) as rest:
        specs = await fetch_instruments(codec, rest)
    return [
        Subscription(channel, f"{venue}:{spec.native}", spec.native, DEPTH * (channel == "book"))
        for spec in specs
        for channel in ("ticker", "trade", "book")
    ]


def unlike(simulator: Simulator, state: MarketState, wanted: list[Subscription]) -> list[str]:
    """Instruments whose book is not the true one, to the last digit."""
    found = []
    for name in dict.fromkeys(item.instrument for item in wanted):
        book, true = state.book(name), simulator.book(name, SHOWN)
        if book is None or tuple(book.best(SHOWN)) != (true.bids, true.asks):
            found.append(name)
    return found


def all_live(feed: VenueFeed, wanted: list[Subscription]) -> bool:
    return all(feed.state.topic_state(item.channel, item.instrument).state == "live" for item in wanted)


async def settle(simulator: Simulator, feed: VenueFeed, wanted: list[Subscription]) -> None:
    """All live, and with the market standing still, all true."""
    await wait_until(lambda: all_live(feed, wanted), within_s=15, what="all topics live")
    simulator.pause()
    simulator.step()  # sends what was being gathered
    await wait_until(lambda: not unlike(simulator, feed.state, wanted), what="all books true")
    simulator.resume()


def noticed(feed: VenueFeed) -> dict[str, int]:
    """What each fault must raise."""
    counters, links = feed.state.counters, feed.links
    lost = sum(health.reconnects for health in links)
    broken = sum(counters[name] for name in ("gaps", "checksum", "crossed"))
    return {
        "gap": broken,
        "corrupt": broken,
        "garbage": sum(health.decode_errors for health in links),
        "close": lost,
        "reset": lost,
        "half_close": lost,
    }


# Without a checksum nothing shows that a level is not what was sent: that is for an audit to find.
ANYWHERE = ("gap", "garbage", "close", "reset", "half_close")


@pytest.mark.parametrize(
    ("venue", "faults"),
    [("KRAKEN", (*ANYWHERE, "corrupt")), ("BINANCE", ANYWHERE), ("COINBASE", ANYWHERE)],
)
async def test_every_fault_heals_to_the_true_books(venue: str, faults: tuple[str, ...]):
    async with Simulator(instruments=18, rate=300, seed=3) as simulator:
        urls = (simulator.ws_url(venue), simulator.rest_url(venue))
        wanted = await subscriptions(venue, urls)
        made = Worker({venue: venues.codec(venue)}, [], SystemClock(), urls={venue: urls})
        made.desire(wanted)
        feed = made.venues[venue]
        async with running(made.run()):
            await settle(simulator, feed, wanted)
            for fault in faults:
                before = noticed(feed)[fault]
                simulator.fault(fault, venue=venue)
                await wait_until(lambda: noticed(feed)[fault] > before, what=f"{fault} noticed")  # noqa: B023
                await settle(simulator, feed, wanted)

    assert feed.counters["crashes"] == 0
