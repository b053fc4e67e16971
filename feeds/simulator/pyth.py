"""Pyth's Hermes, server side: each feed that a link asked for, again and again, with price and confidence.

https://github.com/pyth-network/pyth-crosschain/blob/main/apps/hermes/server/src/api/ws.rs. Answers name
neither request nor feed; one identifier that there is not fails its whole request; all links of an address
together get 256 KiB a second, and the one that asks for more is closed. A market that is halted here goes on
being told with the price and the time of its last publication.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from feeds.simulator import pyth_listing
from feeds.simulator.exchange import Answer, Exchange, as_json
from feeds.simulator.link import Link
from feeds.simulator.market import Market, Tick

_SLOT_NS = 400_000_000
_BYTES_PER_S = 256 * 1024
_FEEDS = "/v2/price_feeds"
_DONE = {"type": "response", "status": "success"}


class Told(NamedTuple):
    """``price`` and ``conf`` in units of 10 to the power of ``expo``; ``at_s`` when it was published."""

    price: int
    conf: int
    expo: int
    at_s: int

    def shown(self) -> dict[str, Any]:
        return {
            "price": str(self.price), "conf": str(self.conf), "expo": self.expo, "publish_time": self.at_s
        }  # fmt: skip


class Pyth(Exchange):
    """All that clients of ``/pyth`` see."""

    name = "PYTH"
    paths = ("/ws",)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._asked: dict[Link, dict[str, None]] = {}
        self._told: dict[str, Told] = {}
        self._slot_ns, self._sent, self._since_s = 0, 0, 0.0

    def open(self, link: Link) -> None:
        super().open(link)
        self._asked[link] = {}

    def close(self, link: Link) -> None:
        super().close(link)
        self._asked.pop(link, None)

    # Requests

    def receive(self, link: Link, message: str | bytes) -> None:
        try:
            request = json.loads(message)
            verb, ids = request["type"], [_identifier(each) for each in request["ids"]]
        except (ValueError, TypeError, KeyError) as problem:
            return self._refuse(link, f"{problem}")
        if verb == "subscribe":
            return self._subscribe(link, ids)
        if verb != "unsubscribe":
            return self._refuse(link, f"unknown variant `{verb}`, expected `subscribe` or `unsubscribe`")
        for each in ids:
            self._asked[link].pop(each, None)
        self._agree(link)

    def _subscribe(self, link: Link, ids: list[str]) -> None:
        if self.swallowed():
            return
        strange = [f"0x{each}" for each in ids if self.market(each) is None]
        if strange:
            return self._refuse(link, f"Price feed(s) with id(s) [{', '.join(strange)}] not found")
        link.subscribed = True
        self._asked[link] |= dict.fromkeys(ids)
        self._agree(link)

    def _agree(self, link: Link) -> None:
        if not self.mute():
            link.send(as_json(_DONE))

    def _refuse(self, link: Link, words: str) -> None:
        link.send(as_json({"type": "response", "status": "error", "error": words}))

    # Data

    def publish(self, tick: Tick) -> None:
        """Prices are told by the slot, whoever trades."""

    def flush(self, now_ns: int, *, everything: bool = False) -> None:
        if not everything and now_ns < self._slot_ns:
            return
        self._slot_ns = now_ns + _SLOT_NS
        payloads: dict[str, bytes] = {}
        for link, ids in list(self._asked.items()):
            for native in ids:
                if native not in payloads:
                    payloads[native] = self._payload(self.markets[native], now_ns)
                if not self._afford(link, len(payloads[native]), now_ns / 1e9):
                    break
                link.send(payloads[native], native, "ticker")

    def _payload(self, market: Market, now_ns: int) -> bytes:
        native = market.listing.native
        if market.status == "trading" or native not in self._told:
            price = round(market.fair(now_ns))
            conf = max(1, round(price * pyth_listing.CONFIDENCE))
            self._told[native] = Told(price, conf, -market.listing.price_decimals, now_ns // 1_000_000_000)
        shown = self._told[native].shown()
        feed = {"id": native, "price": shown, "ema_price": shown}
        return as_json({"type": "price_update", "price_feed": feed})

    def _afford(self, link: Link, size: int, at_s: float) -> bool:
        if at_s - self._since_s >= 1:
            self._since_s, self._sent = at_s, 0
        self._sent += size
        if self._sent <= _BYTES_PER_S:
            return True
        self.counters["bytes_over_limit"] += 1
        link.send(as_json({"status": "error", "error": "Rate limit exceeded"}))
        link.end(1000, "")
        return False

    # REST

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        if path != _FEEDS:
            return Answer(404, b"")
        if self.trouble.rate_limited > 0:
            self.trouble.rate_limited -= 1
            self.counters["rate_limited"] += 1
            return Answer(429, b"", (("Retry-After", str(self.trouble.retry_after_s)),))
        return Answer(200, as_json([pyth_listing.row(market.listing) for market in self.listed()]))

    # Trouble

    def proven(self, level: Any, symbol: str) -> bool:
        """There is no book."""
        return False


def _identifier(text: Any) -> str:
    """64 hexadecimal digits, with ``0x`` or without; raises ValueError."""
    found = str(text).lower().removeprefix("0x")
    if len(found) != 64 or not set(found) <= set("0123456789abcdef"):
        raise ValueError("Invalid string length")
    return found
