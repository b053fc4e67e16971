"""What one client of Deribit owes and may: its heartbeat, its credits, and the channels that there are."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_LEAST_S = 10
_CHANNEL = re.compile(
    r"(?P<kind>ticker|book|trades)\.(?P<native>[^.]+)\.100ms"
    r"|(?P<index_kind>deribit_price_index|deribit_volatility_index)\.(?P<index>[a-z0-9]+_usdc?)"
    r"|platform_state|instrument\.state\.(?:future|option|spot)\.any"
)


class Channel(NamedTuple):
    """``native`` or ``index`` of what it is; neither of the news."""

    kind: str
    native: str
    index: str


def channel_of(name: Any) -> Channel | None:
    found = _CHANNEL.fullmatch(name) if isinstance(name, str) else None
    if found is None:
        return None
    return Channel(found["kind"] or found["index_kind"] or "", found["native"] or "", found["index"] or "")


class Session:
    """``interval_s`` 0: it asked for no heartbeat."""

    def __init__(self, at_s: float) -> None:
        self.interval_s = 0.0
        self._next_s = self._heard_s = at_s
        self._asked_s = 0.0

    def begin(self, at_s: float, interval: Any) -> str | None:
        """``ok``, or None for an interval that is not allowed."""
        if not isinstance(interval, int | float) or interval < _LEAST_S:
            return None
        self.interval_s, self._next_s = float(interval), at_s + interval
        return "ok"

    def heard(self, at_s: float, *, tested: bool) -> None:
        self._heard_s = at_s
        if tested:
            self._asked_s = 0.0

    def due(self, at_s: float) -> str:
        """``heartbeat``, ``test_request`` where nothing was heard for an interval, ``over`` where that was
        not answered within another one; ``""``: nothing yet."""
        if not self.interval_s or at_s < self._next_s:
            return ""
        self._next_s = at_s + self.interval_s
        if self._asked_s:
            return "over"
        if at_s - self._heard_s < self.interval_s:
            return "heartbeat"
        self._asked_s = at_s
        return "test_request"


class Credits:
    """Of the only address that loopback has: 3,000 for a subscription of 30,000, 500 for all else of 50,000;
    10,000 a second come back to either."""

    def __init__(self) -> None:
        self._left = {True: 30_000.0, False: 50_000.0}
        self._most = dict(self._left)
        self._at_s = 0.0

    def spend(self, at_s: float, *, subscribing: bool) -> bool:
        back = max(0.0, at_s - self._at_s) * 10_000
        self._at_s = at_s
        for kind, most in self._most.items():
            self._left[kind] = min(most, self._left[kind] + back)
        self._left[subscribing] -= 3000 if subscribing else 500
        return self._left[subscribing] >= 0
