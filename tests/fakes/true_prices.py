"""What the simulated exchanges' own best prices were, by our clock."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tests.fakes.follower import Quote
from tests.fakes.simulator_process import SimulatorProcess

NEVER_S = float("inf")


class TruePrices:
    """Since when each was so, by our own clock."""

    def __init__(self, simulator: SimulatorProcess, symbols: Sequence[str]) -> None:
        self._simulator, self._symbols, self._since_ns = simulator, symbols, 0
        self._offset_s = NEVER_S
        self._times: dict[str, list[float]] = {symbol: [] for symbol in symbols}
        self._quotes: dict[str, list[Quote]] = {symbol: [] for symbol in symbols}

    async def refresh(self) -> None:
        found = await self._simulator.tell("tops", symbols=",".join(self._symbols), since_ns=self._since_ns)
        offset_s = self._offset_s = min(self._offset_s, time.monotonic() - found["now_ns"] / 1e9)
        self._since_ns = found["now_ns"]
        for symbol, tops in found["tops"].items():
            times, quotes = self._times[symbol], self._quotes[symbol]
            for time_ns, *quote in tops:
                at_s = time_ns / 1e9 + offset_s
                if not quotes or tuple(quote) != quotes[-1]:
                    times.append(at_s)
                    quotes.append(tuple(quote))

    def last(self, symbol: str, count: int) -> list[Quote]:
        return self._quotes[symbol][-count:]

    def behind_s(self, symbol: str, quote: Quote, at_s: float) -> float:
        """How long before ``at_s`` this was true last; ``NEVER_S`` for what never was."""
        times, quotes = self._times[symbol], self._quotes[symbol]
        for index in range(len(quotes) - 1, -1, -1):
            if quotes[index] == quote:
                return max(0.0, at_s - times[index + 1]) if index + 1 < len(times) else 0.0
        return NEVER_S
