"""Kraken's WebSocket v2, server side.

One acknowledgement per symbol; books cut to their depth with a CRC32 after each update and no deletion for
levels pushed out; a heartbeat a second while nothing else is said.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from feeds.simulator import kraken_rest
from feeds.simulator import kraken_text as text
from feeds.simulator.exchange import Answer, Exchange, as_json
from feeds.simulator.faults import BOOK
from feeds.simulator.history import INTERVALS
from feeds.simulator.link import Link
from feeds.simulator.market import Market, Tick
from feeds.simulator.matching import ASK, BID
from feeds.simulator.text import iso_us
from feeds.simulator.views import DepthView

_DEPTHS = (10, 25, 100, 500, 1000)
_HEARTBEAT = b'{"channel":"heartbeat"}'
# Above 2^53, where careless clients lose digits.
_CONNECTION_IDS = 2**63
_IDLE_LIMIT_S = 60
_DEEP = 2 * text.CHECKSUM_LEVELS

Key = tuple[str, str, Any]
"""(channel, native symbol, depth or trigger or interval)."""


class Kraken(Exchange):
    """All that clients of ``/kraken`` see."""

    name = "KRAKEN"
    paths = ("/v2",)
    levels = re.compile(rb'"price":(?P<price>[0-9.]+),"qty":(?P<qty>[0-9.]+)')
    connects, connects_window_s = 150, 600.0

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._subscribers: dict[Key, set[Link]] = defaultdict(set)
        self._views: dict[str, dict[int, DepthView]] = defaultdict(dict)
        self._ids = random.Random(4)

    def open(self, link: Link) -> None:
        super().open(link)
        link.send(self._status_frame(), channel="status")

    def close(self, link: Link) -> None:
        super().close(link)
        for key in [key for key, links in self._subscribers.items() if link in links]:
            self._leave(link, key)

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        return kraken_rest.answer(self, path, query)

    # Requests

    def receive(self, link: Link, message: str | bytes) -> None:
        began = iso_us(self.clock.now_ns())
        try:
            request = json.loads(message)
            method = request["method"]
        except (ValueError, TypeError, KeyError):
            self._reply(link, {"error": "Malformed request", "success": False}, began, {})
            return
        if method == "ping":
            self._reply(link, {"method": "pong"} | _req_id(request), began, {})
        elif method in ("subscribe", "unsubscribe") and isinstance(request.get("params"), dict):
            self._change(link, method, request, began)
        else:
            problem = {"error": "Unsupported method", "method": method, "success": False}
            self._reply(link, problem, began, request)

    def _change(self, link: Link, method: str, request: dict[str, Any], began: str) -> None:
        params = request["params"]
        channel = params.get("channel")
        symbols = params.get("symbol", [])
        wanted = [""] if channel == "instrument" else symbols if isinstance(symbols, list) else [symbols]
        problem = "" if wanted else "Symbol(s) not found"
        if self.trouble.fail_batch and any(self.market(symbol) is None for symbol in wanted):
            problem = "Currency pair not supported"
        for symbol in wanted or [""]:
            self._change_one(link, method, symbol, request, began, problem)

    def _change_one(
        self, link: Link, method: str, symbol: Any, request: dict[str, Any], began: str, problem: str
    ) -> None:
        if method == "subscribe" and self.swallowed():
            return
        key = _key(request["params"], str(symbol))
        problem = problem or self._problem(link, method, key)
        if problem:
            body = {"error": problem, "method": method, "success": False}
            self._reply(link, body | ({"symbol": symbol} if symbol else {}), began, request)
            return
        body = {"method": method, "result": _result(key, request["params"], method), "success": True}
        if not self.mute():
            self._reply(link, body, began, request)
        if method == "subscribe":
            self._join(link, key, snapshot=request["params"].get("snapshot", True))
        else:
            self._leave(link, key)

    def _problem(self, link: Link, method: str, key: Key) -> str:
        channel, symbol, argument = key
        if channel not in ("book", "trade", "ticker", "ohlc", "instrument"):
            return f"Channel {channel} does not exist"
        if channel != "instrument" and self.market(symbol) is None:
            return f"Currency pair not supported {symbol}"
        if channel == "book" and argument not in _DEPTHS:
            return f"Depth {argument} not supported"
        if channel == "ohlc" and argument not in INTERVALS:
            return f"Interval {argument} not supported"
        if channel == "ticker" and argument not in ("trades", "bbo"):
            return f"Event trigger {argument} not supported"
        known = link in self._subscribers.get(key, ())
        if method == "subscribe":
            return "Already subscribed" if known else ""
        return "" if known else "Subscription Not Found"

    def _reply(self, link: Link, body: dict[str, Any], began: str, request: dict[str, Any]) -> None:
        times = {"time_in": began, "time_out": iso_us(self.clock.now_ns())}
        link.send(as_json(body | times | _req_id(request)))

    # Subscriptions

    def _join(self, link: Link, key: Key, *, snapshot: bool) -> None:
        channel, symbol, argument = key
        link.subscribed = True
        self._subscribers[key].add(link)
        if channel == "book" and argument not in self._views[symbol]:
            self._views[symbol][argument] = DepthView(self.markets[symbol].book, argument)
        if snapshot:
            link.send(self._snapshot(key), symbol, "snapshot")

    def _leave(self, link: Link, key: Key) -> None:
        links = self._subscribers[key]
        links.discard(link)
        if not links:
            del self._subscribers[key]
            if key[0] == "book":
                del self._views[key[1]][key[2]]

    def _snapshot(self, key: Key) -> bytes:
        channel, symbol, argument = key
        now_ns = self.clock.now_ns()
        if channel == "instrument":
            return text.instruments("snapshot", self.listed())
        market = self.markets[symbol]
        writers: dict[str, Callable[[], bytes]] = {
            "book": lambda: self._book_snapshot(market, argument, now_ns),
            "trade": lambda: text.trades(market, "snapshot", list(market.trades)[-50:]),
            "ticker": lambda: text.ticker(market, "snapshot", now_ns),
            "ohlc": lambda: text.ohlc(market, "snapshot", argument, market.bars.last(argument, 100), now_ns),
        }
        return writers[channel]()

    def _book_snapshot(self, market: Market, depth: int, now_ns: int) -> bytes:
        sides = self._views[market.listing.native][depth].snapshot()
        return text.book(market, "snapshot", sides, text.checksum(market), now_ns)

    # Data

    def publish(self, tick: Tick) -> None:
        symbol = tick.market.listing.native
        if views := self._views.get(symbol):
            self._publish_book(tick, symbol, views)
        if tick.trades:
            self._publish_trades(tick, symbol)
        if tick.best_moved and (links := self._subscribers.get(("ticker", symbol, "bbo"))):
            self.fan_out(links, text.ticker(tick.market, "update", tick.time_ns), symbol, "ticker")

    def _publish_book(self, tick: Tick, symbol: str, views: dict[int, DepthView]) -> None:
        crc = -1
        for depth, view in views.items():
            sides = view.after(tick.changes)
            if not sides[0] and not sides[1]:
                continue
            crc = text.checksum(tick.market) if crc < 0 else crc
            payload = text.book(tick.market, "update", sides, crc, tick.time_ns)
            self.fan_out(self._subscribers["book", symbol, depth], payload, symbol, BOOK)

    def _publish_trades(self, tick: Tick, symbol: str) -> None:
        market, now_ns = tick.market, tick.time_ns
        if links := self._subscribers.get(("trade", symbol, None)):
            self.fan_out(links, text.trades(market, "update", tick.trades), symbol, "trade")
        if links := self._subscribers.get(("ticker", symbol, "trades")):
            self.fan_out(links, text.ticker(market, "update", now_ns), symbol, "ticker")
        for interval in INTERVALS:
            if links := self._subscribers.get(("ohlc", symbol, interval)):
                running = [market.bars.running[interval]]
                self.fan_out(links, text.ohlc(market, "update", interval, running, now_ns), symbol, "ohlc")

    def beat(self, now_s: float) -> None:
        for link in list(self.links):
            if link.subscribed and now_s - link.sent_s >= 0.95:
                link.send(_HEARTBEAT, channel="heartbeat")
            elif not link.subscribed and now_s - link.opened_s > _IDLE_LIMIT_S:
                self.counters["idle_closed"] += 1
                link.ws.transport.close()

    # Trouble

    def announce(self, status: str) -> None:
        super().announce(status)
        for link in self.links:
            link.send(self._status_frame(), channel="status")

    def announce_market(self, market: Market) -> None:
        if links := self._subscribers.get(("instrument", "", None)):
            self.fan_out(links, text.instruments("update", [market]), "", "instrument")

    def proven(self, level: re.Match[bytes], symbol: str) -> bool:
        """The checksum covers ten levels: a wrong one below them could not be noticed."""
        market = self.markets[symbol]
        best = {price for side in market.book.sides for price, _ in side.top(text.CHECKSUM_LEVELS)}
        return int(level["price"].replace(b".", b"")) in best

    def haunted(self, payload: bytes, symbol: str) -> bytes | None:
        """Without one removal so deep that it will be long before a checksum reaches there."""
        sides, asks_at = self.markets[symbol].book.sides, payload.find(b'"asks":')
        for level in self.levels.finditer(payload):
            side = sides[ASK if level.start() > asks_at else BID]
            key = int(level["price"].replace(b".", b"")) * side.sign
            deep = len(side.keys) > _DEEP and key > side.keys[_DEEP]
            if deep and not level["qty"].strip(b"0."):
                before, after = payload[: level.start() - 1], payload[level.end() + 1 :]
                return before + after[1:] if after[:1] == b"," else before.removesuffix(b",") + after
        return None

    def _status_frame(self) -> bytes:
        return text.status(self.trouble.status, _CONNECTION_IDS + self._ids.randrange(_CONNECTION_IDS))


def _req_id(request: dict[str, Any]) -> dict[str, Any]:
    return {"req_id": request["req_id"]} if isinstance(request, dict) and "req_id" in request else {}


def _key(params: dict[str, Any], symbol: str) -> Key:
    channel = str(params.get("channel"))
    arguments = {
        "book": params.get("depth", 10),
        "ohlc": params.get("interval", 1),
        "ticker": params.get("event_trigger", "trades"),
    }
    return channel, symbol, arguments.get(channel)


def _result(key: Key, params: dict[str, Any], method: str) -> dict[str, Any]:
    """What the acknowledgement repeats, keys in alphabetical order as the venue writes them."""
    channel, symbol, argument = key
    names = {"book": "depth", "ohlc": "interval", "ticker": "event_trigger"}
    result: dict[str, Any] = {"channel": channel}
    if channel in names:
        result[names[channel]] = argument
    if method == "subscribe":
        result["snapshot"] = params.get("snapshot", True)
    return result | ({"symbol": symbol} if symbol else {})
