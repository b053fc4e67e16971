"""OKX's public WebSocket v5, server side: one acknowledgement for each stream, books linked by numbers.

https://www.okx.com/docs-v5/en/. Books are windows of 400 levels: what is pushed out of them is deleted, what
comes into them told. Ping and pong are text that is no JSON; a link on which nothing moved for 30 s is cut.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any

from feeds.simulator import okx_listing, okx_rest
from feeds.simulator import okx_text as text
from feeds.simulator.exchange import Answer, Exchange, as_json
from feeds.simulator.faults import BOOK
from feeds.simulator.link import Link, now_s
from feeds.simulator.market import Market, Tick, TradeRecord
from feeds.simulator.okx_streams import OF_MANY, OF_ONE, WINDOW, Key, Told, key_of

_FAST_NS, _SLOW_NS = 100_000_000, 1_000_000_000
_REQUESTS, _REQUESTS_S, _REQUEST_BYTES = 480, 3600.0, 64 * 1024
_IDLE_S = 30.0
_PULSE, _CONNECTION = "BTC-USDT-SWAP", "a4d3ae55"
# One market order of so many ends somebody's position.
_LIQUIDATED, _LIQUIDATES = 12, ("perpetual", "future")


class Okx(Exchange):
    """All that clients of ``/okx`` see. ``begins``: books begin with a snapshot of the stream."""

    name = "OKX"
    paths = ("/ws/v5/public",)
    levels = text.LEVELS
    connects, connects_window_s = 3, 1.0

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._subscribers: dict[Key, set[Link]] = defaultdict(set)
        self._told: dict[str, Told] = {}
        self._requests: dict[Link, deque[float]] = {}
        self._moved: set[str] = set()
        self._dirty_books: set[str] = set()
        self._liquidated: list[tuple[Market, TradeRecord]] = []
        self._fast_ns = self._slow_ns = 0
        self.budget = okx_rest.Budget()
        self.begins = True

    def open(self, link: Link) -> None:
        super().open(link)
        self._requests[link] = deque()

    def close(self, link: Link) -> None:
        super().close(link)
        self._requests.pop(link, None)
        for key in [key for key, links in self._subscribers.items() if link in links]:
            self._leave(link, key)

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        return okx_rest.answer(self, path, query)

    # Requests

    def receive(self, link: Link, message: str | bytes) -> None:
        if message == "ping":
            link.send(b"pong")
            return
        if self._is_too_much(link, message):
            link.end(4002, "Invalid Request")
            return
        try:
            request = json.loads(message)
            op, args = request["op"], request["args"]
            keys = [key_of(arg) for arg in args]
        except (ValueError, TypeError, KeyError, AttributeError):
            self._refuse(link, {}, "60012", f"Invalid request: {str(message)[:100]}")
            return
        if op not in ("subscribe", "unsubscribe"):
            self._refuse(link, request, "60019", f"Invalid op: {op}")
        elif self.trouble.fail_batch and any(self._is_missing(key) for key in keys):
            self._refuse(link, request, "60012", "Invalid request")
        else:
            for key in keys:
                self._change(link, request, op, key)

    def _is_too_much(self, link: Link, message: str | bytes) -> bool:
        times, at_s = self._requests[link], now_s()
        times.append(at_s)
        while times[0] <= at_s - _REQUESTS_S:
            times.popleft()
        exceeded = len(times) > _REQUESTS or len(message) > _REQUEST_BYTES
        self.counters["requests_over_limit"] += exceeded
        return exceeded

    def _change(self, link: Link, request: Any, op: str, key: Key) -> None:
        if op == "subscribe" and self.swallowed():
            return
        if self._is_missing(key):
            named = ",".join(f"{name}:{value}" for name, value in key.arg.items())
            self._refuse(
                link, request, "60018", f"Wrong URL or {named} doesn't exist. Please use the correct URL"
            )
            return
        if not self.mute():
            link.send(as_json({**_id(request), "event": op, "arg": key.arg, "connId": _CONNECTION}))
        (self._join if op == "subscribe" else self._leave)(link, key)

    def _is_missing(self, key: Key) -> bool:
        if key.channel in OF_ONE:
            return self.market(key.of) is None
        if key.channel == "price-limit":
            return key.of != _PULSE and self.market(key.of) is None
        if key.channel == "index-tickers":
            return self._of_index(key.of) is None
        return key.channel not in OF_MANY

    def _of_index(self, name: str) -> Market | None:
        base = name.partition("-")[0]
        return next((each for each in self.markets.values() if each.listing.base == base), None)

    def _refuse(self, link: Link, request: Any, code: str, words: str) -> None:
        link.send(
            as_json({**_id(request), "event": "error", "code": code, "msg": words, "connId": _CONNECTION})
        )

    # Subscriptions

    def _join(self, link: Link, key: Key) -> None:
        link.subscribed = True
        if key.channel == "books":
            self._flush_book(key.of)
        self._subscribers[key].add(link)
        if key.channel == "books":
            self._begin_book(link, key)
        elif rows := self._rows(key):
            link.send(text.framed(key.arg, rows), key.of, "snapshot")

    def _begin_book(self, link: Link, key: Key) -> None:
        market, now_ns = self.markets[key.of], self.clock.now_ns()
        told = self._told.setdefault(key.of, Told(market))
        if self.begins:
            row = text.update(market, [side.items() for side in told.sides], now_ns, -1)
            link.send(text.framed(key.arg, [row], action="snapshot"), key.of, "snapshot")

    def _leave(self, link: Link, key: Key) -> None:
        links = self._subscribers[key]
        links.discard(link)
        if not links:
            del self._subscribers[key]
            if key.channel == "books":
                self._told.pop(key.of, None)

    def _rows(self, key: Key) -> list[Any]:
        """What a stream says of how it is now."""
        now_ns = self.clock.now_ns()
        if key.channel == "status":
            return [text.maintenance(self.trouble.status, now_ns)]
        if key.channel == "price-limit":
            return [text.limit(key.of, now_ns)]
        if key.channel == "opt-summary":
            chain = [each for each in self.listed() if each.listing.strike]
            return [
                text.summary(each, now_ns) for each in chain if okx_listing.family(each.listing) == key.of
            ]
        if key.channel == "index-tickers":
            market = self._of_index(key.of)
            return [text.index(market, key.of, now_ns)] if market else []
        writers: dict[str, Callable[[Market, int], Any]] = {
            "tickers": text.ticker, "mark-price": text.mark, "funding-rate": text.funding,
            "open-interest": text.interest,
        }  # fmt: skip
        return [writers[key.channel](self.markets[key.of], now_ns)] if key.channel in writers else []

    def _chain(self, family: str) -> list[Market]:
        options = [each for each in self.listed() if each.listing.strike]
        return [each for each in options if okx_listing.family(each.listing) == family]

    def _send(self, key: Key, rows: list[Any], channel: str, **more: Any) -> None:
        if rows and (links := self._subscribers.get(key)):
            self.fan_out(links, text.framed(key.arg, rows, **more), key.of, channel)

    # Data

    def publish(self, tick: Tick) -> None:
        market, native = tick.market, tick.market.listing.native
        self._dirty_books.add(native)
        if tick.best_moved or tick.trades:
            self._moved.add(native)
        for _, fills in groupby(tick.trades, key=lambda made: made.price):
            self._send(Key("trades", native), [text.trade(market, list(fills))], "trade")
        for made in tick.trades:
            self._send(Key("trades-all", native), [text.trade(market, [made])], "trade")
            if (
                made.market
                and not made.trade_id % _LIQUIDATED
                and market.listing.kind in ("perpetual", "future")
            ):
                self._liquidated.append((market, made))

    def flush(self, now_ns: int, *, everything: bool = False) -> None:
        if everything or now_ns >= self._fast_ns:
            self._fast_ns = now_ns + _FAST_NS
            dirty, self._dirty_books = self._dirty_books, set()
            for native in sorted(dirty):
                self._flush_book(native)
            moved, self._moved = self._moved, set()
            self._flush_of(("tickers",), moved, "ticker")
        if everything or now_ns >= self._slow_ns:
            self._slow_ns = now_ns + _SLOW_NS
            self._flush_slow()

    def _flush_book(self, native: str) -> None:
        told = self._told.get(native)
        if told is None or told.last == told.market.update_id:
            return
        previous, market = told.last, told.market
        sides = told.changes()
        row = text.update(market, sides, self.clock.now_ns(), previous)
        self._send(Key("books", native), [row], BOOK, action="update")

    def _flush_of(self, channels: Iterable[str], natives: Iterable[str], channel: str) -> None:
        for native in sorted(natives):
            for name in channels:
                key = Key(name, native)
                if key in self._subscribers:
                    self._send(key, self._rows(key), channel)

    def _flush_slow(self) -> None:
        """Marks and indices move with what the assets are worth, whether anybody trades or not."""
        self._flush_of(("mark-price", "funding-rate", "open-interest"), self.markets, "mark")
        for key in list(self._subscribers):
            if key.channel in ("index-tickers", "price-limit", "opt-summary"):
                self._send(key, self._rows(key), "mark")
        closed, self._liquidated = self._liquidated, []
        for market, made in closed:
            key = Key("liquidation-orders", okx_listing.type_of(market.listing))
            self._send(key, [text.liquidation(market, made)], "liquidation")

    def beat(self, now_s: float) -> None:
        for link in list(self.links):
            if now_s - max(link.sent_s, link.opened_s) > _IDLE_S:
                self.counters["quiet_closed"] += 1
                link.end(4004, "No data received in 30s")

    # Trouble

    def announce(self, status: str) -> None:
        super().announce(status)
        key = Key("status", "")
        self._send(key, self._rows(key), "status")

    def announce_market(self, market: Market) -> None:
        key = Key("instruments", okx_listing.type_of(market.listing))
        self._send(key, [text.listing(market)], "status")

    def shut_down(self) -> None:
        words = "The connection will soon be closed for a service upgrade. Please reconnect."
        for link in self.links:
            link.send(as_json({"event": "notice", "code": "64008", "msg": words, "connId": _CONNECTION}))

    def remember(self, market: Market) -> None:
        sides = [side.top(WINDOW) for side in market.book.sides]
        row = text.book(market, sides, self.clock.now_ns())
        self.trouble.old_snapshots.setdefault(market.listing.native, []).append(row)

    def proven(self, level: Any, symbol: str) -> bool:
        """The checksum is 0: a wrong quantity could not be noticed."""
        return False


def _id(request: Any) -> dict[str, Any]:
    return {"id": request["id"]} if "id" in request else {}
