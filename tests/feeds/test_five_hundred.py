"""Five hundred instruments of a venue at once, all that each has: its limits hold, and all become live.

For venues whose own tests follow fewer over links; those of 500 are in their folders (``test_live.py``).
"""

from __future__ import annotations

import pytest

from feeds.codec import Subscription
from feeds.simulator.listing import listed_at
from feeds.symbols import BOOK, OHLC, TRADE, channels_of
from feeds.venues import codec
from tests.by_venue import LONG
from tests.fakes import virtual_time
from tests.fakes.inside import Inside, inside
from tests.fakes.line import now_s

COUNT = 500
RATE = 100
# Where the simulated venue lists fewer than that.
MADE_UP = {
    "BINANCE_COINM": "SIM{:04}USD_PERP",
    "BINANCE_USDM": "SIM{:04}USDT",
    "BYBIT": "SIM{:04}USDT",
    "BYBIT_INVERSE": "SIM{:04}USD",
    "BYBIT_LINEAR": "SIM{:04}USDT",
    "GEMINI": "SIM{:04}USD",
}
# How long it takes at what the venue allows, and some.
WITHIN_S = {
    "BINANCE": 150,
    "BINANCE_COINM": 350,  # a picture of each book costs 20, of 1,200 a minute for both markets of contracts
    "BINANCE_USDM": 350,
    "BYBIT": 20,
    "BYBIT_INVERSE": 20,
    "BYBIT_LINEAR": 20,
    "COINBASE": 100,
    "GEMINI": 20,
    "KRAKEN": 20,
}


def names(venue: str) -> list[str]:
    made = MADE_UP.get(venue)
    return [f"{venue}:{made.format(n)}" for n in range(1, COUNT + 1)] if made else listed_at(venue, COUNT)


def wanted(world: Inside, venue: str) -> list[Subscription]:
    has = set(codec(venue).channels) - {OHLC}
    return [
        Subscription(channel, name, name.partition(":")[2], 25 * (channel == BOOK))
        for name in world.names
        for channel in channels_of(world.simulator.market(name).listing.kind)
        if channel in has
    ]


async def _followed(venue: str) -> None:
    async with inside(names(venue), levels=10) as world:
        assert len(world.names) == COUNT
        world.feed.desire(wanted(world, venue))
        began_s = now_s()
        while not world.live(TRADE, BOOK):
            assert now_s() - began_s < WITHIN_S[venue], f"not within {WITHIN_S[venue]} s"
            await world.trade(2, RATE, step_s=0.5)
            world.simulator.step(0)
        await world.trade(70, RATE, step_s=1)  # what is asked for each minute comes too
        assert world.live(TRADE, BOOK)
        assert world.violations() == {}
        assert world.feed.report().counters.get("crashes", 0) == 0


@pytest.mark.parametrize(
    "venue", [name if name == "GEMINI" else pytest.param(name, marks=LONG) for name in WITHIN_S]
)
def test_five_hundred_at_once_keep_the_venues_limits(venue: str) -> None:
    virtual_time.run(_followed(venue))
