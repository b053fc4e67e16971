"""What each venue allows, as its own documentation says it, and what is promised of its links."""

from __future__ import annotations

import pytest

from feeds import venues
from feeds.clock import SystemClock
from feeds.simulator import Simulator
from feeds.simulator.listing import listed_at
from feeds.venuefeed import VenueFeed
from feeds.worker import Worker
from tests.by_venue import LONG
from tests.fakes.feed import running
from tests.fakes.waiting import wait_until
from tests.feeds.test_worker_simulator import settle, subscriptions

DAY_S = 24 * 3600
BINANCES = ("BINANCE", "BINANCE_USDM", "BINANCE_COINM")


@pytest.mark.parametrize(
    ("venue", "messages_per_s", "connects", "window_s", "weight_per_s"),
    [
        # 200 requests by REST a minute; of the stream no rate is published, one connection at a time.
        ("ALPACA", 0, 60, 300, 200 / 60),
        ("BINANCE", 5, 300, 300, 100),
        # 10,000 requests by REST in ten minutes; of messages and connects none is published.
        ("BITSTAMP", 0, 60, 60, 10_000 / 600),
        # Each has 40 a second, of one pool since 2026, as the venue announced: half for each.
        ("BINANCE_USDM", 10, 300, 300, 20),
        ("BINANCE_COINM", 10, 300, 300, 20),
        # 20 links a minute; of candles 30 requests a minute. No rate of messages is published.
        ("BITFINEX", 0, 20, 60, 0.5),
        # Four markets share what one address is allowed: a quarter for each.
        ("BYBIT", 0, 125, 300, 30),
        ("BYBIT_INVERSE", 0, 125, 300, 30),
        ("BYBIT_LINEAR", 0, 125, 300, 30),
        ("BYBIT_OPTION", 0, 125, 300, 30),
        ("COINBASE", 8, 8, 1, 10),
        ("COINBASE_EXCHANGE", 8, 8, 1, 10),
        # Credits of an address: 3.3 subscriptions a second, 20 other requests; 32 connections at a time.
        ("DERIBIT", 3.3, 32, 60, 20),
        # 120 requests a minute by REST; of the stream the weight of a request is not told.
        ("GEMINI", 0, 300, 300, 2),
        ("KRAKEN", 0, 150, 600, 1),
        # 100 requests a second and 100 connections at a time; public REST costs nothing.
        ("KRAKEN_FUTURES", 100, 100, 60, 50),
        # Two new connections a second, 120 requests of REST; nothing is sent on a stream.
        ("OANDA", 0, 2, 1, 120),
        # No rate of messages is published: 480 requests an hour on each link, see `asks`.
        ("OKX", 0, 3, 1, 20),
        # 10 requests in 10 s of an address, links and lists together; of messages none is published.
        ("PYTH", 0, 6, 10, 0.4),
    ],
)
def test_no_limit_is_above_the_venues_own(
    venue: str, messages_per_s: int, connects: int, window_s: int, weight_per_s: int
):
    limits = venues.codec(venue).limits

    assert limits.messages_per_s > 0 or venues.codec(venue).lines
    assert not messages_per_s or limits.messages_per_s < messages_per_s
    assert limits.connects / limits.connects_window_s <= connects / window_s
    assert limits.connects <= connects
    assert limits.rest_weight / limits.rest_window_s <= weight_per_s


def test_links_of_binance_end_before_the_day_and_hold_frames_of_any_size_that_comes():
    for venue in BINANCES:
        assert DAY_S - 3600 < venues.codec(venue).limits.max_link_age_s < DAY_S
    # 46,000 levels in one frame were 6 MB.
    assert venues.codec("COINBASE").limits.max_frame_bytes > 4 * 6_000_000


def rolled_over(feed: VenueFeed) -> int:
    return sum(session.counters["rolled over"] for session in feed.sessions.values())


@pytest.mark.parametrize("venue", [BINANCES[0], *(pytest.param(name, marks=LONG) for name in BINANCES[1:])])
async def test_binance_rolls_over_on_its_numbers_without_another_snapshot(venue: str):
    codec = venues.codec(venue)
    codec.limits = codec.limits._replace(max_link_age_s=4)
    async with Simulator(instruments=listed_at(venue, 3), rate=100, seed=4) as simulator:
        urls = simulator.ws_url(venue), simulator.rest_url(venue)
        wanted = await subscriptions(venue, urls)
        worker = Worker({venue: codec}, [], SystemClock(), urls={venue: urls})
        worker.desire(wanted)
        feed = worker.venues[venue]
        async with running(worker.run()):
            await settle(simulator, feed, wanted)
            fetched, rolled = feed.counters["snapshots"], rolled_over(feed)
            await wait_until(lambda: rolled_over(feed) >= rolled + 2, within_s=30, what="two roll-overs")
            await settle(simulator, feed, wanted)

            assert feed.counters["snapshots"] == fetched > 0
            assert feed.state.counters["gaps"] == 0
            assert sum(link.reconnects for link in feed.links) == 0
