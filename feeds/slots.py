"""Slots of what contracts have beside prices: the law of :mod:`feeds.merge` holds for them too."""

from __future__ import annotations

from collections.abc import Callable

from feeds.derived import KEPT, Row
from feeds.events import Liquidation
from feeds.frames import encode, liquidation_row
from feeds.merge import Shown
from feeds.state import MarketState
from feeds.symbols import FUNDING, LIQUIDATION, MARK

_READ: dict[str, Callable[[MarketState, str], Row]] = {
    MARK: MarketState.mark,
    FUNDING: MarketState.funding,
}


class ValueSlot:
    """Last values of ``channel``, which is ``mark`` or ``funding``: fields that differ from those sent."""

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


class LiquidationSlot:
    """Every liquidation since the last row, oldest first; what is beyond :data:`KEPT` is counted by
    ``skipped``, as of trades. ``since`` goes with the state: since when it is so, and none was missed."""

    __slots__ = ("instrument", "_fresh", "_skipped", "_shown")

    def __init__(self, instrument: str) -> None:
        self.instrument = instrument
        self._fresh: list[Liquidation] = []
        self._skipped = 0
        self._shown = Shown(LIQUIDATION, instrument)

    def put(self, event: object) -> None:
        if type(event) is Liquidation:
            self._fresh.append(event)
            if len(self._fresh) > KEPT:
                del self._fresh[0]
                self._skipped += 1

    def take(self, state: MarketState) -> bytes | None:
        body = self._since(state, self._shown.change(state))
        if not self._fresh and not body:
            return None
        body["liquidations"] = [liquidation_row(each) for each in self._fresh]
        if self._skipped:
            body["skipped"] = self._skipped
        self._fresh, self._skipped = [], 0
        return encode(body)

    def keyframe(self, state: MarketState) -> bytes:
        self._fresh, self._skipped = [], 0
        rows = [liquidation_row(each) for each in state.liquidations(self.instrument)]
        return encode({**self._since(state, self._shown.now(state)), "liquidations": rows})

    def _since(self, state: MarketState, body: dict[str, object]) -> dict[str, object]:
        """Of a state that is to be said."""
        since_us = state.topic_state(LIQUIDATION, self.instrument).since_us
        return {**body, "since": since_us} if body else body
