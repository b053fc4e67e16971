"""The streams that OKX has here, and what subscribers of a book know of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from feeds.simulator import okx_text as text
from feeds.simulator.market import Market

WINDOW = 400
OF_ONE = frozenset(
    ("tickers", "trades", "trades-all", "books", "mark-price", "funding-rate", "open-interest")
)
OF_MANY = frozenset(("liquidation-orders", "instruments", "opt-summary", "status"))
_NAMES = {"liquidation-orders": "instType", "instruments": "instType", "opt-summary": "instFamily"}


class Key(NamedTuple):
    """A stream: its channel, and the instrument, type, family or index that it is of."""

    channel: str
    of: str

    @property
    def arg(self) -> text.Arg:
        if self.channel == "status":
            return {"channel": "status"}
        return {"channel": self.channel, _NAMES.get(self.channel, "instId"): self.of}

    @property
    def words(self) -> str:
        """As a refusal names it."""
        return ",".join(f"{name}:{value}" for name, value in self.arg.items())


def key_of(arg: Any) -> Key:
    """Of one argument of a request; raises KeyError, TypeError, AttributeError for what is none."""
    return Key(arg["channel"], arg.get("instId") or arg.get("instType") or arg.get("instFamily") or "")


class Told:
    """A book's window, and the number that it stands at."""

    def __init__(self, market: Market) -> None:
        self.market, self.last = market, market.update_id
        self.sides = [dict(side.top(WINDOW)) for side in market.book.sides]

    def changes(self) -> list[list[tuple[int, int]]]:
        """Of both sides since the last time: what left the window is a removal."""
        found = []
        for at, side in enumerate(self.market.book.sides):
            held, now = self.sides[at], dict(side.top(WINDOW))
            gone = [(price, 0) for price in held if price not in now]
            found.append(gone + [(price, qty) for price, qty in now.items() if held.get(price) != qty])
            self.sides[at] = now
        self.last = self.market.update_id
        return found
