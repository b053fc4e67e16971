"""Bybit's markets, server side: topics, answers to requests, books by window, tickers by what changed."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from feeds.simulator import bybit_rest
from feeds.simulator import bybit_text as text
from feeds.simulator.bybit_books import Window
from feeds.simulator.bybit_session import Session
from feeds.simulator.exchange import Answer, Exchange, as_json
from feeds.simulator.faults import BOOK
from feeds.simulator.link import Link, now_s
from feeds.simulator.market import Market, Tick, TradeRecord

_FAST_NS, _SLOW_NS, _REPEAT_NS = 100_000_000, 1_000_000_000, 3_000_000_000
# One market order of so many ends somebody's position.
_LIQUIDATED = 12


class Bybit(Exchange):
    """All that clients of ``/bybit`` see: spot."""

    name, category = "BYBIT", "spot"
    levels = re.compile(rb'\["(?P<price>[0-9.]+)","(?P<qty>[0-9.]+)"\]')
    connects, connects_window_s = 500, 300.0
    depths = ("1", "50", "200", "1000")
    kinds = ("orderbook", "tickers", "publicTrade", "kline")
    most_args, most_topics = 10, 0

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.paths = (f"/v5/public/{self.category}",)
        self.budget = bybit_rest.Budget(self)
        self._sessions: dict[Link, Session] = {}
        self._subscribers: dict[str, set[Link]] = defaultdict(set)
        self._windows: dict[str, dict[int, Window]] = defaultdict(dict)
        self._numbers_of: dict[str, int] = {}
        self._told: dict[str, dict[str, str]] = {}
        self._liquidated: dict[str, list[TradeRecord]] = defaultdict(list)
        self._bars: dict[str, int] = {}
        self._changed: set[str] = set()
        self._due = {_FAST_NS: 0, _SLOW_NS: 0}

    # Links

    def open(self, link: Link) -> None:
        super().open(link)
        self._sessions[link] = Session(link)

    def close(self, link: Link) -> None:
        super().close(link)
        session = self._sessions.pop(link, None)
        for topic in session.topics if session else ():
            self._leave(link, topic)

    def beat(self, now_s: float) -> None:
        for link, session in list(self._sessions.items()):
            if session.is_idle(now_s):
                self.counters["idle_closed"] += 1
                link.end(1006, "")

    def receive(self, link: Link, message: str | bytes) -> None:
        session = self._sessions[link]
        session.heard_s = now_s()
        try:
            request = json.loads(message)
            verb, args, number = request["op"], request.get("args", []), str(request.get("req_id", ""))
        except (ValueError, TypeError, KeyError, AttributeError):
            link.send(as_json({"success": False, "ret_msg": "Failed to decode incoming data", "op": ""}))
            return
        if verb == "ping":
            link.send(self.pong(session, number))
        elif verb not in ("subscribe", "unsubscribe") or not _is_names(args):
            link.send(as_json(session.answer("error:invalid op", number, verb)))
        elif not (verb == "subscribe" and self.swallowed()):
            self._change(session, verb, args, number)

    def pong(self, session: Session, number: str) -> bytes:
        return as_json({"success": True, "ret_msg": "pong", "conn_id": session.name, "op": "ping"})

    # Subscriptions

    def _change(self, session: Session, verb: str, args: list[str], number: str) -> None:
        """One wrong topic is refused with all that were asked for beside it."""
        problem = self._too_many(session, verb, args)
        problem = problem or next(filter(None, (self._problem(session, verb, each) for each in args)), "")
        if not self.mute() or problem:
            session.link.send(self.agreed(session, verb, number, problem))
        if not problem:
            self._apply(session, verb, args)

    def agreed(self, session: Session, verb: str, number: str, problem: str) -> bytes:
        return as_json(session.answer(problem, number, verb, agreed="subscribe"))

    def _apply(self, session: Session, verb: str, args: list[str]) -> None:
        for topic in args:
            if verb == "subscribe":
                session.topics[topic] = None
                session.link.subscribed = True
                self._join(session.link, topic)
            elif topic in session.topics:
                del session.topics[topic]
                self._leave(session.link, topic)

    def _too_many(self, session: Session, verb: str, args: list[str]) -> str:
        if verb == "subscribe" and self.most_args and len(args) > self.most_args:
            self.counters["args_over_limit"] += 1
            return f"error:args size >{self.most_args}"
        if verb == "subscribe" and not session.has_room(args, self.most_topics):
            self.counters["args_over_limit"] += 1
            return "error:args of this connection are too long"
        return ""

    def _problem(self, session: Session, verb: str, topic: str) -> str:
        if verb == "unsubscribe":
            return ""
        if not self._is_known(topic):
            return f"error:handler not found,topic:{topic}"
        return f"error:already subscribed,topic:{topic}" if topic in session.topics else ""

    def _is_known(self, topic: str) -> bool:
        kind, argument, native = parts_of(topic)
        if kind not in self.kinds:
            return False
        if kind == "orderbook" and argument not in self.depths:
            return False
        if kind == "kline" and argument not in text.INTERVALS:
            return False
        return bool(self.listed_as(kind, native))

    def listed_as(self, kind: str, native: str) -> list[Market]:
        """The markets that a topic tells of."""
        market = self.market(native)
        return [market] if market else []

    def _join(self, link: Link, topic: str) -> None:
        self._subscribers[topic].add(link)
        kind, argument, native = parts_of(topic)
        now_ns = self.clock.now_ns()
        if kind == "orderbook":
            link.send(
                self._whole(native, int(argument), now_ns),
                native,
                "ticker" if argument == "1" else "snapshot",
            )
        elif kind == "tickers":
            link.send(self.ticker(self.markets[native], now_ns), native, "ticker")

    def _whole(self, native: str, depth: int, now_ns: int) -> bytes:
        """As it stands: who has it already is told first what came meanwhile."""
        window = self._windows[native].get(depth)
        if window is None:
            number = self._numbers_of.get(f"{depth}.{native}", self.markets[native].update_id * 7 // 3)
            window = self._windows[native][depth] = Window(self.markets[native], depth, number + 1)
        else:
            self._tell(native, window, now_ns)
        window.sent_ns = now_ns
        return text.book(window.market, depth, "snapshot", window.number, window.whole(), now_ns)

    def ticker(self, market: Market, now_ns: int) -> bytes:
        """A whole one. Of what was told already, so that the next change fits to it."""
        native = market.listing.native
        fields = self._told.setdefault(native, text.figures(market, now_ns))
        return text.ticker(market, "snapshot", fields, now_ns)

    def _leave(self, link: Link, topic: str) -> None:
        self._subscribers[topic].discard(link)
        if self._subscribers[topic]:
            return
        del self._subscribers[topic]
        kind, argument, native = parts_of(topic)
        if kind == "orderbook":
            window = self._windows[native].pop(int(argument))
            self._numbers_of[f"{argument}.{native}"] = window.number
        elif kind == "tickers":
            self._told.pop(native, None)

    # Data

    def publish(self, tick: Tick) -> None:
        market, native = tick.market, tick.market.listing.native
        self._changed.add(native)
        if tick.best_moved and (window := self._windows.get(native, {}).get(1)):
            self._tell(native, window, tick.time_ns)
        if tick.trades:
            self._publish_trades(market, native, tick)

    def _publish_trades(self, market: Market, native: str, tick: Tick) -> None:
        topic = self.trade_topic(market)
        if links := self._subscribers.get(topic):
            self.fan_out(links, text.trades(market, topic, tick.trades, tick.time_ns), native, "trade")
        self._liquidated[native] += [m for m in tick.trades if m.market and m.trade_id % _LIQUIDATED == 0]

    def trade_topic(self, market: Market) -> str:
        return f"publicTrade.{market.listing.native}"

    def _tell(self, native: str, window: Window, now_ns: int) -> None:
        """What changed; of the best level it is all."""
        changes = window.changes()
        if changes is None:
            return
        window.sent_ns, best = now_ns, window.depth == 1
        sides, kind = (window.whole(), "snapshot") if best else (changes, "delta")
        payload = text.book(window.market, window.depth, kind, window.number, sides, now_ns)
        links = self._subscribers[f"orderbook.{window.depth}.{native}"]
        self.fan_out(links, payload, native, "ticker" if best else BOOK)

    def flush(self, now_ns: int, *, everything: bool = False) -> None:
        if everything or now_ns >= self._due[_FAST_NS]:
            self._due[_FAST_NS] = now_ns + _FAST_NS
            self._flush_fast(now_ns)
        if everything or now_ns >= self._due[_SLOW_NS]:
            self._due[_SLOW_NS] = now_ns + _SLOW_NS
            self._flush_slow(now_ns)

    def _flush_fast(self, now_ns: int) -> None:
        changed, self._changed = sorted(self._changed), set()
        for native in changed:
            for window in self._windows.get(native, {}).values():
                self._tell(native, window, now_ns)
            self._flush_ticker(self.markets[native], now_ns)
            for word in text.INTERVALS:
                self._flush_bars(self.markets[native], word, now_ns)

    def _flush_slow(self, now_ns: int) -> None:
        """What comes though nobody trades: marks, the best level again, liquidations of the last second."""
        for native, windows in self._windows.items():
            best = windows.get(1)
            if best is not None and now_ns - best.sent_ns >= _REPEAT_NS:
                best.sent_ns = now_ns
                payload = text.book(best.market, 1, "snapshot", best.number, best.whole(), now_ns)
                self.fan_out(self._subscribers[f"orderbook.1.{native}"], payload, native, "ticker")
        for market in self.listed():
            self._flush_ticker(market, now_ns)
        for native, made in self._liquidated.items():
            links = self._subscribers.get(f"allLiquidation.{native}")
            if made and links:
                payload = text.liquidations(self.markets[native], made, now_ns)
                self.fan_out(links, payload, native, "liquidation")
        self._liquidated.clear()

    def _flush_ticker(self, market: Market, now_ns: int) -> None:
        """Of contracts what changed alone."""
        native = market.listing.native
        links = self._subscribers.get(f"tickers.{native}")
        if not links:
            return
        before, fields = self._told.get(native, {}), text.figures(market, now_ns)
        self._told[native] = fields
        changes = {name: told for name, told in fields.items() if before.get(name) != told}
        if not changes:
            return
        if market.listing.kind != "spot":
            fields = {"symbol": native, **changes}
        kind = "snapshot" if market.listing.kind == "spot" else "delta"
        self.fan_out(links, text.ticker(market, kind, fields, now_ns), native, "ticker")

    def _flush_bars(self, market: Market, word: str, now_ns: int) -> None:
        """The running bar; before it the one that just closed, once."""
        topic, interval = f"kline.{word}.{market.listing.native}", text.INTERVALS[word]
        if topic not in self._subscribers:
            return
        running = market.bars.running[interval]
        last = self._bars.get(topic, running.start_min)
        self._bars[topic] = running.start_min
        bars = market.bars.last(interval, 2) if last != running.start_min else [running]
        told = [(bar, bar is not running) for bar in bars]
        self.fan_out(
            self._subscribers[topic],
            text.kline(market, topic, word, told, now_ns),
            market.listing.native,
            "ohlc",
        )

    # REST

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        return bybit_rest.answer(self, path, query)


def parts_of(topic: str) -> tuple[str, str, str]:
    """Its kind, depth or interval where it has one, and of what it is."""
    kind, _, rest = topic.partition(".")
    if kind not in ("orderbook", "kline"):
        return kind, "", rest
    argument, _, native = rest.partition(".")
    return kind, argument, native


def _is_names(args: Any) -> bool:
    return isinstance(args, list) and bool(args) and all(isinstance(each, str) for each in args)
