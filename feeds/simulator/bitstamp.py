"""Bitstamp, server side: one channel in a request, whole books of a hundred levels when they change.

https://www.bitstamp.net/websocket/v2/. A subscription brings nothing by itself; a market that there is not is
agreed to and silent; 1,024 channels on a link, 512 bytes in a request.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from feeds.simulator import bitstamp_rest
from feeds.simulator import bitstamp_text as text
from feeds.simulator.exchange import Answer, Exchange
from feeds.simulator.faults import BOOK
from feeds.simulator.link import Link
from feeds.simulator.market import Market, Tick

_CHANNELS, _REQUEST_BYTES = 1024, 512
_PICTURE_NS, _CHANGE_NS, _RATE_NS = 100_000_000, 500_000_000, 1_000_000_000
_PICTURES, _CHANGES, _TRADES, _RATES = "order_book_", "diff_order_book_", "live_trades_", "funding_rate_"
_NAME = re.compile(rf"({_PICTURES}|{_CHANGES}|{_TRADES}|{_RATES})[a-z0-9-]+").fullmatch


class Bitstamp(Exchange):
    """All that clients of ``/bitstamp`` see."""

    name = "BITSTAMP"
    paths = ("", "/")
    levels = text.LEVELS

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._subscribers: dict[str, set[Link]] = defaultdict(set)
        self._moved: dict[str, None] = {}
        self._changed: dict[str, dict[tuple[int, int], int]] = defaultdict(dict)
        self._picture_ns = self._change_ns = self._rate_ns = 0
        self.budget = bitstamp_rest.Budget(self)

    def close(self, link: Link) -> None:
        super().close(link)
        for links in self._subscribers.values():
            links.discard(link)

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        return bitstamp_rest.answer(self, path, query)

    # Requests

    def receive(self, link: Link, message: str | bytes) -> None:
        if len(message) > _REQUEST_BYTES:
            self.counters["bytes_over_limit"] += 1
            link.end(1009, "read limited at 513 bytes")
            return
        try:
            request = json.loads(message)
            event = request["event"]
        except (ValueError, TypeError, KeyError):
            link.send(text.problem("Incorrect JSON format."))
            return
        if event == "bts:heartbeat":
            link.send(text.said("heartbeat", data={"status": "success"}))
            return
        channel = (request.get("data") or {}).get("channel")
        if event not in ("bts:subscribe", "bts:unsubscribe") or not isinstance(channel, str):
            link.send(text.problem("Bad subscription string."))
        elif not _NAME(channel):
            link.send(text.problem("Invalid channel provided."))
        else:
            self._change(link, event == "bts:subscribe", channel)

    def _change(self, link: Link, wanted: bool, channel: str) -> None:
        if wanted and self.swallowed():
            return
        links = self._subscribers[channel]
        if wanted:
            links.add(link)
            link.subscribed = True
        else:
            links.discard(link)
        if not self.mute():
            link.send(text.said(f"{'' if wanted else 'un'}subscription_succeeded", channel, {}))
        if sum(link in each for each in self._subscribers.values()) > _CHANNELS:
            self.counters["channels_over_limit"] += 1
            link.reset()

    # Data

    def publish(self, tick: Tick) -> None:
        native = tick.market.listing.native
        if tick.changes:
            self._moved[native] = None
        if self._subscribers.get(_CHANGES + native):
            for side, price, qty in tick.changes:
                self._changed[native][side, price] = qty
        for made in tick.trades:
            self._tell(_TRADES, "trade", tick.market, text.trade(tick.market, made), "trade")

    def flush(self, now_ns: int, *, everything: bool = False) -> None:
        if everything or now_ns >= self._picture_ns:
            self._picture_ns = now_ns + _PICTURE_NS
            moved, self._moved = self._moved, {}
            for native in moved:
                if self._subscribers.get(_PICTURES + native):
                    market = self.markets[native]
                    self._tell(_PICTURES, "data", market, text.book(market, now_ns, text.PICTURED), BOOK)
        if everything or now_ns >= self._change_ns:
            self._change_ns = now_ns + _CHANGE_NS
            changed, self._changed = self._changed, defaultdict(dict)
            for native, levels in changed.items():
                market = self.markets[native]
                self._tell(_CHANGES, "data", market, text.change(market, levels, now_ns), BOOK)
        if everything or now_ns >= self._rate_ns:
            self._rate_ns = now_ns + _RATE_NS
            self._rates(now_ns)

    def _tell(self, prefix: str, event: str, market: Market, data: object, kind: str) -> None:
        channel = prefix + market.listing.native
        links = self._subscribers.get(channel)
        if links and self.market(market.listing.native):
            self.fan_out(links, text.told(event, channel, data), market.listing.native, kind)

    def _rates(self, now_ns: int) -> None:
        """Of each perpetual once a second, and so of the one of Bitcoin, whether it is simulated or not."""
        for channel, links in self._subscribers.items():
            native = channel.removeprefix(_RATES)
            if links and channel.startswith(_RATES) and native.endswith("-perp"):
                data = text.rate(self.markets.get(native), native, now_ns)
                self.fan_out(links, text.told("funding_rate_saved", channel, data), native, "mark")

    # Trouble

    def shut_down(self) -> None:
        for link in self.links:
            link.send(text.said("request_reconnect"))

    def remember(self, market: Market) -> None:
        row = text.book(market, self.clock.now_ns(), 0)
        self.trouble.old_snapshots.setdefault(market.listing.native, []).append(row)

    def proven(self, level: Any, symbol: str) -> bool:
        """No checksum: a wrong quantity stands until the next picture."""
        return False
