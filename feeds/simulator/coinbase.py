"""Coinbase Advanced Trade's market data, server side.

One sequence over everything a link is sent; whole books in one frame; the acknowledgement after the
snapshots, with the cumulative list; five seconds to ask for something.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from feeds.simulator import coinbase_rest
from feeds.simulator import coinbase_text as text
from feeds.simulator.exchange import Answer, Exchange, as_json
from feeds.simulator.faults import BOOK
from feeds.simulator.link import Link, now_s
from feeds.simulator.market import Market, Tick, TradeRecord

_SUBSCRIBE_WITHIN_S, _QUIET_S, _MESSAGES_PER_S = 5.0, 90.0, 8
_BATCH_NS, _SLOW_NS = 50_000_000, 1_000_000_000
_SNAPSHOT_TRADES, _SNAPSHOT_CANDLES, _CANDLE_MIN = 100, 100, 5
# The name in a subscription, and in the messages it brings.
_CHANNELS = {
    "level2": "l2_data", "market_trades": "market_trades", "ticker": "ticker", "ticker_batch": "ticker_batch",
    "candles": "candles", "heartbeats": "heartbeats",
}  # fmt: skip


@dataclass(slots=True)
class Session:
    """One link: what it subscribed to and how far its sequence is."""

    sequence: int = 0
    subscriptions: dict[str, dict[str, None]] = field(default_factory=dict)
    times: deque[float] = field(default_factory=deque)


class Coinbase(Exchange):
    """All that clients of ``/coinbase`` see."""

    name = "COINBASE"
    paths = ("", "/")
    levels = re.compile(rb'"price_level":"(?P<price>[0-9.]+)","new_quantity":"(?P<qty>[0-9.]+)"')
    connects, connects_window_s = 8, 1.0

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._sessions: dict[Link, Session] = {}
        self._subscribers: dict[tuple[str, str], set[Link]] = {}
        self._changes: dict[str, dict[tuple[int, int], tuple[int, int]]] = {}
        self._trades: dict[str, list[TradeRecord]] = {}
        self._moved: dict[str, None] = {}
        self._moved_slowly: dict[str, None] = {}
        self._due_ns = self._slow_due_ns = 0
        self._beats = 40_000

    # Links

    def open(self, link: Link) -> None:
        super().open(link)
        self._sessions[link] = Session()

    def close(self, link: Link) -> None:
        super().close(link)
        session = self._sessions.pop(link, None)
        for channel, products in session.subscriptions.items() if session else ():
            self._leave(link, channel, list(products))

    def receive(self, link: Link, message: str | bytes) -> None:
        self._count(self._sessions[link])
        try:
            request = json.loads(message)
            kind, channel = request["type"], request["channel"]
            products = [str(product) for product in request.get("product_ids", [])]
            if kind not in ("subscribe", "unsubscribe") or channel not in _CHANNELS:
                raise ValueError(f"{kind} {channel}")
        except (ValueError, TypeError, KeyError):
            link.send(as_json({"type": "error", "message": "invalid subscription message"}))
            return
        self._change(link, kind == "subscribe", channel, products)

    def _count(self, session: Session) -> None:
        session.times.append(now_s())
        while session.times[0] <= session.times[-1] - 1:
            session.times.popleft()
        if len(session.times) > _MESSAGES_PER_S:
            self.counters["messages_over_limit"] += 1

    def _change(self, link: Link, wanted: bool, channel: str, products: list[str]) -> None:
        link.subscribed = True
        if wanted and self.swallowed():
            return
        if channel == "heartbeats":
            products = ["heartbeats"]
        elif unknown := [product for product in products if self.market(product) is None]:
            # One wrong product fails the request as a whole.
            problem = f"failed to subscribe: {', '.join(unknown)} is not a valid product"
            link.send(as_json({"type": "error", "message": problem}))
            return
        if wanted:
            self._join(link, channel, products or list(self.markets))
        else:
            self._leave(link, channel, products or list(self._sessions[link].subscriptions.get(channel, ())))
        if not self.mute():
            self._acknowledge(link)

    def _acknowledge(self, link: Link) -> None:
        subscriptions = self._sessions[link].subscriptions
        listed = {channel: list(subscriptions[channel]) for channel in sorted(subscriptions)}
        event = as_json({"subscriptions": listed}).decode()
        self._send([link], "subscriptions", event, "", "reply", self.clock.now_ns())

    def _join(self, link: Link, channel: str, products: list[str]) -> None:
        mine = self._sessions[link].subscriptions.setdefault(channel, {})
        for product in products:
            mine[product] = None
            self._subscribers.setdefault((channel, product), set()).add(link)
            if channel != "heartbeats":
                event = self._snapshot(channel, self.markets[product])
                self._send([link], _CHANNELS[channel], event, product, "snapshot", self.clock.now_ns())

    def _leave(self, link: Link, channel: str, products: list[str]) -> None:
        session = self._sessions.get(link)
        for product in products:
            links = self._subscribers.get((channel, product), set())
            links.discard(link)
            if not links:
                self._subscribers.pop((channel, product), None)
            if session is not None:
                session.subscriptions.get(channel, {}).pop(product, None)
        if session is not None and not session.subscriptions.get(channel, True):
            del session.subscriptions[channel]

    def _snapshot(self, channel: str, market: Market) -> str:
        writers: dict[str, Callable[[], str]] = {
            "level2": lambda: text.level2(market, "snapshot", self._whole_book(market)),
            "market_trades": lambda: text.trades(
                market, "snapshot", reversed(list(market.trades)[-_SNAPSHOT_TRADES:])
            ),
            "ticker": lambda: text.ticker(market, "snapshot"),
            "ticker_batch": lambda: text.ticker(market, "snapshot", touch=False),
            "candles": lambda: text.candles(
                market, "snapshot", market.bars.last(_CANDLE_MIN, _SNAPSHOT_CANDLES)
            ),
        }
        return writers[channel]()

    def _whole_book(self, market: Market) -> Iterable[text.LevelChange]:
        now_ns = self.clock.now_ns()
        for index, side in enumerate(market.book.sides):
            yield from ((index, price, qty, now_ns) for price, qty in side.top(0))

    # Data

    def _send(
        self, links: Iterable[Link], channel: str, event: str, symbol: str, kind: str, now_ns: int
    ) -> None:
        """One event to many: the text is shared, the sequence number is each link's own."""
        head, tail = text.head(channel, now_ns), f',"events":[{event}]}}'
        for link in links:
            session = self._sessions.get(link)
            if session is not None:
                link.send(f"{head}{session.sequence}{tail}".encode(), symbol, kind)
                session.sequence += 1

    def publish(self, tick: Tick) -> None:
        product = tick.market.listing.native
        if ("level2", product) in self._subscribers:
            changed = self._changes.setdefault(product, {})
            for side, price, qty in tick.changes:
                changed[side, price] = (qty, tick.time_ns)
        if tick.trades:
            self._trades.setdefault(product, []).extend(tick.trades)
        if tick.trades or tick.best_moved:
            self._moved[product] = None
            self._moved_slowly[product] = None

    def flush(self, now_ns: int, *, everything: bool = False) -> None:
        if everything or now_ns >= self._due_ns:
            self._due_ns = now_ns + _BATCH_NS
            self._flush_fast(now_ns)
        if everything or now_ns >= self._slow_due_ns:
            self._slow_due_ns = now_ns + _SLOW_NS
            self._flush_slow(now_ns)

    def _flush_fast(self, now_ns: int) -> None:
        changes, self._changes = self._changes, {}
        for product, changed in changes.items():
            # Bids before offers, as recorded; within a side in the order they happened.
            rows = sorted(((side, price, *rest) for (side, price), rest in changed.items()), key=_side)
            self._tell("level2", product, BOOK, now_ns, lambda m, r=rows: text.level2(m, "update", r))
        trades, self._trades = self._trades, {}
        for product, made in trades.items():
            newest_first = made[::-1]
            self._tell(
                "market_trades", product, "trade", now_ns,
                lambda m, t=newest_first: text.trades(m, "update", t),
            )  # fmt: skip
        moved, self._moved = self._moved, {}
        for product in moved:
            self._tell("ticker", product, "ticker", now_ns, lambda m: text.ticker(m, "update"))

    def _flush_slow(self, now_ns: int) -> None:
        moved, self._moved_slowly = self._moved_slowly, {}
        for product in moved:
            running = [self.markets[product].bars.running[_CANDLE_MIN]]
            self._tell("candles", product, "ohlc", now_ns, lambda m, b=running: text.candles(m, "update", b))
            self._tell(
                "ticker_batch", product, "ticker", now_ns, lambda m: text.ticker(m, "update", touch=False)
            )

    def _tell(
        self, channel: str, product: str, kind: str, now_ns: int, write: Callable[[Market], str]
    ) -> None:
        links = self._subscribers.get((channel, product))
        if links:
            self._send(links, _CHANNELS[channel], write(self.markets[product]), product, kind, now_ns)

    def beat(self, now_s: float) -> None:
        self._beats += 1
        now_ns = self.clock.now_ns()
        links = self._subscribers.get(("heartbeats", "heartbeats"), set())
        self._send(links, "heartbeats", text.heartbeat(now_ns, self._beats), "", "heartbeat", now_ns)
        for link in list(self.links):
            if not link.subscribed and now_s - link.opened_s > _SUBSCRIBE_WITHIN_S:
                self.counters["late_subscribe"] += 1
                link.end(1008, "no subscription within 5 seconds")
            elif link.subscribed and now_s - max(link.sent_s, link.opened_s) > _QUIET_S:
                self.counters["quiet_closed"] += 1
                link.end(1000, "")

    # REST

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        return coinbase_rest.answer(self, path, query)


def _side(row: tuple[int, ...]) -> int:
    return row[0]
