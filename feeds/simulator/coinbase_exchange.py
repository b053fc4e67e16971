"""Coinbase Exchange's market data, server side: what was Coinbase Pro.

Nothing is numbered but trades; books in batches of 50 ms, whole ones first; a heartbeat a second of each
product; five seconds to ask for something. https://docs.cdp.coinbase.com/exchange/websocket-feed/overview
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from feeds.simulator import coinbase_exchange_rest
from feeds.simulator import coinbase_exchange_text as text
from feeds.simulator.exchange import Answer, Exchange, as_json
from feeds.simulator.faults import BOOK
from feeds.simulator.link import Link, now_s
from feeds.simulator.market import Market, Tick

_SUBSCRIBE_WITHIN_S, _MESSAGES_PER_S, _SUBSCRIPTIONS = 5.0, 8, 10
_BATCH_NS, _SLOW_NS = 50_000_000, 5_000_000_000
_BOOKS, _SLOW_TICKER = "level2_batch", "ticker_batch"
_CHANNELS = (_BOOKS, "matches", "ticker", _SLOW_TICKER, "heartbeat", "status")
# What `level2_batch` is called in acknowledgements.
_SHOWN = {_BOOKS: "level2_50", _SLOW_TICKER: "ticker_5000"}
_WITH_A_KEY = ("level2", "level3", "full", "user")
# A removal so deep that it is long before prices cross there.
_DEEP = 5

Key = tuple[str, str]
"""(channel, product)."""


class CoinbaseExchange(Exchange):
    """All that clients of ``/coinbase_exchange`` see."""

    name = "COINBASE_EXCHANGE"
    paths = ("", "/")
    levels = re.compile(rb'\["(?P<side>buy|sell)","(?P<price>[0-9.]+)","(?P<qty>[0-9.]+)"\]')
    connects, connects_window_s = 8, 1.0

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._subscribers: dict[Key, set[Link]] = {}
        self._changes: dict[str, dict[tuple[int, int], int]] = {}
        self._moved_slowly: dict[str, None] = {}
        self._times: deque[float] = deque()
        self._due_ns = self._slow_due_ns = 0

    # Links

    def close(self, link: Link) -> None:
        super().close(link)
        for key in [key for key, links in self._subscribers.items() if link in links]:
            self._leave(link, key)

    def receive(self, link: Link, message: str | bytes) -> None:
        self._count()
        try:
            request = json.loads(message)
            kind, keys = request["type"], _keys(request)
        except (ValueError, TypeError, KeyError, AttributeError):
            link.send(text.error("Malformed JSON"))
            return
        if kind not in ("subscribe", "unsubscribe"):
            link.send(text.error(f"{kind} is not a valid type"))
        elif problem := self._problem(link, kind, keys):
            link.send(text.error(f"Failed to {kind}", problem))
        else:
            self._change(link, kind == "subscribe", keys)

    def _count(self) -> None:
        """Requests of an address, all links together: eight a second."""
        self._times.append(now_s())
        while self._times[0] <= self._times[-1] - 1:
            self._times.popleft()
        if len(self._times) > _MESSAGES_PER_S:
            self.counters["messages_over_limit"] += 1

    def _problem(self, link: Link, kind: str, keys: list[Key]) -> str:
        """One that is wrong fails the request as a whole."""
        for channel, product in keys:
            if channel in _WITH_A_KEY:
                return "level2, level3, and full channels now require authentication"
            if channel not in _CHANNELS:
                return f"{channel} is not a valid channel"
            if kind == "subscribe" and channel != "status" and self.market(product) is None:
                return f"{product} is not a valid product"
            if (
                kind == "subscribe"
                and len(self._subscribers.get((channel, product), set()) - {link}) >= _SUBSCRIPTIONS
            ):
                self.counters["subscriptions_over_limit"] += 1
                return f"{product} has too many subscriptions to {channel}"
        return "" if keys else "no channels"

    def _change(self, link: Link, wanted: bool, keys: list[Key]) -> None:
        link.subscribed = True
        if wanted and self.swallowed():
            return
        fresh = [key for key in keys if wanted and link not in self._subscribers.get(key, ())]
        for key in keys:
            if wanted:
                self._subscribers.setdefault(key, set()).add(link)
            else:
                self._leave(link, key)
        if not self.mute():
            link.send(as_json({"type": "subscriptions", "channels": self._listed(link)}))
        for channel, product in fresh:
            if writer := self._first(channel):
                link.send(writer(self.markets[product]), product, "snapshot")

    def _listed(self, link: Link) -> list[dict[str, Any]]:
        """All that the link has now."""
        found: dict[str, list[str]] = {}
        for (channel, product), links in self._subscribers.items():
            if link in links:
                found.setdefault(_SHOWN.get(channel, channel), []).append(product)
        return [
            {"name": name, "product_ids": natives, "account_ids": None} for name, natives in found.items()
        ]

    def _leave(self, link: Link, key: Key) -> None:
        links = self._subscribers.get(key, set())
        links.discard(link)
        if not links:
            self._subscribers.pop(key, None)

    def _first(self, channel: str) -> Callable[[Market], bytes] | None:
        """What a new subscription brings at once."""
        return {_BOOKS: text.snapshot, "matches": text.last_match, "ticker": text.ticker}.get(channel)

    # Data

    def publish(self, tick: Tick) -> None:
        product = tick.market.listing.native
        if (_BOOKS, product) in self._subscribers:
            changed = self._changes.setdefault(product, {})
            for side, price, qty in tick.changes:
                changed[side, price] = qty
        if not tick.trades:
            return
        self._moved_slowly[product] = None
        for made in tick.trades:
            self._tell("matches", product, "trade", lambda m, made=made: text.match(m, made))
        self._tell("ticker", product, "ticker", text.ticker)

    def flush(self, now_ns: int, *, everything: bool = False) -> None:
        if everything or now_ns >= self._due_ns:
            self._due_ns = now_ns + _BATCH_NS
            changes, self._changes = self._changes, {}
            for product, changed in changes.items():
                self._tell(_BOOKS, product, BOOK, lambda m, c=changed: text.change(m, c, now_ns))
        if everything or now_ns >= self._slow_due_ns:
            self._slow_due_ns = now_ns + _SLOW_NS
            moved, self._moved_slowly = self._moved_slowly, {}
            for product in moved:
                self._tell(_SLOW_TICKER, product, "ticker", text.ticker)

    def _tell(self, channel: str, product: str, kind: str, write: Callable[[Market], bytes]) -> None:
        if links := self._subscribers.get((channel, product)):
            self.fan_out(links, write(self.markets[product]), product, kind)

    def beat(self, now_s: float) -> None:
        now_ns = self.clock.now_ns()
        for channel, product in list(self._subscribers):
            if channel == "heartbeat":
                self._tell(channel, product, "heartbeat", lambda m: text.heartbeat(m, now_ns))
        self._say_status(self._subscribers.get(("status", ""), ()))
        for link in list(self.links):
            if not link.subscribed and now_s - link.opened_s > _SUBSCRIBE_WITHIN_S:
                self.counters["late_subscribe"] += 1
                link.end(1008, "no subscription within 5 seconds")

    def announce_market(self, market: Market) -> None:
        self._say_status(self._subscribers.get(("status", ""), ()))

    def _say_status(self, links: Iterable[Link]) -> None:
        if links:
            self.fan_out(links, text.statuses(self.listed()), "", "status")

    # REST

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        return coinbase_exchange_rest.answer(self, path, query)

    # Trouble

    def haunted(self, payload: bytes, symbol: str) -> bytes | None:
        """Without one removal behind the best prices: nothing in the stream will ever tell."""
        for level in self.levels.finditer(payload):
            side = self.markets[symbol].book.sides[level["side"] == b"sell"]
            key = int(level["price"].replace(b".", b"")) * side.sign
            if len(side.keys) > _DEEP and key > side.keys[_DEEP] and not level["qty"].strip(b"0."):
                before, after = payload[: level.start()], payload[level.end() :]
                return before + after[1:] if after[:1] == b"," else before.removesuffix(b",") + after
        return None


def _keys(request: dict[str, Any]) -> list[Key]:
    """A channel is a name, of the products beside all channels, or has products of its own."""
    beside, keys = request.get("product_ids", []), list[Key]()
    for channel in request["channels"]:
        name, own = (
            (channel, beside) if isinstance(channel, str) else (channel["name"], channel.get("product_ids"))
        )
        products = [""] if name == "status" else own or beside
        keys += [(str(name), str(product)) for product in products]
    return keys
