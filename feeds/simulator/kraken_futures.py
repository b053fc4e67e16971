"""Kraken's derivatives, server side: feeds for lists of contracts, books level by level.

https://docs.kraken.com/exchange/api-reference/futures-websocket. Answers have no numbers; a link that sends
no ping for a minute is closed.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Mapping
from itertools import islice
from typing import Any

from feeds.simulator import kraken_futures_rest
from feeds.simulator import kraken_futures_text as text
from feeds.simulator.exchange import Answer, Exchange, as_json
from feeds.simulator.faults import BOOK
from feeds.simulator.link import Link, now_s
from feeds.simulator.market import Market, Tick, TradeRecord

_SLOW_NS = 1_000_000_000
_CONNECTIONS, _REQUESTS_A_S = 100, 100
_PING_S, _BEAT_S = 60, 10
_TOLD = 100
# One market order of so many ends somebody's position.
_LIQUIDATED = 12
_FEEDS = ("ticker", "trade", BOOK)


class KrakenFutures(Exchange):
    """All that clients of ``/kraken_futures`` see."""

    name = "KRAKEN_FUTURES"
    paths = ("/ws/v1",)
    levels = text.LEVELS

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._subscribers: dict[tuple[str, str], set[Link]] = defaultdict(set)
        self._beating: dict[Link, float] = {}
        self._asked_s: deque[float] = deque(maxlen=_REQUESTS_A_S + 1)
        self._slow_ns = 0

    # Links

    def open(self, link: Link) -> None:
        super().open(link)
        link.send(as_json({"event": "info", "version": 1}))

    def close(self, link: Link) -> None:
        super().close(link)
        self._beating.pop(link, None)
        for links in self._subscribers.values():
            links.discard(link)

    def refused(self) -> Answer | None:
        """100 connections of an address."""
        if len(self.links) >= _CONNECTIONS:
            self.counters["links_over_limit"] += 1
            return Answer(429, b"too many connections")
        return super().refused()

    def beat(self, now_s: float) -> None:
        for link in list(self.links):
            if now_s - max(link.controls, default=link.opened_s) > _PING_S:
                self.counters["idle_closed"] += 1
                link.end(1001, "no ping")
        for link, at_s in list(self._beating.items()):
            if now_s - at_s >= _BEAT_S:
                self._beating[link] = now_s
                time_ms = self.clock.now_ns() // 1_000_000
                link.send(as_json({"feed": "heartbeat", "time": time_ms}), channel="heartbeat")

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        return kraken_futures_rest.answer(self, path, query)

    # Requests

    def receive(self, link: Link, message: str | bytes) -> None:
        self._count()
        try:
            request = json.loads(message)
            event, feed, natives = request["event"], request["feed"], request.get("product_ids", [])
        except (ValueError, TypeError, KeyError, AttributeError):
            self._tell(link, "error", "Json Error")
            return
        if event not in ("subscribe", "unsubscribe") or feed not in (*_FEEDS, "heartbeat"):
            self._tell(link, "error", "Invalid feed")
        elif feed == "heartbeat":
            self._beating[link] = now_s()
            link.send(as_json({"event": f"{event}d", "feed": feed}))
        elif not (event == "subscribe" and self.swallowed()):
            self._change(link, event, feed, natives)

    def _count(self) -> None:
        self._asked_s.append(now_s())
        if len(self._asked_s) > _REQUESTS_A_S and now_s() - self._asked_s[0] < 1:
            self.counters["requests_over_limit"] += 1

    def _tell(self, link: Link, event: str, message: str) -> None:
        link.send(as_json({"event": event, "message": message}))

    def _change(self, link: Link, event: str, feed: str, natives: Any) -> None:
        """What is not listed is refused, in words that name nobody."""
        names = natives if isinstance(natives, list) else []
        good = [native for native in names if isinstance(native, str) and self.market(native)]
        if len(good) < len(names) or not names:
            good = [] if self.trouble.fail_batch else good
        if good and not self.mute():
            link.send(as_json({"event": f"{event}d", "feed": feed, "product_ids": good}))
        if len(good) < len(names) or not names:
            self._tell(link, "error", "Invalid product id")
        for native in good:
            self._join(link, feed, native) if event == "subscribe" else self._leave(link, feed, native)

    def _join(self, link: Link, feed: str, native: str) -> None:
        """Whoever has it already is told so, and how it is now."""
        links, market, now_ns = self._subscribers[feed, native], self.markets[native], self.clock.now_ns()
        if link in links:
            self._tell(link, "alert", "Already subscribed to feed, re-requesting")
        links.add(link)
        link.subscribed = True
        if feed == BOOK:
            link.send(text.snapshot(market, now_ns), native, "snapshot")
        elif feed == "trade":
            newest = islice(reversed(market.trades), _TOLD)
            link.send(text.trades(market, (text.trade(market, each, _kind(each)) for each in newest)), native)
        else:
            link.send(text.ticker(market, now_ns), native, "ticker")

    def _leave(self, link: Link, feed: str, native: str) -> None:
        self._subscribers[feed, native].discard(link)

    # Data

    def publish(self, tick: Tick) -> None:
        market, native = tick.market, tick.market.listing.native
        if links := self._subscribers.get((BOOK, native)):
            for seq, (side, at, size) in enumerate(tick.changes, tick.first_id):
                payload = text.change(market, side, at, size, seq, tick.time_ns)
                self.fan_out(links, payload, native, BOOK)
        if tick.trades and (links := self._subscribers.get(("trade", native))):
            for made in tick.trades:
                self.fan_out(links, text.trade(market, made, _kind(made)).encode(), native, "trade")

    def flush(self, now_ns: int, *, everything: bool = False) -> None:
        """A ticker a second: marks and indexes move, whether anybody trades or not."""
        if everything or now_ns >= self._slow_ns:
            self._slow_ns = now_ns + _SLOW_NS
            for market in self.markets.values():
                self._flush_ticker(market, now_ns)

    def _flush_ticker(self, market: Market, now_ns: int) -> None:
        native = market.listing.native
        if links := self._subscribers.get(("ticker", native)):
            self.fan_out(links, text.ticker(market, now_ns), native, "ticker")

    # Trouble

    def announce_market(self, market: Market) -> None:
        self._flush_ticker(market, self.clock.now_ns())

    def proven(self, level: Any, symbol: str) -> bool:
        """No checksum: a wrong quantity could not be noticed."""
        return False


def _kind(made: TradeRecord) -> str:
    return "liquidation" if made.market and not made.trade_id % _LIQUIDATED else "fill"
