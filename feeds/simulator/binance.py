"""Binance spot's streams, server side: combined and raw, update ids that continue over REST and stream."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from itertools import groupby
from typing import Any

from feeds.simulator import binance_rest
from feeds.simulator import binance_text as text
from feeds.simulator.binance_budget import Budget
from feeds.simulator.binance_session import STREAMS_LIMIT, Session, Variant
from feeds.simulator.exchange import Answer, Exchange, as_json
from feeds.simulator.faults import BOOK
from feeds.simulator.link import Link, now_s
from feeds.simulator.market import Market, Tick
from feeds.simulator.views import Batch

_STREAM = re.compile(
    r"(?P<symbol>[^@]+)@(?P<kind>trade|aggTrade|bookTicker|ticker|miniTicker|depth(?:5|10|20)?(?:@100ms)?"
    rf"|kline_(?:{'|'.join(text.INTERVALS)}))"
)
_ALL = "!miniTicker@arr"
_FAST_NS, _SLOW_NS = 100_000_000, 1_000_000_000
_SNAPSHOT = 5000


class Binance(Exchange):
    """All that clients of ``/binance`` see."""

    name = "BINANCE"
    text: Any = text
    """Who writes what is sent."""
    streams, session = _STREAM, Session
    levels = re.compile(rb'\["(?P<price>[0-9.]+)","(?P<qty>[0-9.]+)"\]')

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._sessions: dict[Link, Session] = {}
        self._subscribers: dict[str, dict[Variant, set[Link]]] = {}
        self._batches: dict[str, dict[int, Batch]] = defaultdict(dict)
        self._aggregates = {native: market.trade_id // 2 for native, market in self.markets.items()}
        self._bars: dict[str, int] = {}
        self._dirty_fast: set[str] = set()
        self._dirty_slow: set[str] = set()
        self._due = {_FAST_NS: 0, _SLOW_NS: 0}
        self.budget = Budget(self)

    # Links

    def speaks(self, path: str) -> bool:
        return path in ("/stream", "/ws") or path.startswith("/ws/")

    def open(self, link: Link) -> None:
        super().open(link)
        session = self._sessions[link] = self.session(link, link.path)
        self._add(session, session.wanted)

    def close(self, link: Link) -> None:
        super().close(link)
        session = self._sessions.pop(link, None)
        if session is not None:
            self._remove(session, list(session.streams))

    def receive(self, link: Link, message: str | bytes) -> None:
        session = self._sessions[link]
        if session.chatty(now_s()):
            self.counters["messages_over_limit"] += 1
            link.end(1008, "Too many requests")
            return
        try:
            request = json.loads(message)
        except ValueError as error:
            link.send(as_json({"code": 3, "msg": f"Invalid JSON: {error}"}))
            return
        if not isinstance(request, dict):
            link.send(as_json({"code": 2, "msg": "Invalid request: request must be an object"}))
        elif not (request.get("method") == "SUBSCRIBE" and self.swallowed()):
            reply = self._answered(session, request)
            if not self.mute():
                link.send(as_json(reply))

    def _answered(self, session: Session, request: dict[str, Any]) -> dict[str, Any]:
        method, params, number = request.get("method"), request.get("params", []), request.get("id")
        if method in ("SUBSCRIBE", "UNSUBSCRIBE"):
            problem = self._problem(params)
            if problem:
                return {"code": 2, "msg": f"Invalid request: {problem}", "id": number}
            (self._add if method == "SUBSCRIBE" else self._remove)(session, params)
            return {"result": None, "id": number}
        if method == "LIST_SUBSCRIPTIONS":
            return {"result": list(session.streams), "id": number}
        if method == "SET_PROPERTY" and params in (["combined", True], ["combined", False]):
            streams = list(session.streams)
            self._remove(session, streams)
            session.variant = (params[1], session.variant[1])
            self._add(session, streams)
            return {"result": None, "id": number}
        return {"code": 2, "msg": f"Invalid request: unknown variant `{method}`", "id": number}

    def _problem(self, streams: Any) -> str:
        """Unknown symbols are no problem to the venue: it agrees and never sends anything."""
        if not isinstance(streams, list) or not all(isinstance(stream, str) for stream in streams):
            return "params must be an array of strings"
        for stream in streams:
            found = self.streams.fullmatch(stream)
            if found is None and stream != _ALL:
                return f"invalid stream {stream}"
            if self.trouble.fail_batch and found and self.market(found["symbol"].upper()) is None:
                return f"invalid stream {stream}"
        return ""

    # Subscriptions

    def _add(self, session: Session, streams: list[str]) -> None:
        for stream in streams:
            if len(session.streams) >= STREAMS_LIMIT and stream not in session.streams:
                self.counters["streams_over_limit"] += 1
                session.link.end(1008, "Too many subscriptions")
                return
            session.streams[stream] = None
            session.link.subscribed = True
            if not self.sends(session, stream):
                continue
            self._subscribers.setdefault(stream, {}).setdefault(session.variant, set()).add(session.link)
            symbol, _, kind = stream.partition("@")
            if kind in ("depth", "depth@100ms"):
                self._batches[symbol.upper()].setdefault(_FAST_NS if "@" in kind else _SLOW_NS, Batch())

    def sends(self, session: Session, stream: str) -> bool:
        """Whether a stream that was agreed to ever comes on this link."""
        return True

    def _remove(self, session: Session, streams: list[str]) -> None:
        for stream in streams:
            session.streams.pop(stream, None)
            variants = self._subscribers.get(stream, {})
            variants.get(session.variant, set()).discard(session.link)
            if variants.get(session.variant) == set():
                del variants[session.variant]
            if not variants and self._subscribers.pop(stream, None) is not None:
                symbol, _, kind = stream.partition("@")
                if kind in ("depth", "depth@100ms"):
                    self._batches[symbol.upper()].pop(_FAST_NS if "@" in kind else _SLOW_NS, None)

    def _send(self, stream: str, symbol: str, channel: str, write: Callable[[int], bytes]) -> None:
        variants = self._subscribers.get(stream)
        if variants is None:
            return
        for (combined, unit_ns), links in variants.items():
            data = write(unit_ns)
            if combined:
                data = b'{"stream":"' + stream.encode() + b'","data":' + data + b"}"
            self.fan_out(links, data, symbol, channel)

    # Data

    def publish(self, tick: Tick) -> None:
        market = tick.market
        symbol = market.listing.native
        stem = symbol.lower()
        for batch in self._batches.get(symbol, {}).values():
            batch.add(tick)
        self._dirty_fast.add(symbol)
        self._dirty_slow.add(symbol)
        if tick.best_moved:
            self._send(f"{stem}@bookTicker", symbol, "ticker", lambda unit: self.text.book_ticker(market))
        if tick.trades:
            self._publish_trades(tick, symbol, stem)

    def _publish_trades(self, tick: Tick, symbol: str, stem: str) -> None:
        market = tick.market
        for made in tick.trades:
            self._send(
                f"{stem}@trade", symbol, "trade", lambda unit, m=made: self.text.trade(market, m, unit)
            )
        for _, fills in groupby(tick.trades, key=lambda each: each.price):
            self._aggregates[symbol] += 1
            number, group = self._aggregates[symbol], list(fills)
            self._send(
                f"{stem}@aggTrade", symbol, "trade",
                lambda unit, n=number, g=group: self.text.agg_trade(market, n, g, unit),
            )  # fmt: skip

    def flush(self, now_ns: int, *, everything: bool = False) -> None:
        if everything or now_ns >= self._due[_FAST_NS]:
            self._due[_FAST_NS] = now_ns + _FAST_NS
            self._flush_books(now_ns, _FAST_NS, self._dirty_fast, "@100ms")
            self._dirty_fast.clear()
        if everything or now_ns >= self._due[_SLOW_NS]:
            self._due[_SLOW_NS] = now_ns + _SLOW_NS
            self._flush_books(now_ns, _SLOW_NS, self._dirty_slow, "")
            self._flush_figures(now_ns)
            self._dirty_slow.clear()

    def _flush_books(self, now_ns: int, period_ns: int, dirty: set[str], suffix: str) -> None:
        for symbol in sorted(dirty):
            market, stem = self.markets[symbol], symbol.lower()
            batch = self._batches.get(symbol, {}).get(period_ns)
            if batch is not None and batch.first:
                self._batches[symbol][period_ns] = Batch()
                write = partial(self.text.depth, market, batch.first, batch.last, batch.changes)
                name = f"{stem}@depth{suffix}"
                self._send(name, symbol, BOOK, lambda unit, w=write: w(now_ns // unit))
            for count in (5, 10, 20):
                name = f"{stem}@depth{count}{suffix}"
                self._send(name, symbol, "partial", lambda unit, m=market, c=count: self.text.partial(m, c))

    def _flush_figures(self, now_ns: int) -> None:
        for symbol in sorted(self._dirty_slow):
            market, stem = self.markets[symbol], symbol.lower()
            self._send(
                f"{stem}@ticker", symbol, "ticker", lambda u, m=market: self.text.day_ticker(m, now_ns, u)
            )
            self._send(
                f"{stem}@miniTicker",
                symbol,
                "ticker",
                lambda u, m=market: self.text.mini_ticker(m, now_ns, u),
            )
            for name, interval in text.INTERVALS.items():
                self._send_bars(market, f"{stem}@kline_{name}", name, interval, now_ns)
        if self._dirty_slow and _ALL in self._subscribers:
            markets = [self.markets[symbol] for symbol in sorted(self._dirty_slow)]
            self._send(
                _ALL, "", "ticker",
                lambda u: b"[" + b",".join(self.text.mini_ticker(m, now_ns, u) for m in markets) + b"]",
            )  # fmt: skip

    def _send_bars(self, market: Market, stream: str, name: str, interval: int, now_ns: int) -> None:
        """The running bar; before it the one that just closed, once."""
        if stream not in self._subscribers:
            return
        running = market.bars.running[interval]
        last = self._bars.get(stream, running.start_min)
        self._bars[stream] = running.start_min
        bars = [running]
        if last != running.start_min:
            bars = market.bars.last(interval, 2)
        for bar in bars:
            closed = bar is not running
            self._send(
                stream, market.listing.native, "ohlc",
                lambda u, b=bar, c=closed: self.text.kline(market, name, b, now_ns, u, closed=c),
            )  # fmt: skip

    def beat(self, now_s: float) -> None:
        for link, session in list(self._sessions.items()):
            reason = session.keep_alive(now_s)
            if reason:
                self.counters[reason.replace(" ", "_")] += 1
                link.end(1008, reason)

    # REST

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        return binance_rest.answer(self, path, query)

    def snapshot(self, market: Market) -> tuple[int, tuple[list[tuple[int, int]], list[tuple[int, int]]]]:
        """The book as it stands, and the id of the last change in it."""
        bids, asks = market.book.sides
        return market.update_id, (bids.top(_SNAPSHOT), asks.top(_SNAPSHOT))

    # Trouble

    def remember(self, market: Market) -> None:
        self.trouble.old_snapshots.setdefault(market.listing.native, []).append(self.snapshot(market))

    def shut_down(self) -> None:
        for link, session in self._sessions.items():
            combined, unit_ns = session.variant
            event = f'{{"e":"serverShutdown","E":{self.clock.now_ns() // unit_ns}}}'
            whole = f'{{"stream":"!serverShutdown","data":{event}}}' if combined else event
            link.send(whole.encode(), channel="status")
