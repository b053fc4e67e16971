"""One depth of one book as Bybit tells it: a window of so many levels, and a number that grows by one."""

from __future__ import annotations

from feeds.simulator.market import Market

Levels = list[tuple[int, int]]


class Window:
    """What its subscribers hold. A level that falls out of it is told to be gone, one that comes in is new.

    ``sent_ns``: when something was last sent of it.
    """

    def __init__(self, market: Market, depth: int, number: int) -> None:
        self.market, self.depth, self.number = market, depth, number
        self.sent_ns = 0
        self._shown = self._now()

    def _now(self) -> tuple[dict[int, int], dict[int, int]]:
        bids, asks = (dict(side.top(self.depth)) for side in self.market.book.sides)
        return bids, asks

    def whole(self) -> tuple[Levels, Levels]:
        """Best first; what came meanwhile has to be told before."""
        bids, asks = self._shown
        return list(bids.items()), list(asks.items())

    def changes(self) -> tuple[Levels, Levels] | None:
        """Since the last time; None: there are none, and nothing is counted."""
        before, self._shown = self._shown, self._now()
        bids, asks = (_changed(*pair) for pair in zip(before, self._shown, strict=True))
        if not bids and not asks:
            return None
        self.number += 1
        return sorted(bids, reverse=True), sorted(asks)


def _changed(before: dict[int, int], now: dict[int, int]) -> Levels:
    gone = [(price, 0) for price in before if price not in now]
    return gone + [(price, qty) for price, qty in now.items() if before.get(price) != qty]
