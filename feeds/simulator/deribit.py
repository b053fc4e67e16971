"""Deribit, server side: JSON-RPC 2.0 with credits, heartbeats that want an answer, books by change ids.

https://docs.deribit.com. Whatever is subscribed at 100 ms is gathered for so long; a subscription that makes
no sense is left out of the answer without a word.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from feeds.simulator import deribit_rest
from feeds.simulator import deribit_text as text
from feeds.simulator.deribit_session import Channel, Credits, Session, channel_of
from feeds.simulator.exchange import Answer, Exchange, as_json
from feeds.simulator.faults import BOOK
from feeds.simulator.link import Link, now_s
from feeds.simulator.market import Market, Tick, TradeRecord
from feeds.simulator.views import Batch

_FAST_NS, _SLOW_NS = 100_000_000, 1_000_000_000
_CONNECTIONS = 32
_VERSION = {"version": "1.2.26"}
_NEWS = "instrument.state."
# One market order of so many ends somebody's position.
_LIQUIDATED = 12


class Deribit(Exchange):
    """All that clients of ``/deribit`` see."""

    name = "DERIBIT"
    paths = ("/ws/api/v2",)
    levels = text.LEVELS

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._subscribers: dict[str, set[Link]] = defaultdict(set)
        self._sessions: dict[Link, Session] = {}
        self.credits = Credits()
        self._batches: dict[str, Batch] = {}
        self._told: dict[str, text.Told] = {}
        self._made: dict[str, list[TradeRecord]] = defaultdict(list)
        self._moved: set[str] = set()
        self._fast_ns = self._slow_ns = 0

    def open(self, link: Link) -> None:
        super().open(link)
        self._sessions[link] = Session(now_s())
        if len(self.links) > _CONNECTIONS:
            self.counters["links_over_limit"] += 1

    def close(self, link: Link) -> None:
        super().close(link)
        self._sessions.pop(link, None)
        for name in [name for name, links in self._subscribers.items() if link in links]:
            self._leave(link, name)

    def refused(self) -> Answer | None:
        """32 connections of an address; the next one is answered 429."""
        if len(self.links) >= _CONNECTIONS:
            self.counters["links_over_limit"] += 1
            return Answer(429, b"too_many_requests")
        return super().refused()

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        return deribit_rest.answer(self, path, query)

    @property
    def bases(self) -> dict[str, Market]:
        """Each asset that something is listed of, with the first of these."""
        found: dict[str, Market] = {}
        for market in self.markets.values():
            found.setdefault(market.listing.base, market)
        return found

    # Requests

    def receive(self, link: Link, message: str | bytes) -> None:
        session = self._sessions[link]
        try:
            request = json.loads(message)
            method, params = request["method"], request.get("params") or {}
        except (ValueError, TypeError, KeyError):
            link.send(as_json(text.refusal(None, -32600, "bad_request", self.clock.now_ns())))
            return
        session.heard(now_s(), tested=method == "public/test")
        if not self.credits.spend(now_s(), subscribing=method == "public/subscribe"):
            self.counters["credits_over_limit"] += 1
            link.send(as_json(text.refusal(request.get("id"), 10028, "too_many_requests", 0)))
            link.end(1008, "too_many_requests")
            return
        if method == "public/subscribe" and self.swallowed():
            return
        self._answered(link, session, method, params, request.get("id"))

    def _answered(self, link: Link, session: Session, method: str, params: Any, number: Any) -> None:
        names = params.get("channels", []) if isinstance(params, dict) else []
        result: Any
        if method == "public/set_heartbeat":
            result = session.begin(now_s(), params.get("interval", 0))
        elif method == "public/test":
            result = _VERSION
        elif method == "public/subscribe":
            if self.trouble.fail_batch and any(self._unknown(name) for name in names):
                link.send(as_json(text.refusal(number, -32602, "Invalid params", self.clock.now_ns())))
                return
            result = sorted((name for name in names if not self._unknown(name)), reverse=True)
        elif method == "public/unsubscribe":
            result = [name for name in names if link in self._subscribers.get(name, ())]
        else:
            result = None
        if result is None:
            link.send(as_json(text.refusal(number, -32601, "Method not found", self.clock.now_ns())))
            return
        if not self.mute():
            link.send(as_json(text.result(number, result, self.clock.now_ns())))
        for name in result if method == "public/subscribe" else ():
            self._join(link, name)
        for name in result if method == "public/unsubscribe" else ():
            self._leave(link, name)

    def _unknown(self, name: Any) -> bool:
        channel = channel_of(name)
        if channel is None:
            return True
        if channel.index:
            return text.base_of(channel.index) not in self.bases
        return bool(channel.native) and self.market(channel.native) is None

    # Subscriptions

    def _join(self, link: Link, name: str) -> None:
        channel = channel_of(name)
        assert channel is not None
        link.subscribed = True
        if channel.kind == BOOK:
            self._flush_book(channel.native)
        self._subscribers[name].add(link)
        if (first := self._first(channel)) is not None:
            link.send(text.framed(name, first), channel.native, "snapshot")

    def _first(self, channel: Channel) -> str | None:
        """What a new subscription begins with: how it is now."""
        now_ns = self.clock.now_ns()
        if channel.kind == BOOK:
            market = self.markets[channel.native]
            self._batches.setdefault(channel.native, Batch())
            self._told[channel.native] = text.Told(market)
            return text.snapshot(market, now_ns)
        if channel.kind == "ticker":
            return text.ticker(self.markets[channel.native], now_ns)
        return text.index(self.bases, channel, now_ns) if channel.index else None

    def _leave(self, link: Link, name: str) -> None:
        links = self._subscribers[name]
        links.discard(link)
        channel = channel_of(name)
        if links or channel is None:
            return
        del self._subscribers[name]
        if channel.kind == BOOK:
            self._batches.pop(channel.native, None)

    def _send(self, name: str, native: str, kind: str, write: Callable[[], str]) -> None:
        if links := self._subscribers.get(name):
            self.fan_out(links, text.framed(name, write()), native, kind)

    # Data

    def publish(self, tick: Tick) -> None:
        native = tick.market.listing.native
        if (batch := self._batches.get(native)) is not None:
            batch.add(tick)
        self._made[native] += tick.trades
        if tick.best_moved or tick.trades:
            self._moved.add(native)

    def flush(self, now_ns: int, *, everything: bool = False) -> None:
        if everything or now_ns >= self._fast_ns:
            self._fast_ns = now_ns + _FAST_NS
            for native in sorted(self._batches):
                self._flush_book(native)
            self._flush_trades()
            self._flush_tickers(now_ns, self._moved)
            self._moved = set()
        if everything or now_ns >= self._slow_ns:
            self._slow_ns = now_ns + _SLOW_NS
            # Marks and greeks move with the underlying, whether anybody trades or not.
            self._flush_tickers(now_ns, self.markets)
            for name in [name for name in self._subscribers if name.startswith("deribit_")]:
                channel = channel_of(name)
                assert channel is not None
                self._send(name, "", "index", lambda c=channel: text.index(self.bases, c, now_ns))

    def _flush_book(self, native: str) -> None:
        batch = self._batches.get(native)
        if batch is None or not batch.first:
            return
        self._batches[native] = Batch()
        data = text.change(self.markets[native], batch, self._told[native], self.clock.now_ns())
        self._send(f"book.{native}.100ms", native, BOOK, lambda: data)

    def _flush_trades(self) -> None:
        made, self._made = self._made, defaultdict(list)
        for native, trades in made.items():
            market = self.markets[native]
            ended = {each.trade_id for each in trades if each.market and not each.trade_id % _LIQUIDATED}
            self._send(
                f"trades.{native}.100ms",
                native,
                "trade",
                lambda m=market, t=trades, e=ended: text.trades(m, t, e),
            )

    def _flush_tickers(self, now_ns: int, natives: Any) -> None:
        for native in sorted(natives):
            name = f"ticker.{native}.100ms"
            self._send(name, native, "ticker", lambda m=self.markets[native]: text.ticker(m, now_ns))

    def beat(self, now_s: float) -> None:
        for link, session in list(self._sessions.items()):
            word = session.due(now_s)
            if word == "over":
                self.counters["unanswered_closed"] += 1
                link.end(1000, "test_request was not answered")
            elif word:
                link.send(text.heartbeat(word), channel="heartbeat")

    # Trouble

    def announce(self, status: str) -> None:
        super().announce(status)
        maintenance = "true" if status != "online" else "false"
        self._send("platform_state", "", "status", lambda: f'{{"maintenance":{maintenance}}}')

    def announce_market(self, market: Market) -> None:
        """A book that is closed is told by its ticker; one that is gone by the news as well."""
        now_ns, listing = self.clock.now_ns(), market.listing
        name = f"ticker.{listing.native}.100ms"
        self._send(name, listing.native, "ticker", lambda: text.ticker(market, now_ns))
        if market.status == "delisted":
            kind = "future" if listing.kind == "perpetual" else listing.kind
            state = text.listing(listing.native, "terminated", now_ns)
            self._send(f"{_NEWS}{kind}.any", listing.native, "status", lambda: state)

    def proven(self, level: Any, symbol: str) -> bool:
        """No checksum: a wrong quantity could not be noticed."""
        return False
