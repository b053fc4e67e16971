"""How much one socket may say. Pure."""

from __future__ import annotations

PER_S, BURST = 20.0, 40.0
SUBSCRIBED, UNSUBSCRIBED = 50, 250
"""Names in a request that cost as much as one more message. A page of 500 tickers takes 11 of the burst; who
pages through a chain of thousands leaves many lines at once, which is cheap."""

PATIENCE = 200
"""Messages over the limit, not made up for by quiet, after which the socket is closed."""


class Rate:
    """A bucket of ``BURST`` tokens that fills at ``PER_S``. Times are seconds of a monotonic clock."""

    __slots__ = ("over", "_tokens", "_at_s", "_said_s")

    def __init__(self, now_s: float) -> None:
        self.over = 0
        self._tokens = BURST
        self._at_s = now_s
        self._said_s = now_s - 1

    def allows(self, now_s: float, cost: int = 1) -> bool:
        self._tokens = min(BURST, self._tokens + (now_s - self._at_s) * PER_S)
        self._at_s = now_s
        if self._tokens >= cost:
            self._tokens -= cost
            self.over = max(0, self.over - 1)
            return True
        self.over += 1
        return False

    def to_be_said(self, now_s: float) -> bool:
        """Whether to answer a message over the limit: once a second, else the answers are the flood."""
        if now_s - self._said_s < 1:
            return False
        self._said_s = now_s
        return True

    @property
    def exhausted(self) -> bool:
        return self.over > PATIENCE
