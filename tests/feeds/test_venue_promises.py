"""What each venue allows, as its own documentation says it, and what is promised of its links."""

from __future__ import annotations

import pytest

from feeds import venues
from feeds.clock import SystemClock
from feeds.simulator import Simulator
from feeds.venuefeed import VenueFeed
from feeds.worker import Worker
from tests.fakes.feed import running
from tests.fakes.waiting import wait_until
from tests.feeds.test_worker_simulator import settle, subscriptions

DAY_S = 24 * 3600


@pytest.mark.parametrize(
    ("venue", "messages_per_s", "connects", "window_s", "weight_per_s"),
    [("BINANCE", 5, 300, 300, 100), ("COINBASE", 8, 8, 1, 10), ("KRAKEN", 0, 150, 600, 1)],
)
def test_no_limit_is_above_the_venues_own(
    venue: str, messages_per_s: int, connects: int, window_s: int, weight_per_s: int
):
    limits = venues.codec(venue).limits

    assert limits.messages_per_s > 0
    assert not messages_per_s or limits.messages_per_s < messages_per_s
    assert limits.connects / limits.connects_window_s <= connects / window_s
    assert limits.connects <= connects
    assert (
        limits.rest_weight / limits.rest_window_s
        <= {"BINANCE": 6000 / 60, "COINBASE": 10, "KRAKEN": 1}[venue]
    )


def test_links_of_binance_end_before_the_day_and_hold_frames_of_any_size_that_comes():
    assert DAY_S - 3600 < venues.codec("BINANCE").limits.max_link_age_s < DAY_S
    # 46,000 levels in one frame were 6 MB.
    assert venues.codec("COINBASE").limits.max_frame_bytes > 4 * 6_000_000


def rolled_over(feed: VenueFeed) -> int:
    return sum(session.counters["rolled over"] for session in feed.sessions.values())


async def test_binance_rolls_over_on_its_numbers_without_another_snapshot():
    codec = venues.codec("BINANCE")
    codec.limits = codec.limits._replace(max_link_age_s=4)
    async with Simulator(instruments=9, rate=300, seed=4) as simulator:
        urls = simulator.ws_url("BINANCE"), simulator.rest_url("BINANCE")
        wanted = await subscriptions("BINANCE", urls)
        worker = Worker({"BINANCE": codec}, [], SystemClock(), urls={"BINANCE": urls})
        worker.desire(wanted)
        feed = worker.venues["BINANCE"]
        async with running(worker.run()):
            await settle(simulator, feed, wanted)
            fetched, rolled = feed.counters["snapshots"], rolled_over(feed)
            await wait_until(lambda: rolled_over(feed) >= rolled + 2, within_s=30, what="two roll-overs")
            await settle(simulator, feed, wanted)

            assert feed.counters["snapshots"] == fetched > 0
            assert feed.state.counters["gaps"] == 0
            assert sum(link.reconnects for link in feed.links) == 0
