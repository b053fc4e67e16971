"""Slots of what happens one by one, trades and liquidations: the law of :mod:`feeds.merge` holds here too."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from feeds.derived import KEPT
from feeds.events import Liquidation, Trade, TradeUndone
from feeds.frames import encode, liquidation_row, trade_row
from feeds.merge import Shown
from feeds.state import MarketState
from feeds.symbols import LIQUIDATION, TRADE


class LogSlot:
    """The newest, oldest first; ``skipped`` says how many more there were since the previous row.

    Who inherits says of which ``kind`` of event, in which ``channel``, under which ``key`` of a body, and how
    they are read.
    """

    __slots__ = ("instrument", "cap", "_fresh", "_skipped", "_shown")
    kind: type
    channel: str
    key: str

    def __init__(self, instrument: str, cap: int = KEPT) -> None:
        self.instrument, self.cap = instrument, cap
        self._fresh: list[Any] = []
        self._skipped = 0
        self._shown = Shown(self.channel, instrument)

    def row(self, event: Any) -> dict[str, str | int]:
        raise NotImplementedError

    def held(self, state: MarketState) -> Sequence[Any]:
        raise NotImplementedError

    def standing(self, state: MarketState, told: dict[str, object]) -> dict[str, object]:
        """What goes with a state that is to be said; nothing where none is."""
        return told

    def put(self, event: object) -> None:
        if type(event) is self.kind:
            self._fresh.append(event)
            if len(self._fresh) >= 2 * self.cap:
                self._drop_oldest()

    def _drop_oldest(self) -> None:
        self._skipped += max(0, len(self._fresh) - self.cap)
        del self._fresh[: -self.cap]

    def take(self, state: MarketState) -> bytes | None:
        self._drop_oldest()
        body = self.standing(state, self._shown.change(state))
        if not self._fresh and not body:
            return None
        body[self.key] = [self.row(event) for event in self._fresh]
        if self._skipped:
            body["skipped"] = self._skipped
        self._fresh, self._skipped = [], 0
        return encode(body)

    def keyframe(self, state: MarketState) -> bytes:
        self._fresh, self._skipped = [], 0
        log = self.held(state)
        newest = [self.row(event) for event in islice(log, max(0, len(log) - self.cap), None)]
        return encode({**self.standing(state, self._shown.now(state)), self.key: newest})


class TradeSlot(LogSlot):
    """Trades. When one was taken back the next row is whole: ``replaces`` says whether the last body was."""

    __slots__ = ("replaces", "_undone")
    kind, channel, key = Trade, TRADE, "trades"
    row = staticmethod(trade_row)

    def __init__(self, instrument: str, cap: int = KEPT) -> None:
        super().__init__(instrument, cap)
        self.replaces = self._undone = False

    def held(self, state: MarketState) -> Sequence[Trade]:
        return state.trades(self.instrument)

    def put(self, event: object) -> None:
        super().put(event)
        self._undone |= type(event) is TradeUndone

    def take(self, state: MarketState) -> bytes | None:
        self.replaces = self._undone
        return self.keyframe(state) if self._undone else super().take(state)

    def keyframe(self, state: MarketState) -> bytes:
        self._undone = False
        return super().keyframe(state)


class LiquidationSlot(LogSlot):
    """Liquidations. ``since`` goes with the state: since when it is so, and none was missed."""

    __slots__ = ()
    kind, channel, key = Liquidation, LIQUIDATION, "liquidations"
    row = staticmethod(liquidation_row)

    def held(self, state: MarketState) -> Sequence[Liquidation]:
        return state.liquidations(self.instrument)

    def standing(self, state: MarketState, told: dict[str, object]) -> dict[str, object]:
        if told:
            told["since"] = state.topic_state(LIQUIDATION, self.instrument).since_us
        return told
