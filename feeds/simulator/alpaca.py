"""Alpaca's stream of stocks, server side: a key first, one connection for it, whole lists for answers.

No acknowledgement has a number, no message a sequence. ``maintenance`` closes the market by its clock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from feeds.simulator import alpaca_rest
from feeds.simulator import alpaca_text as text
from feeds.simulator.exchange import Answer, Exchange, as_json
from feeds.simulator.link import Link
from feeds.simulator.market import Market, Tick

KEY = ("PKSIMULATED", "simulated")
"""The only one that is let in."""
_AUTH_WITHIN_S = 10.0
_SYMBOLS = 30
"""Of the free plan: so many of trades, so many of quotes."""
_BATCH_NS, _SLOW_NS = 50_000_000, 5_000_000_000
_LIMITED = ("trades", "quotes")
_STREAMS = (*_LIMITED, "bars", "updatedBars", "dailyBars", "statuses", "lulds")


@dataclass(slots=True)
class Session:
    """One link: whether it showed the key, and what it follows."""

    known: bool = False
    streams: dict[str, dict[str, None]] = field(default_factory=lambda: {name: {} for name in _STREAMS})


class Alpaca(Exchange):
    """All that clients of ``/alpaca`` see."""

    name = "ALPACA"
    paths = ("/v2/iex", "/v2/test", "/v2/sip")

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._sessions: dict[Link, Session] = {}
        self._trades: dict[str, list[str]] = {}
        self._moved: dict[str, None] = {}
        self._due_ns = self._slow_due_ns = 0

    # Links

    def open(self, link: Link) -> None:
        super().open(link)
        self._sessions[link] = Session()
        _say(link, T="success", msg="connected")

    def close(self, link: Link) -> None:
        super().close(link)
        self._sessions.pop(link, None)

    def receive(self, link: Link, message: str | bytes) -> None:
        session = self._sessions[link]
        try:
            request = json.loads(message)
            action = request["action"]
            if action not in ("auth", "subscribe", "unsubscribe"):
                raise ValueError(action)
        except (ValueError, TypeError, KeyError):
            return self._refuse(link, 400, "invalid syntax")
        if action == "auth":
            return self._admit(link, session, (request.get("key"), request.get("secret")))
        if not session.known:
            return self._refuse(link, 401, "not authenticated")
        self._change(link, session, request, wanted=action == "subscribe")

    def _admit(self, link: Link, session: Session, key: tuple[Any, Any]) -> None:
        if session.known:
            return self._refuse(link, 403, "already authenticated")
        if key != KEY:
            return self._refuse(link, 402, "auth failed", end=True)
        if any(each.known for each in self._sessions.values()):
            self.counters["connections_over_limit"] += 1
            return self._refuse(link, 406, "connection limit exceeded", end=True)
        session.known = True
        _say(link, T="success", msg="authenticated")

    def _refuse(self, link: Link, code: int, words: str, *, end: bool = False) -> None:
        self.counters[f"error_{code}"] += 1
        _say(link, T="error", code=code, msg=words)
        if end:
            link.end(1000, "")

    def _change(self, link: Link, session: Session, request: dict[str, Any], *, wanted: bool) -> None:
        if wanted and self.swallowed():
            return
        asked = {name: [str(each) for each in request.get(name, ())] for name in _STREAMS}
        if wanted and any(len({*session.streams[name], *asked[name]}) > _SYMBOLS for name in _LIMITED):
            return self._refuse(link, 405, "symbol limit exceeded")
        for name, symbols in asked.items():
            for symbol in symbols:
                if wanted and self.market(symbol) is not None:
                    session.streams[name][symbol] = None
                elif not wanted:
                    session.streams[name].pop(symbol, None)
        link.subscribed = True
        if not self.mute():
            listed = {name: list(symbols) for name, symbols in session.streams.items()}
            undone = dict.fromkeys(("corrections", "cancelErrors"), listed["trades"])
            _say(link, T="subscription", **listed, **undone)

    def beat(self, now_s: float) -> None:
        for link, session in list(self._sessions.items()):
            if not session.known and now_s - link.opened_s > _AUTH_WITHIN_S:
                self._refuse(link, 404, "auth timeout", end=True)

    # Data

    def publish(self, tick: Tick) -> None:
        native = tick.market.listing.native
        if tick.trades:
            self._trades.setdefault(native, []).extend(text.trade(tick.market, each) for each in tick.trades)
        if tick.best_moved:
            self._moved[native] = None

    def flush(self, now_ns: int, *, everything: bool = False) -> None:
        if everything or now_ns >= self._due_ns:
            self._due_ns = now_ns + _BATCH_NS
            self._flush_fast(now_ns)
        if everything or now_ns >= self._slow_due_ns:
            self._slow_due_ns = now_ns + _SLOW_NS
            for native, market in self.markets.items():
                self._tell("dailyBars", native, "stats", lambda m=market: [text.bar(m, m.stats.day, "d")])

    def _flush_fast(self, now_ns: int) -> None:
        trades, self._trades = self._trades, {}
        for native, made in trades.items():
            self._tell("trades", native, "trade", lambda t=made: t)
        moved, self._moved = self._moved, {}
        for native in moved:
            market = self.markets[native]
            self._tell("quotes", native, "ticker", lambda m=market: [text.quote(m, now_ns)])

    def _tell(self, stream: str, native: str, kind: str, write: Callable[[], Iterable[str]]) -> None:
        links = [link for link, session in self._sessions.items() if native in session.streams[stream]]
        if links:
            self.fan_out(links, f"[{','.join(write())}]".encode(), native, kind)

    # What the market takes back

    def undo(self, market: Market, *, corrected: bool) -> int:
        """The last trade is cancelled, or corrected to the price of the one before it; how many were."""
        if len(market.trades) < 2:
            return 0
        self.flush(self.clock.now_ns(), everything=True)
        was = market.trades.pop()
        now_ns = self.clock.now_ns()
        told = text.cancel(market, was, now_ns)
        if corrected:
            market.trade_id += 1
            now = was._replace(trade_id=market.trade_id, price=market.trades[-1].price)
            market.trades.append(now)
            told = text.correction(market, was, now, now_ns)
        market.last_price = market.trades[-1].price
        self._tell("trades", market.listing.native, "trade", lambda: [told])
        return 1

    def announce_market(self, market: Market) -> None:
        told = text.status(market, self.clock.now_ns())
        self._tell("statuses", market.listing.native, "status", lambda: [told])

    # REST

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        return alpaca_rest.answer(self, path, query)


def _say(link: Link, **message: Any) -> None:
    """What controls a link comes alone."""
    link.send(as_json([message]), "", "reply")
