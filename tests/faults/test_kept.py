"""What a feed keeps is bounded: once its logs are full it holds as much after many faults as before them.

By what can be reached from the feed, in a time of the test's own, with short logs: those of a worker, a
thousand trades and five hundred bars of each length, are full only after a day.
"""

from __future__ import annotations

import pytest

from tests.fakes import virtual_time
from tests.fakes.inside import Inside, inside
from tests.fakes.kept import kept
from tests.fakes.short_logs import SHORT
from tests.faults.test_silence import NOTICED_S, of_each

pytestmark = pytest.mark.timeout(1800)
ALL = ("ticker", "trade", "book")
EACH_RULE = ("KRAKEN:", "BINANCE:", "COINBASE:", "DERIBIT:")
EACH = 5
"""Orders a second at each instrument."""
EVERY_S, SLICE_S = 15, 120
WAVERS = 1.1
"""Books breathe, and so do windows of the last minutes."""


def of_feeds(world: Inside) -> int:
    """Their own objects and plain values, not the exchanges' on the other end of a line."""
    return kept(world.feeds.values(), ("feeds",), but=("feeds.simulator",))


async def grown(names: list[str], seed: int, slices: int) -> tuple[list[int], int]:
    """What is kept after each slice of time, once the logs are full; and how many trades there were."""
    async with inside(names, seed=seed) as world:
        world.desire(*ALL, depth=25)
        sizes, rate = [], EACH * len(names)
        await world.wait(lambda: world.live(*ALL), 60, rate)
        for _ in range(slices + 1):
            for _ in range(SLICE_S // EVERY_S):
                await world.trade(EVERY_S, rate, step_s=0.25)
                for line in world.lines:
                    line.reset()
            await world.wait(lambda: world.live(*ALL), 60, rate)
            sizes.append(of_feeds(world))
        heard = sum(
            found.heard("trade") for feed in world.feeds.values() for found in feed.state._markets.values()
        )
        return sizes, heard


@pytest.mark.fault(
    "F32",
    "All links are reset every 15 s, logs of 30 trades and 2 bars are full; in a time of the test's own",
    goal="an hour: what the feeds keep is as much as after its first quarter (+ 10 %)",
)
def test_a_feed_keeps_no_more_after_many_faults(score, monkeypatch):
    for module, name, value in SHORT:
        monkeypatch.setattr(module, name, value)
    names = [name for name in of_each(NOTICED_S, 1) if score.share or name.startswith(EACH_RULE)]
    sizes, heard = virtual_time.run(grown(names, score.seed, score.times(30, few=1)))

    score.runs = (len(sizes) - 1) * SLICE_S // EVERY_S
    warm = len(sizes) // 4
    score.note("kept after the first quarter", sizes[warm] / 2**20, "MB")
    score.note("at most later", max(sizes[warm + 1 :]) / 2**20, "MB")
    score.note("trades", heard, "")
    assert heard > 3 * 30 * len(names)
    assert max(sizes[warm + 1 :]) <= WAVERS * sizes[warm]
