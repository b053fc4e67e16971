"""What every simulated exchange has: its markets, its links, and the ways it can misbehave."""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from feeds.simulator.clock import SimulatorClock
from feeds.simulator.faults import LinkFault, other_quantity, passed
from feeds.simulator.link import Link, text_frame
from feeds.simulator.market import Market, Tick


class Answer(NamedTuple):
    """An HTTP answer; ``delay_s`` is how long it is held back."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    delay_s: float = 0.0


def as_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


@dataclass(slots=True)
class Trouble:
    """Faults of the whole exchange. Counts run down to 0; sets hold native symbols."""

    refuse: int = 0
    refuse_status: int = 503
    retry_after_s: int = 5
    rate_limited: int = 0
    ignored_subscribes: int = 0
    lost_acks: int = 0
    bad_symbols: set[str] = field(default_factory=set)
    fail_batch: bool = False
    delay_s: float = 0.0
    old_snapshots: dict[str, Any] = field(default_factory=dict)
    stalled: bool = False
    status: str = "online"


class Exchange:
    """Base of the three. A subclass speaks one venue's protocol."""

    name = ""
    paths: tuple[str, ...] = ()
    levels: re.Pattern[bytes] = re.compile(rb"(?!)")
    """Finds one level of a book update, groups ``price`` and ``qty``."""
    connects, connects_window_s = 300, 300.0

    def __init__(self, markets: Iterable[Market], clock: SimulatorClock, dirty: list[Link]) -> None:
        self.markets = {market.listing.native: market for market in markets}
        self.clock, self._dirty = clock, dirty
        self.links: set[Link] = set()
        self.trouble = Trouble()
        self.counters: Counter[str] = Counter()
        self._opened: deque[float] = deque()
        self._numbers = 0

    def market(self, native: str) -> Market | None:
        """A market that this exchange admits to have."""
        market = self.markets.get(native)
        if market is None or market.status == "delisted" or native in self.trouble.bad_symbols:
            return None
        return market

    def listed(self) -> list[Market]:
        return [market for native in self.markets if (market := self.market(native)) is not None]

    # Links

    def speaks(self, path: str) -> bool:
        """Whether there is a WebSocket at this path."""
        return path in self.paths

    def has_lines(self, path: str) -> bool:
        """Whether there are lines over HTTP at this path."""
        return False

    def denied(self, path: str, query: Mapping[str, str], authorization: str) -> Answer | None:
        """The answer to somebody who is not to have them."""
        return None

    def open(self, link: Link) -> None:
        self._numbers += 1
        link.distort = self._distorted
        self.links.add(link)
        if self.trouble.stalled:
            link.faults.append(LinkFault("stall"))
        self._opened.append(link.opened_s)
        while self._opened[0] < link.opened_s - self.connects_window_s:
            self._opened.popleft()
        self.counters["connections"] += 1
        if len(self._opened) > self.connects:
            self.counters["connects_over_limit"] += 1

    def close(self, link: Link) -> None:
        self.links.discard(link)

    def receive(self, link: Link, message: str | bytes) -> None:
        raise NotImplementedError

    def beat(self, now_s: float) -> None:
        """Once a second of real time: heartbeats, and what clients owe."""

    # Data

    def publish(self, tick: Tick) -> None:
        raise NotImplementedError

    def flush(self, now_ns: int, *, everything: bool = False) -> None:
        """Send what is batched and due."""

    def fan_out(self, links: Iterable[Link], payload: bytes, symbol: str, channel: str) -> None:
        """One message to many: encoded and framed once, except for links with a fault."""
        frame = text_frame(payload)
        for link in links:
            if link.faults:
                link.send(payload, symbol, channel)
            else:
                link.queue(frame)

    # REST

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        raise NotImplementedError

    # Trouble

    def refused(self) -> Answer | None:
        """The answer to a handshake that is not to succeed."""
        if self.trouble.refuse <= 0:
            return None
        self.trouble.refuse -= 1
        self.counters["refused"] += 1
        headers = (("Retry-After", str(self.trouble.retry_after_s)),)
        return Answer(self.trouble.refuse_status, b'{"error":"refused"}', headers)

    def swallowed(self) -> bool:
        """Whether this subscription is to vanish without a word."""
        if self.trouble.ignored_subscribes <= 0:
            return False
        self.trouble.ignored_subscribes -= 1
        return True

    def mute(self) -> bool:
        """Whether this acknowledgement is to be lost."""
        if self.trouble.lost_acks <= 0:
            return False
        self.trouble.lost_acks -= 1
        return True

    def announce(self, status: str) -> None:
        """The exchange's own state changed: ``online``, ``maintenance``, ``cancel_only``, ``post_only``."""
        self.trouble.status = status

    def announce_market(self, market: Market) -> None:
        """One instrument's status changed."""

    def undo(self, market: Market, *, corrected: bool) -> int:
        """Take the last trade back, or correct it, where the venue does that; how many were."""
        return 0

    def shut_down(self) -> None:
        """Say that links are about to be closed, where the venue says so."""

    def remember(self, market: Market) -> None:
        """Keep today's snapshot, to serve it when it is old."""

    def spoiled(self, payload: bytes, symbol: str) -> bytes | None:
        """The payload with one quantity wrong and all else in order; None when it has nothing to spoil."""
        for level in self.levels.finditer(payload):
            damaged = other_quantity(payload, *level.span("qty")) if self.proven(level, symbol) else None
            if damaged is not None:
                return damaged
        return None

    def haunted(self, payload: bytes, symbol: str) -> bytes | None:
        """The payload without a removal that nobody can miss; None where all would be missed."""
        return None

    def proven(self, level: re.Match[bytes], symbol: str) -> bool:
        """Whether a client could find out that this level is wrong."""
        return True

    def _distorted(self, link: Link, payload: bytes, symbol: str, channel: str) -> list[bytes]:
        damages = {"corrupt": self.spoiled, "ghost": self.haunted}
        return passed(link.faults, payload, symbol, channel, damages, self.levels)
