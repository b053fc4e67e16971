"""An account followed on the simulator: what its feed told, and the control door by name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from feeds.account import AccountFeed
from feeds.private import LIVE, AccountState, Credentials, Fill, OrderUpdate, PrivateCodec, Since
from feeds.rest import Rest
from feeds.shared import AccountTiming, Timing
from feeds.simulator import Simulator
from feeds.simulator.paper_control import done
from feeds.venues import private_codec
from tests.fakes.waiting import wait_until

SYMBOLS = {
    "KRAKEN": ("BTC/USD", "ETH/USD"),
    "BINANCE": ("BTCUSDT", "ETHUSDT"),
    "COINBASE": ("BTC-USD", "ETH-USD"),
}
QUICK = AccountTiming(
    audit_s=3600, denied_s=0.2, names_s=0.05, again_s=0.05, link=Timing(healthy_s=0.01, tick_s=0.05)
)
"""Waits of ours, shortened; the venue's own limits stay."""


Name = tuple[str, str]
"""(instrument, number of the trade there)."""


class Told:
    """A sink that keeps what it was told, in order."""

    def __init__(self) -> None:
        self.events: list[OrderUpdate | Fill | AccountState] = []

    def order(self, update: OrderUpdate) -> None:
        self.events.append(update)

    def fill(self, fill: Fill) -> None:
        self.events.append(fill)

    def state(self, state: AccountState) -> None:
        self.events.append(state)

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if type(event) is kind]

    @property
    def fills(self) -> list[Fill]:
        return self.of(Fill)

    @property
    def trades(self) -> dict[Name, Fill]:
        """The first fill of each trade."""
        found: dict[Name, Fill] = {}
        for fill in self.fills:
            found.setdefault((fill.instrument, fill.trade_id), fill)
        return found

    @property
    def names(self) -> list[str]:
        return [state.name for state in self.of(AccountState)]

    @property
    def words(self) -> str:
        return self.of(AccountState)[-1].words


class Paper:
    """The paper account of one simulated venue."""

    def __init__(self, simulator: Simulator, venue: str) -> None:
        self.simulator, self.venue = simulator, venue

    def __call__(self, action: str, **query: object) -> Any:
        return done(self.simulator, action, {"venue": self.venue} | {k: str(v) for k, v in query.items()})

    def key(self, **query: object) -> Credentials:
        made = self("keys", **query)
        return Credentials(made["key"], made["secret"])

    def order(self, side: str = "buy", qty: str = "0.05", symbol: int = 0, **query: object) -> Any:
        name = f"{self.venue}:{SYMBOLS[self.venue][symbol]}"
        return self("order", symbol=name, side=side, qty=qty, **query)

    @property
    def trade_ids(self) -> list[Name]:
        return [named(fill) for fill in self("fills")]


def named(fill: dict[str, Any]) -> Name:
    """The name of a trade as the simulator tells it: numbers count within a market at some venues."""
    return fill["symbol"], fill["trade_id"]


@asynccontextmanager
async def simulating(venue: str, **options: Any) -> AsyncIterator[Paper]:
    names = [f"{venue}:{symbol}" for symbol in SYMBOLS[venue]]
    async with Simulator(instruments=names, rate=50, **options) as simulator:
        yield Paper(simulator, venue)


@asynccontextmanager
async def following(
    paper: Paper,
    credentials: Credentials,
    since: Callable[[], Since] = Since,
    *,
    timing: AccountTiming = QUICK,
    live: bool = True,
    codec: PrivateCodec | None = None,
    rest: Rest | None = None,
    ws_url: str = "",
) -> AsyncIterator[tuple[Told, AccountFeed]]:
    """``live``: from when the feed is. Its task ends with the block, whatever it was doing."""
    told, simulator = Told(), paper.simulator
    urls = ws_url or simulator.private_ws_url(paper.venue), simulator.rest_url(paper.venue)
    codec = codec or private_codec(paper.venue)
    feed = AccountFeed(codec, credentials, urls, since, told, timing=timing, rest=rest)
    task = asyncio.create_task(feed.run())
    try:
        if live:
            await wait_until(lambda: feed.state.name == LIVE or task.done(), what="the feed is live")
        yield told, feed
    finally:
        task.cancel()
        await asyncio.wait([task])


async def all_told(told: Told, paper: Paper, what: str = "all fills are told") -> None:
    await wait_until(lambda: set(paper.trade_ids) <= told.trades.keys(), what=what)
    assert set(paper.trade_ids) == told.trades.keys()
