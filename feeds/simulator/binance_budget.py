"""What a client of Binance's REST may spend: weight per minute, 429 beyond it, 418 for who goes on asking."""

from __future__ import annotations

from feeds.simulator.exchange import Answer, Exchange, as_json
from feeds.simulator.link import now_s

WEIGHT_LIMIT = 6000


class Budget:
    """One address's weight; loopback has only one."""

    def __init__(self, exchange: Exchange, limit: int = WEIGHT_LIMIT) -> None:
        self._exchange, self._limit = exchange, limit
        self._weight, self._minute, self._banned_until_s = 0, -1, 0.0

    def spend(self, weight: int) -> int:
        """Book a request's weight; returns the minute's sum."""
        minute = int(now_s() // 60)
        if minute != self._minute:
            self._minute, self._weight = minute, 0
        self._weight += weight
        return self._weight

    def refusal(self) -> Answer | None:
        """The answer to a client that is over its weight, or to one picked on."""
        status = self._status()
        if not status:
            return None
        if status == 429:
            self._banned_until_s = now_s() + self._exchange.trouble.retry_after_s
        left = max(1, round(self._banned_until_s - now_s()))
        words = f"Too much request weight used; current limit is {self._limit} request weight per 1 MINUTE."
        return Answer(status, as_json({"code": -1003, "msg": words}), (("Retry-After", str(left)),))

    def _status(self) -> int:
        trouble, counters = self._exchange.trouble, self._exchange.counters
        if now_s() < self._banned_until_s:
            counters["requests_while_banned"] += 1
            return 418
        if trouble.rate_limited > 0:
            trouble.rate_limited -= 1
            counters["rate_limited"] += 1
            return 429
        if self.spend(0) > self._limit:
            counters["weight_over_limit"] += 1
            return 429
        return 0
