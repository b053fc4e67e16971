"""Slots of what contracts have beside prices: the law of :mod:`feeds.merge` holds for them too."""

from __future__ import annotations

from collections.abc import Callable

from feeds.derived import Row
from feeds.frames import encode
from feeds.merge import Shown
from feeds.state import MarketState
from feeds.symbols import FUNDING, MARK, OPTION

_READ: dict[str, Callable[[MarketState, str], Row]] = {
    MARK: MarketState.mark,
    FUNDING: MarketState.funding,
    OPTION: MarketState.option,
}


class ValueSlot:
    """Last values of ``channel``, of :data:`_READ`: fields that differ from those sent."""

    __slots__ = ("instrument", "_read", "_sent", "_shown")

    def __init__(self, channel: str, instrument: str) -> None:
        self.instrument = instrument
        self._read = _READ[channel]
        self._sent: Row = {}
        self._shown = Shown(channel, instrument)

    def put(self, event: object) -> None:
        """Whatever it was, :meth:`take` reads what became of it."""

    def take(self, state: MarketState) -> bytes | None:
        row = self._read(state, self.instrument)
        sent, self._sent = self._sent, row
        body: dict[str, object] = {key: value for key, value in row.items() if sent.get(key) != value}
        body.update(self._shown.change(state))
        return encode(body) if body else None

    def keyframe(self, state: MarketState) -> bytes:
        self._sent = self._read(state, self.instrument)
        return encode({**self._shown.now(state), **self._sent})


class MarkSlot(ValueSlot):
    """Mark, index, what it would settle at, open interest."""

    __slots__ = ()

    def __init__(self, instrument: str) -> None:
        super().__init__(MARK, instrument)


class FundingSlot(ValueSlot):
    """The rate and when it is charged."""

    __slots__ = ()

    def __init__(self, instrument: str) -> None:
        super().__init__(FUNDING, instrument)


class OptionSlot(ValueSlot):
    """A line of a chain: prices, volatilities, greeks, open interest."""

    __slots__ = ()

    def __init__(self, instrument: str) -> None:
        super().__init__(OPTION, instrument)
