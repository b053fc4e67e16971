"""Whose reader a frame is for: by the channel and the symbol at its head, found with a search of bytes.

``{"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[…]}``. What is remembered: which head means which
reader, the newest price of each index, which stream tells an instrument's trades and its book first.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from feeds.events import Event, Heartbeat, Mark, Unknown
from feeds.symbols import instrument_name
from feeds.venues.okx import contracts, messages, shapes
from feeds.venues.okx.messages import micros, same
from feeds.venues.okx.naming import VENUE, index_of

Reader = Callable[[bytes, str, int], list[Event]]

_DEEP = ("books", "books-l2-tbt", "books50-l2-tbt")
_TRADES = ("trades", "trades-all")
_OF_ONE: dict[str, Reader] = {
    "tickers": messages.tickers,
    "bbo-tbt": messages.bests,
    **dict.fromkeys(_DEEP, messages.books),
    **dict.fromkeys(_TRADES, messages.trades),
    "funding-rate": contracts.funding_rates,
    "open-interest": contracts.interests,
    "price-limit": messages.limits,
    **{f"candle{word}": partial(messages.bars, minutes) for word, minutes in messages.BARS.items()},
}
_OF_MANY: dict[str, Reader] = {
    "estimated-price": contracts.settlements,
    "liquidation-orders": contracts.liquidations,
    "opt-summary": contracts.summaries,
    "instruments": contracts.listings,
    "status": contracts.maintenances,
}
# More than there are streams on all links.
_MAX_ROUTES = 20_000
# An index that stands still is told once a minute.
_INDEX_NS = 90_000_000_000


class _Index(NamedTuple):
    price: str
    received_ns: int


class Reading:
    """One codec's memory. ``read`` takes a frame that has data."""

    def __init__(self) -> None:
        self.routes: dict[bytes, tuple[Reader, str]] = {}
        self._indices: dict[str, _Index] = {}
        self._tellers: dict[str, str] = {}
        self._deep: dict[str, str] = {}

    def route(self, head: bytes, arg: shapes.Arg) -> tuple[Reader, str]:
        """Reader and instrument; the one is empty where a stream is of several. Raises ValueError."""
        if len(self.routes) >= _MAX_ROUTES:
            self.routes.clear()
        found = self._reader(arg)
        self.routes[head] = found
        return found

    def _reader(self, arg: shapes.Arg) -> tuple[Reader, str]:
        channel = arg.channel
        if channel == "index-tickers":
            return self._index, ""
        if channel == "option-trades":
            return self._option_trades, ""
        if channel in _OF_MANY:
            return _OF_MANY[channel], ""
        readers = {"mark-price": self._mark, "books5": self._five, **_OF_ONE}
        if channel not in readers:
            return partial(_unknown, Unknown(f"channel {channel:.40}")), ""
        name = instrument_name(VENUE, arg.instId)
        if channel in _TRADES and self._tellers.setdefault(arg.instId, channel) != channel:
            return partial(_unknown, Unknown("trades told twice")), ""
        if channel in _DEEP and self._deep.setdefault(name, channel) != channel:
            return partial(_unknown, Unknown("book told twice")), ""
        return readers[channel], name

    # what needs the memory

    def _index(self, frame: bytes, instrument: str, ns: int) -> list[Event]:
        """Named as spot is, it is the index of contracts, and told with their marks: those come five times
        a second, since the mark follows the index."""
        events: list[Event] = []
        for row in shapes.indices(frame).data:
            self._indices[row.instId] = _Index(row.idxPx, ns)
            events.append(Heartbeat(VENUE, micros(row.ts), ns))
        if len(self._indices) > _MAX_ROUTES:
            self._indices.clear()
        return events

    def _mark(self, frame: bytes, instrument: str, ns: int) -> list[Event]:
        events: list[Event] = []
        for row in shapes.mark_prices(frame).data:
            same(row.instId, instrument)
            found = self._indices.get(index_of(row.instId))
            index = found.price if found is not None and ns - found.received_ns < _INDEX_NS else ""
            events.append(Mark(instrument, row.markPx, index, "", micros(row.ts), ns))
        return events

    def _five(self, frame: bytes, instrument: str, ns: int) -> list[Event]:
        """A book of five levels must not take the place of the whole one."""
        best = messages.bests(frame, instrument, ns)
        return best if instrument in self._deep else [*messages.fives(frame, instrument, ns), *best]

    def _option_trades(self, frame: bytes, instrument: str, ns: int) -> list[Event]:
        """All options of a family; without those whose trades another stream tells."""
        first = "option-trades"
        return [
            event
            if self._tellers.setdefault(event.instrument[len(VENUE) + 1 :], first) == first
            else Unknown("trades told twice")
            for event in contracts.option_trades(frame, instrument, ns)
        ]


def _unknown(event: Event, frame: bytes, instrument: str, ns: int) -> list[Event]:
    return [event]
