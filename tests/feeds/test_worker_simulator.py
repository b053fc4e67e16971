"""The worker on simulated exchanges that misbehave: in the end every book is the true one."""

from __future__ import annotations

import contextlib

import pytest

from feeds import venues
from feeds.clock import SystemClock
from feeds.codec import Subscription
from feeds.rest import Rest, fetch_instruments
from feeds.simulator import Simulator
from feeds.simulator.listing import listed_at, listings
from feeds.simulator.program import names_of
from feeds.state import MarketState
from feeds.venuefeed import VenueFeed
from feeds.worker import Worker
from tests.by_venue import LONG
from tests.fakes import simulator_process
from tests.fakes.feed import running
from tests.fakes.waiting import wait_until
from tests.fakes.whole_market import UNTROUBLED, following

# All levels that a checksum of the best ten covers. Beyond them Kraken proves nothing: a lost update of a
# deeper level goes unnoticed until that level is among the ten.
DEPTH = SHOWN = 10


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
    """All live, and with the market standing still, all true.

    A checksum shows a loss at the next update of that book, so a quiet book gets time for one.
    """
    for _ in range(8):
        await wait_until(lambda: all_live(feed, wanted), what="all topics live")
        simulator.pause()
        simulator.step()  # sends what was being gathered
        with contextlib.suppress(AssertionError):
            await wait_until(lambda: not unlike(simulator, feed.state, wanted), within_s=0.5)
            return simulator.resume()
        simulator.resume()
        enough = simulator.stats()["actions"] + 200
        await wait_until(lambda: simulator.stats()["actions"] > enough)  # noqa: B023
    raise AssertionError(f"not true: {unlike(simulator, feed.state, wanted)}")


def noticed(feed: VenueFeed) -> dict[str, int]:
    """What each fault must raise."""
    counters, links = feed.state.counters, feed.links
    lost = sum(health.reconnects for health in links)
    broken = sum(counters[name] for name in ("gaps", "checksum", "crossed"))
    return {
        "gap": broken,
        "garbage": sum(health.decode_errors for health in links),
        "close": lost,
        "reset": lost,
        "half_close": lost,
    }


def struck(simulator: Simulator, venue: str) -> bool:
    """Whether a fault that was ordered has happened: a link without books has none to lose of."""
    return any(not link.faults for link in simulator.exchanges[venue].links)


# Without a checksum nothing shows that a level is not what was sent: that is for an audit to find. With one
# and no sequence, a loss that the next update makes good is not noticed and need not be.
ANYWHERE = ("garbage", "close", "reset", "half_close")
SAME_RULES = (
    "BINANCE_USDM",
    "BINANCE_COINM",
    "BYBIT",
    "BYBIT_LINEAR",
    "BYBIT_OPTION",
    "GEMINI",
    "KRAKEN_FUTURES",
    "OKX",
)


@pytest.mark.parametrize(
    ("venue", "faults"),
    [
        ("KRAKEN", (*ANYWHERE, "unproven gap", "unproven corrupt")),
        ("BINANCE", (*ANYWHERE, "gap")),
        ("COINBASE", (*ANYWHERE, "gap")),
        *(pytest.param(name, (*ANYWHERE, "gap"), marks=LONG) for name in SAME_RULES),
        pytest.param("COINBASE_EXCHANGE", ANYWHERE, marks=LONG),
        pytest.param("BITFINEX", (*ANYWHERE, "gap", "unproven corrupt"), marks=LONG),
    ],
)
async def test_every_fault_heals_to_the_true_books(venue: str, faults: tuple[str, ...]):
    async with Simulator(instruments=listed_at(venue, 6), rate=100, seed=3) as simulator:
        urls = (simulator.ws_url(venue), simulator.rest_url(venue))
        wanted = await subscriptions(venue, urls)
        made = Worker({venue: venues.codec(venue)}, [], SystemClock(), urls={venue: urls})
        made.desire(wanted)
        feed = made.venues[venue]
        async with running(made.run()):
            await settle(simulator, feed, wanted)
            for fault in faults:
                before = noticed(feed)
                simulator.fault(fault.removeprefix("unproven "), venue=venue)
                await wait_until(lambda: struck(simulator, venue), what=f"{fault} happened")
                if fault in before:
                    await wait_until(lambda: noticed(feed)[fault] > before[fault], what=fault)  # noqa: B023
                await settle(simulator, feed, wanted)

    assert feed.counters["crashes"] == 0


@pytest.mark.acceptance
async def test_sixty_instruments_of_all_venues_on_one_worker_are_live_in_time_and_true():
    """The smaller sister of the run with five hundred in ``tests/faults/test_scale.py``."""
    async with simulator_process.running(instruments=60, rate=600) as simulator:
        async with following(simulator) as market:
            await market.until_live(within_s=market.legal_s() + 15)
            await market.until_traded(300)
            traded = {each.name for each in listings(names_of(60, 2)) if each.kind != "index"}
            assert traded <= {*market.instruments}
            assert market.not_live() == []
            assert market.trouble() == UNTROUBLED

            await market.until_true()  # the exchange stands still for it, and who waits long enough says so

        assert await simulator.violations() == {}
