"""What every simulated exchange has behind its private door: paper accounts, links of their own, signed REST.

A subclass speaks one venue's protocol. Signatures, nonces and times are really checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from feeds.simulator.exchange import Answer, Exchange
from feeds.simulator.link import Link
from feeds.simulator.paper import Desk, PaperAccount, PaperFill, PaperKey, PaperOrder

if TYPE_CHECKING:
    from feeds.simulator.server import Simulator

PREFIX = "/private"
"""Below an exchange's root: a host of its own, at the venues that have one for private sockets."""
CHANNEL = "private"
"""The channel of what an account is told, for faults."""


class Asked(NamedTuple):
    """A request as it came. ``target`` is the path below the exchange's root with its query, untouched."""

    method: str
    path: str
    target: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class Made(NamedTuple):
    """``kept`` is what the venue keeps of it, ``secret`` what its owner gets: the same, or half of a pair."""

    key: str
    secret: str
    kept: str


@dataclass(slots=True)
class PrivateTrouble:
    """``closed``: handshakes are refused. ``dead_tokens``: so many tokens to come open nothing.

    ``slow_s``: how late acknowledgements are. ``lag_s``: how old a fill is before REST shows it.
    """

    closed: bool = False
    dead_tokens: int = 0
    slow_s: float = 0.0
    lag_s: float = 0.0


class Private:
    """``exchange`` is the public side, whose clock and markets it shares."""

    def __init__(self, exchange: Exchange, simulator: Simulator) -> None:
        self.exchange, self.simulator = exchange, simulator
        self.links: set[Link] = set()
        self.trouble = PrivateTrouble()
        self.desk = Desk(self.fee, self.tell_order, self.tell_fill, simulator.publish, exchange.clock.now_ns)

    # what a subclass says

    def speaks(self, path: str) -> bool:
        """Whether there is a private WebSocket at this path, below :data:`PREFIX`."""
        raise NotImplementedError

    def answers(self, path: str) -> bool:
        """Whether REST at this path is private."""
        raise NotImplementedError

    def answer(self, asked: Asked) -> Answer:
        raise NotImplementedError

    def receive(self, link: Link, message: str | bytes) -> None:
        raise NotImplementedError

    def fee(self, order: PaperOrder, qty: Fraction, cost: Fraction, maker: bool) -> tuple[Fraction, str]:
        raise NotImplementedError

    def tell_order(self, order: PaperOrder, what: str) -> None:
        raise NotImplementedError

    def tell_fill(self, fill: PaperFill) -> None:
        raise NotImplementedError

    def trade_id(self, fill: PaperFill) -> str:
        """How the venue's own files name the trade."""
        raise NotImplementedError

    def made_key(self, kind: str) -> Made:
        """A new key in the venue's own form; ``kind`` where the venue has several."""
        raise NotImplementedError

    def beat(self, now_s: float) -> None:
        """Once a second of real time."""

    # links

    def refused(self) -> Answer | None:
        return Answer(503, b'{"error":"closed"}') if self.trouble.closed else None

    def open(self, link: Link) -> None:
        link.distort = self.exchange._distorted
        self.links.add(link)
        self.desk.counters["connections"] += 1

    def close(self, link: Link) -> None:
        self.links.discard(link)

    def drop(self) -> int:
        """Cut all links, without a word."""
        links = list(self.links)
        for link in links:
            link.ws.transport.abort()
        return len(links)

    def later(self, link: Link, payload: bytes) -> None:
        """An acknowledgement, as late as they are now."""
        if not self.trouble.slow_s:
            link.send(payload)
            return
        self.simulator.later(self.trouble.slow_s, self._late, link, payload)

    def _late(self, link: Link, payload: bytes) -> None:
        link.send(payload)
        self.simulator.write()

    # what REST shows

    def shown(self, account: PaperAccount) -> Iterable[PaperFill]:
        """Fills that have reached the history, oldest first."""
        young_ns = self.exchange.clock.now_ns() - round(self.trouble.lag_s * 1e9)
        return [fill for fill in account.fills if fill.time_ns <= young_ns or not self.trouble.lag_s]

    def key(self, text: str) -> PaperKey | None:
        found = self.desk.keys.get(text)
        return None if found is None or found.revoked else found
