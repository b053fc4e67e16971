"""One client of Binance: its streams, how it wants them, and the limits it must keep."""

from __future__ import annotations

from collections import deque
from urllib.parse import parse_qs, unquote, urlsplit

from feeds.simulator.link import Link

STREAMS_LIMIT = 1024
_LIFE_S = 24 * 3600.0

Variant = tuple[bool, int]
"""(combined envelope, nanoseconds of a unit of time): what makes two clients' text differ."""


class Session:
    """``streams`` in the order of their subscription; ``late`` and ``chatty`` say when a limit was broken."""

    messages_per_s, ping_s, pong_s = 5, 20.0, 60.0

    def __init__(self, link: Link, path: str) -> None:
        parts = urlsplit(path)
        query = parse_qs(parts.query)
        combined = parts.path.rstrip("/").endswith("/stream")
        micro = query.get("timeUnit", [""])[0].upper() == "MICROSECOND"
        self.link = link
        self.variant: Variant = (combined, 1_000 if micro else 1_000_000)
        self.streams: dict[str, None] = {}
        tail = parts.path.partition("/ws/")[2]
        named = query.get("streams", [""])[0] if combined else unquote(tail)
        self.wanted = [stream for stream in named.split("/") if stream]
        self._times: deque[float] = deque()
        self._pinged_s = link.opened_s
        self._counted = 0.0

    def chatty(self, now_s: float) -> bool:
        """Count a message (pings and pongs too); whether there were too many within a second."""
        self._times.append(now_s)
        self._times.extend(time for time in self.link.controls if time > self._counted)
        self._counted = now_s
        while self._times and self._times[0] <= now_s - 1:
            self._times.popleft()
        return len(self._times) > self.messages_per_s

    def keep_alive(self, now_s: float) -> str:
        """Ping when it is time; returns why the link must end, empty while it may live."""
        if now_s - self.link.opened_s > _LIFE_S:
            return "24 hours"
        pong_s = max((time for time in self.link.controls), default=self.link.opened_s)
        if self._pinged_s > pong_s and now_s - self._pinged_s > self.pong_s:
            return "pong timeout"
        if now_s - self._pinged_s >= self.ping_s and pong_s >= self._pinged_s:
            self._pinged_s = now_s
            payload = str(int(now_s * 1000)).encode()
            self.link.queue(bytes([0x89, len(payload)]) + payload)
        return ""
