"""Gemini's socket of today, server side: streams by name, books that begin with the whole of them.

https://developer.gemini.com/websocket/introduction. One name that there is not refuses a whole request; with
``snapshot`` in the address the whole book comes with each subscription, before its answer.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from feeds.simulator import gemini_rest
from feeds.simulator import gemini_text as text
from feeds.simulator.exchange import Answer, Exchange, as_json
from feeds.simulator.faults import BOOK
from feeds.simulator.link import Link
from feeds.simulator.market import Market, Tick

_FAST_NS, _SLOW_NS, _MINUTE_NS = 100_000_000, 1_000_000_000, 60_000_000_000
_CONTRACTS = ("markPrice", "fundingAmount")
_PULSE = "depth5"
_STREAMS = ("bookTicker", "trade", "depth@100ms", _PULSE, *_CONTRACTS)
_BAD, _UNSUPPORTED = -1013, -1020

Levels = list[dict[int, int]]


class Gemini(Exchange):
    """All that clients of ``/gemini`` see."""

    name = "GEMINI"
    paths = ("", "/")
    levels = text.LEVELS
    connects, connects_window_s = 300, 300.0

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._subscribers: dict[tuple[str, str], set[Link]] = defaultdict(set)
        self._changes: dict[str, Levels] = {}
        self._told: dict[str, int] = {}
        self._marks: dict[str, bytes] = {}
        self._due = {_FAST_NS: 0, _SLOW_NS: 0, _MINUTE_NS: 0}
        self.budget = gemini_rest.Budget()

    # Links

    def close(self, link: Link) -> None:
        super().close(link)
        for key in [key for key, links in self._subscribers.items() if link in links]:
            self._leave(link, *key)

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        return gemini_rest.answer(self, path, query)

    # Requests

    def receive(self, link: Link, message: str | bytes) -> None:
        try:
            request = json.loads(message)
            number, method, names = request["id"], request["method"].lower(), request.get("params", [])
        except (ValueError, TypeError, KeyError, AttributeError):
            link.send(as_json(_failed(None, _BAD, "Invalid request")))
            return
        if method in ("ping", "time", "conninfo", "list_subscriptions"):
            link.send(as_json({"id": number, "status": 200}))
        elif method not in ("subscribe", "unsubscribe") or not isinstance(names, list):
            link.send(as_json(_failed(number, _UNSUPPORTED, "Unsupported operation")))
        elif not (method == "subscribe" and self.swallowed()):
            self._change(link, number, method, [str(name) for name in names])

    def _change(self, link: Link, number: Any, method: str, names: list[str]) -> None:
        keys = [_key(name) for name in names]
        strange = [name for name, key in zip(names, keys, strict=True) if not self._has(*key)]
        if strange:
            link.send(as_json(_failed(number, _BAD, f"Invalid stream name: {strange[0]}")))
            return
        for key in keys:
            self._join(link, *key) if method == "subscribe" else self._leave(link, *key)
        if not self.mute():
            link.send(as_json({"id": number, "status": 200}))

    def _has(self, native: str, kind: str) -> bool:
        """The pulse is there whatever is listed."""
        market = self.market(native)
        if kind == _PULSE and native == "BTCUSD":
            return True
        perpetual = market is not None and market.listing.kind == "perpetual"
        return market is not None and kind in _STREAMS and (perpetual or kind not in _CONTRACTS)

    def _join(self, link: Link, native: str, kind: str) -> None:
        links = self._subscribers[native, kind]
        fresh = link not in links
        if kind == "depth@100ms" and fresh:
            self._begin(link, native)
        links.add(link)
        link.subscribed = True

    def _begin(self, link: Link, native: str) -> None:
        """Who has the book already is told first what came meanwhile."""
        market, now_ns = self.markets[native], self.clock.now_ns()
        self._flush_book(native, now_ns)
        if native not in self._changes:
            self._changes[native] = [{}, {}]
        self._told[native] = last = market.update_id
        wanted = int(parse_qs(urlsplit(link.path).query).get("snapshot", ["0"])[0])
        if wanted:
            sides = [side.top(max(0, wanted)) for side in market.book.sides]
            link.send(text.depth(market, last, sides, now_ns, last), native, "snapshot")

    def _leave(self, link: Link, native: str, kind: str) -> None:
        links = self._subscribers[native, kind]
        links.discard(link)
        if not links:
            del self._subscribers[native, kind]
            if kind == "depth@100ms":
                self._changes.pop(native, None)

    # Data

    def publish(self, tick: Tick) -> None:
        native = tick.market.listing.native
        if (changed := self._changes.get(native)) is not None:
            for side, at, size in tick.changes:
                changed[side][at] = size
        if tick.best_moved:
            self._tell(native, "bookTicker", "ticker", lambda m: text.best(m, tick.time_ns))
        for made in tick.trades:
            self._tell(native, "trade", "trade", lambda m, made=made: text.trade(m, made))

    def _tell(self, native: str, kind: str, channel: str, write: Callable[[Market], bytes]) -> None:
        if links := self._subscribers.get((native, kind)):
            self.fan_out(links, write(self.markets[native]), native, channel)

    def flush(self, now_ns: int, *, everything: bool = False) -> None:
        for period_ns, act in (
            (_FAST_NS, self._flush_books), (_SLOW_NS, self._flush_second), (_MINUTE_NS, self._flush_minute),
        ):  # fmt: skip
            if everything or now_ns >= self._due[period_ns]:
                self._due[period_ns] = now_ns - now_ns % period_ns + period_ns
                act(now_ns)

    def _flush_books(self, now_ns: int) -> None:
        for native in list(self._changes):
            self._flush_book(native, now_ns)

    def _flush_book(self, native: str, now_ns: int) -> None:
        """Changed levels in no order, from where the last one ended."""
        changed, market = self._changes.get(native), self.markets[native]
        if changed is None or self._told[native] == market.update_id:
            return
        self._changes[native] = [{}, {}]
        first, self._told[native] = self._told[native], market.update_id
        sides = [side.items() for side in changed]
        payload = text.depth(market, first, sides, now_ns, market.update_id)
        self._tell(native, "depth@100ms", BOOK, lambda m: payload)

    def _flush_second(self, now_ns: int) -> None:
        """The best levels come whether they changed or not; a mark where it changed."""
        if links := self._subscribers.get(("BTCUSD", _PULSE)):
            market = self.markets.get("BTCUSD") or next(iter(self.markets.values()))
            self.fan_out(links, text.partial(market, 5), "", "pulse")
        for native, kind in list(self._subscribers):
            if kind == "markPrice":
                mark = text.mark_price(self.markets[native]).encode()
                if self._marks.get(native) != mark:
                    self._marks[native] = mark
                    self._tell(native, kind, "mark", lambda m: text.mark(m, now_ns))

    def _flush_minute(self, now_ns: int) -> None:
        for native, kind in list(self._subscribers):
            if kind == "fundingAmount":
                self._tell(native, kind, "funding", lambda m: text.payment(m, now_ns))

    # Trouble

    def proven(self, level: Any, symbol: str) -> bool:
        """No checksum: a wrong quantity could not be noticed."""
        return False


def _key(name: str) -> tuple[str, str]:
    """Symbol and stream, in whatever letters it was asked for."""
    native, _, kind = name.partition("@")
    return native.upper(), next((each for each in _STREAMS if each.lower() == kind.lower()), "")


def _failed(number: Any, code: int, words: str) -> dict[str, Any]:
    return {"id": number, "status": 400, "error": {"code": code, "msg": words}}
