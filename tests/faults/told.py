"""What of one or all venues was said while they were watched: trades, and states other than live."""

from __future__ import annotations

from feeds.events import Trade
from feeds.state import MarketState, StateChange
from feeds.symbols import BOOK, TICKER, TRADE
from tests.fakes.inside import Inside
from tests.fakes.line import now_s

ALL, RATE = (TICKER, TRADE, BOOK), 40
"""Channels that are followed, and how many orders a second all traders make."""


class Told:
    """A sink that keeps trades, and states other than live."""

    takes = frozenset({Trade, StateChange})

    def __init__(self) -> None:
        self.trades: dict[str, set[str]] = {}
        self.changes: list[tuple[float, StateChange]] = []

    def put(self, state: MarketState, event: Trade | StateChange) -> None:
        if type(event) is Trade:
            self.trades.setdefault(event.instrument, set()).add(event.trade_id)
        elif event.state != "live":
            self.changes.append((now_s(), event))

    async def run(self) -> None:
        """Nothing is brought anywhere."""

    def named(self, names: list[str]) -> list[str]:
        """Which topics of these instruments were not live for a moment."""
        changes = [change for _, change in self.changes if change.instrument in names]
        return [f"{change.channel} {change.instrument} {change.state}" for change in changes]


async def begun(world: Inside, told: Told | None = None) -> None:
    world.desire(*ALL, depth=25)
    await world.wait(lambda: world.live(*ALL), 60, RATE)
    if told is not None:
        told.changes.clear()
