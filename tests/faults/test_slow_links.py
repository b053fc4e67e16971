"""A page behind a link that carries little and loses much shows less often, and is not late."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator

import pytest

from tests.fakes import slow_cable
from tests.fakes.crowd import Crowd
from tests.fakes.page_follower import PageFollower
from tests.fakes.slow_cable import SlowCable
from tests.fakes.true_prices import TruePrices
from tests.fakes.waiting import wait_until
from tests.faults import whole
from tests.faults.whole import Whole
from tests.scoreboard import Score, quantile

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]
BITS_PER_S, LOSS, DELAY_S = 64_000, 0.10, 0.05
OLD_S, HONEST_S = 2.0, 3.0
BASES = ("BTC", "ETH", "SOL", "XRP", "ADA", "DOGE", "LTC", "LINK", "DOT", "AVAX")
LISTED = [f"KRAKEN:{base}/USD" for base in BASES]


@pytest.fixture(scope="module")
def cable(pytestconfig: pytest.Config) -> Iterator[SlowCable]:
    if not slow_cable.possible():
        pytest.skip("a cable of our own takes root, network namespaces and /dev/net/tun")
    seed = pytestconfig.getoption("seed")  # the scoreboard's, of this module's only test
    with slow_cable.laid(BITS_PER_S, LOSS, DELAY_S, seed=seed) as laid:
        yield laid


@pytest.fixture(scope="module")
def marketdash(cable: SlowCable, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with whole.running(tmp_path_factory.mktemp("slow"), BIND=f"{cable.address}:8000") as running:
        yield running


@pytest.mark.fault(
    "F34",
    "A page follows ten markets, and book, trades and chart of one, by 64 kbit/s that lose 10 % of packets",
    goal="each price is 2 s old at most (p99), none looks live that is 3 s old; the socket stays",
)
async def test_a_slow_link_makes_it_seldom_not_late(
    marketdash: Whole, cable: SlowCable, score: Score
) -> None:
    url = marketdash.site.url.replace("http", "ws", 1) + "/ws/v1/"
    port = int(url.split(":")[2].split("/")[0])
    chance = random.Random(score.seed)
    page = PageFollower(url, LISTED, line=lambda: cable.connect(port), chance=chance)
    async with marketdash.simulator() as simulator, asyncio.TaskGroup() as group:
        truth = TruePrices(simulator, LISTED)
        crowd, ages, shown = Crowd([page], truth, LISTED), list[float](), 0
        running = [group.create_task(page.run()), group.create_task(crowd.watch())]
        began_s = time.monotonic()
        await wait_until(lambda: crowd.all_live, within_s=60, what="everything is live")
        score.note("all live after", time.monotonic() - began_s)
        await wait_until(lambda: crowd.all_live and crowd.now_s < OLD_S, within_s=60, what="and is new")
        score.note("connections lost before that", page.lost.total(), "")
        crowd.begin_again()
        frames, began_s = page.frames, time.monotonic()
        while time.monotonic() < began_s + score.times(600, few=30):
            looks, at_s = crowd.looks, time.monotonic()
            quotes = {symbol: page.quote(symbol) for symbol in LISTED}
            await wait_until(lambda: crowd.looks > looks + 1)  # noqa: B023 (and the truth is of later)
            ages += [truth.behind_s(symbol, quote, at_s) for symbol, quote in quotes.items()]
            shown += crowd.shown
        seconds = time.monotonic() - began_s
        for task in running:
            task.cancel()
    score.took_s, score.runs = [quantile(ages, 0.99)], 1
    score.note("median", quantile(ages, 0.5))
    score.note("worst", max(ages))
    score.note("worst that looked live", crowd.worst_s)
    score.note("of the time live", 100 * shown / len(ages), "%")
    score.note("frames a second", (page.frames - frames) / seconds, "")
    carried, lost = (sum(getattr(way, name) for way in cable.ways) for name in ("carried", "lost"))
    score.note("packets lost", 100 * lost / (carried + lost), "%")
    assert crowd.wrong == 0 and page.holes == 0 and not page.lost, crowd.worst_of
    assert score.took_s[0] <= OLD_S and crowd.worst_s <= HONEST_S, crowd.worst_of
