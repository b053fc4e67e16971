"""Bitfinex's public socket, server side: each channel has a number on its link, and each message too.

Books are told level by level, then a checksum; a channel on which nothing was said for 15 seconds beats.
https://docs.bitfinex.com/docs/ws-general
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

from feeds.simulator import bitfinex_rest
from feeds.simulator import bitfinex_text as text
from feeds.simulator.exchange import Answer, Exchange, as_json
from feeds.simulator.faults import BOOK
from feeds.simulator.link import Link, now_s
from feeds.simulator.market import Market, Tick, TradeRecord

_TIMES, _NUMBERS, _CHECKSUMS = 32768, 65536, 131072
_CHANNELS_A_LINK, _BEAT_S = 25, 15
_BATCH_NS, _SLOW_NS = 20_000_000, 1_000_000_000
_TOLD = 30
# One market order of so many ends somebody's position.
_LIQUIDATED = 12
_LENGTHS = ("1", "25", "100", "250")
_KINDS = ("ticker", "trades", BOOK, "status")
_ALL_LIQUIDATIONS = "liq:global"

Topic = tuple[str, str, str]
"""(channel, symbol or key, number of levels)."""


@dataclass(slots=True)
class _Told:
    """What one link has: numbers of its channels, and when something was last said on each."""

    flags: int = 0
    sequence: int = 0
    channels: dict[int, Topic] = field(default_factory=dict)
    said_s: dict[int, float] = field(default_factory=dict)


class Bitfinex(Exchange):
    """All that clients of ``/bitfinex`` see."""

    name = "BITFINEX"
    paths = ("/ws/2",)
    levels = text.LEVELS
    connects, connects_window_s = 20, 60.0

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._told: dict[Link, _Told] = {}
        self._joined: dict[tuple[str, str], dict[tuple[Link, int], Topic]] = defaultdict(dict)
        self._windows: dict[Topic, list[dict[int, int]]] = {}
        self._moved: dict[str, None] = {}
        self._numbers_of_channels = count(1000)
        self._due_ns = self._slow_due_ns = 0

    # Links

    def open(self, link: Link) -> None:
        super().open(link)
        self._told[link] = _Told()
        link.send(self._info())

    def _info(self) -> bytes:
        status = {"status": int(self.trouble.status == "online")}
        return as_json({"event": "info", "version": 2, "serverId": "simulated", "platform": status})

    def close(self, link: Link) -> None:
        super().close(link)
        told = self._told.pop(link, _Told())
        for number, topic in told.channels.items():
            del self._joined[topic[:2]][link, number]

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        return bitfinex_rest.answer(self, path, query)

    # Requests

    def receive(self, link: Link, message: str | bytes) -> None:
        try:
            request = json.loads(message)
            event = request["event"]
        except (ValueError, TypeError, KeyError):
            return self._refuse(link, {}, "json: invalid", 10000)
        told = self._told[link]
        if event == "conf":
            told.flags = int(request.get("flags", 0))
            link.send(as_json({"event": "conf", "status": "OK", "flags": told.flags}))
        elif event == "ping":
            now_ms = self.clock.now_ns() // 1_000_000
            link.send(as_json({"event": "pong", "ts": now_ms, "cid": request.get("cid", 0)}))
        elif event == "subscribe":
            self._subscribe(link, told, request)
        elif event == "unsubscribe":
            self._unsubscribe(link, told, request)
        else:
            self._refuse(link, {}, "event: unknown", 10000)

    def _refuse(self, link: Link, about: dict[str, Any], words: str, code: int) -> None:
        link.send(as_json({**about, "event": "error", "msg": words, "code": code}))

    def _subscribe(self, link: Link, told: _Told, request: dict[str, Any]) -> None:
        channel, names = str(request.get("channel")), ("symbol", "key", "prec", "freq", "len")
        about = {"channel": channel, **{name: str(request[name]) for name in names if name in request}}
        topic = channel, about.get("key" if channel == "status" else "symbol", ""), about.get("len", "25")
        topic = topic if channel == BOOK else (*topic[:2], "")
        if problem := self._problem(topic):
            self._refuse(link, about, problem, 10300)
        elif topic[:2] in {each[:2] for each in told.channels.values()}:
            self._refuse(link, about, "subscribe: dup", 10301)
        elif len(told.channels) >= _CHANNELS_A_LINK:
            self.counters["channels_over_limit"] += 1
            self._refuse(link, about, "subscribe: limit", 10305)
        elif not self.swallowed():
            self._join(link, told, topic, about)

    def _problem(self, topic: Topic) -> str:
        channel, name, length = topic
        if channel not in _KINDS:
            return "channel: unknown"
        if name == _ALL_LIQUIDATIONS and channel == "status":
            return ""
        market = self.market(name.removeprefix("deriv:") if channel == "status" else name)
        if market is None or (channel == "status" and market.listing.kind != "perpetual"):
            return "key: invalid" if channel == "status" else "symbol: invalid"
        return "len: invalid" if channel == BOOK and length not in _LENGTHS else ""

    def _join(self, link: Link, told: _Told, topic: Topic, about: dict[str, Any]) -> None:
        self._flush_books()  # who was here before is told what is new before anybody begins with it
        number = next(self._numbers_of_channels)
        link.subscribed = True
        told.channels[number], told.said_s[number] = topic, now_s()
        self._joined[topic[:2]][link, number] = topic
        more = {"pair": topic[1][1:]} if topic[0] != "status" else {}
        if not self.mute():
            named = {"event": "subscribed", "channel": topic[0], "chanId": number}
            link.send(as_json(named | about | more))
        if topic[1] == _ALL_LIQUIDATIONS:
            return
        market = self.markets[topic[1].removeprefix("deriv:")]
        self._say(link, number, self._first(topic, market), "snapshot" if topic[0] == BOOK else topic[0])

    def _first(self, topic: Topic, market: Market) -> str:
        """What a new subscription brings at once."""
        if topic[0] == BOOK:
            sides = [side.top(int(topic[2])) for side in market.book.sides]
            self._windows[topic] = [dict(side) for side in sides]
            return text.levels(market, sides)
        if topic[0] == "trades":
            return text.trades(market, _TOLD)
        return text.ticker(market) if topic[0] == "ticker" else text.status(market, self.clock.now_ns())

    def _unsubscribe(self, link: Link, told: _Told, request: dict[str, Any]) -> None:
        number = request.get("chanId")
        if number not in told.channels:
            self._refuse(link, {"chanId": number}, "unsubscribe: invalid", 10400)
            return
        del self._joined[told.channels[number][:2]][link, number]
        del told.channels[number], told.said_s[number]
        link.send(as_json({"event": "unsubscribed", "status": "OK", "chanId": number}))

    # Data

    def publish(self, tick: Tick) -> None:
        self._moved[tick.market.listing.native] = None
        for made in tick.trades:
            self._trade(tick.market, made)

    def _trade(self, market: Market, made: TradeRecord) -> None:
        told = text.trade(market, made)
        for link, number in self._who("trades", market.listing.native):
            self._say(link, number, f'"te",{told}', "trade")
            self._say(link, number, f'"tu",{told}', "trade")
        if market.listing.kind == "perpetual" and made.market and not made.trade_id % _LIQUIDATED:
            for matched in (False, True):
                payload = text.liquidation(market, made, matched=matched)
                for link, number in self._who("status", _ALL_LIQUIDATIONS):
                    self._say(link, number, payload, "liquidation")

    def _who(self, channel: str, name: str) -> list[tuple[Link, int]]:
        return list(self._joined.get((channel, name), ()))

    def flush(self, now_ns: int, *, everything: bool = False) -> None:
        if everything or now_ns >= self._due_ns:
            self._due_ns = now_ns + _BATCH_NS
            self._flush_books()
        if everything or now_ns >= self._slow_due_ns:
            self._slow_due_ns = now_ns + _SLOW_NS
            for native, market in self.markets.items():
                self._tell("ticker", native, lambda market=market: text.ticker(market))
                self._tell("status", f"deriv:{native}", lambda market=market: text.status(market, now_ns))

    def _tell(self, channel: str, name: str, write: Any) -> None:
        if who := self._who(channel, name):
            payload = write()
            for link, number in who:
                self._say(link, number, payload, channel)

    def _flush_books(self) -> None:
        moved, self._moved = self._moved, {}
        for native in moved:
            joined = self._joined.get((BOOK, native), {})
            for (link, number), topic in list(joined.items()):
                self._book(link, self._told[link], number, topic)
            for topic in dict.fromkeys(joined.values()):
                self._windows[topic] = self._window(topic)

    def _window(self, topic: Topic) -> list[dict[int, int]]:
        return [dict(side.top(int(topic[2]))) for side in self.markets[topic[1]].book.sides]

    def _book(self, link: Link, told: _Told, number: int, topic: Topic) -> None:
        """What is new in its window, level by level, and what fell out of it."""
        market, before = self.markets[topic[1]], self._windows[topic]
        changed = False
        for side, (old, new) in enumerate(zip(before, self._window(topic), strict=True)):
            gone = [(at, 0) for at in old if at not in new]
            for at, qty in [*((at, qty) for at, qty in new.items() if old.get(at) != qty), *gone]:
                self._say(link, number, text.level(market, side, at, qty), BOOK)
                changed = True
        if changed and told.flags & _CHECKSUMS:
            self._say(link, number, f'"cs",{text.checksum(market)}', BOOK)

    def _say(self, link: Link, number: int, payload: str, channel: str) -> None:
        """With its number and its time, where these were asked for."""
        told = self._told[link]
        told.sequence += 1
        told.said_s[number] = now_s()
        behind = f",{told.sequence}" if told.flags & _NUMBERS else ""
        if told.flags & _TIMES:
            behind += f",{self.clock.now_ns() // 1_000_000}"
        symbol = told.channels[number][1].removeprefix("deriv:")
        link.send(f"[{number},{payload}{behind}]".encode(), symbol, channel)

    def beat(self, now_s: float) -> None:
        for link, told in list(self._told.items()):
            for number, said_s in list(told.said_s.items()):
                if now_s - said_s >= _BEAT_S:
                    self._say(link, number, '"hb"', "heartbeat")

    # Trouble

    def announce(self, status: str) -> None:
        super().announce(status)
        code, words = (20061, "Maintenance ended") if status == "online" else (20060, "Entering maintenance")
        self._everybody(self.links, code, words)

    def shut_down(self) -> None:
        self._everybody(self.links, 20051, "Stopping. Please try to reconnect")

    def _everybody(self, links: Iterable[Link], code: int, words: str) -> None:
        for link in list(links):
            link.send(as_json({"event": "info", "code": code, "msg": words}))

    def proven(self, level: re.Match[bytes], symbol: str) -> bool:
        """The checksum covers 25 levels: a wrong one below them could not be noticed."""
        market = self.markets[symbol]
        best = {price for side in market.book.sides for price, _ in side.top(text.CHECKED)}
        return int(Decimal(level["price"].decode()).scaleb(market.listing.price_decimals)) in best
