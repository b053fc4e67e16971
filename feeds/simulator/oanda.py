"""OANDA's stream of prices, server side: lines over HTTP for one account, and its REST.

https://developer.oanda.com/rest-live-v20/pricing-ep/: the price of each instrument at first, then at most
four a second, and a heartbeat each 5 s. One instrument that there is not fails the whole request.
``maintenance`` and a halt leave prices that cannot be traded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from feeds.simulator import oanda_listing
from feeds.simulator.bars import TradedBar
from feeds.simulator.exchange import Answer, Exchange, as_json
from feeds.simulator.link import Link
from feeds.simulator.market import Market, Tick
from feeds.simulator.text import fixed, iso_ns

TOKEN, ACCOUNT = "PKSIMULATED", "simulated"
"""The only ones that are let in."""
_STREAM = f"/v3/accounts/{ACCOUNT}/pricing/stream"
_STREAMS, _OPENED_A_SECOND = 20, 2
_WINDOW_NS, _BEAT_S = 250_000_000, 5.0
_BUCKETS = 3
_FRAMES = {"M1": 1, "M5": 5, "M15": 15, "H1": 60, "H4": 240, "D": 1440}
_MOST = 5000


class Oanda(Exchange):
    """All that clients of ``/oanda`` see."""

    name = "OANDA"

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._asked: dict[Link, dict[str, None]] = {}
        self._moved: dict[str, None] = {}
        self._beaten: dict[Link, float] = {}
        self._due_ns = 0
        self._lately: deque[float] = deque()

    # Links

    def has_lines(self, path: str) -> bool:
        return path.startswith("/v3/accounts/") and path.endswith("/pricing/stream")

    def denied(self, path: str, query: Mapping[str, str], authorization: str) -> Answer | None:
        if authorization != f"Bearer {TOKEN}":
            return _refusal(401, "Insufficient authorization to perform request.")
        if path != _STREAM:
            return _refusal(403, "The provided request was forbidden.")
        names = query.get("instruments", "").split(",")
        if any(self.market(name) is None for name in names):
            return _refusal(400, "Invalid value specified for 'instruments'")
        return None

    def open(self, link: Link) -> None:
        super().open(link)
        names = parse_qs(urlsplit(link.path).query).get("instruments", [""])[0].split(",")
        self._asked[link] = dict.fromkeys(names)
        self._beaten[link] = link.opened_s
        self._count(link.opened_s)
        for name in names:
            link.send(self._price(self.markets[name]), name, "ticker")

    def _count(self, at_s: float) -> None:
        self._lately.append(at_s)
        while self._lately[0] < at_s - 1:
            self._lately.popleft()
        over = len(self._lately) > _OPENED_A_SECOND or len(self._asked) > _STREAMS
        self.counters["streams_over_limit"] += over

    def close(self, link: Link) -> None:
        super().close(link)
        self._asked.pop(link, None)
        self._beaten.pop(link, None)

    def receive(self, link: Link, message: str | bytes) -> None:
        """Nothing can be asked on a stream."""

    def beat(self, at_s: float) -> None:
        for link, last_s in list(self._beaten.items()):
            if at_s - last_s >= _BEAT_S:
                self._beaten[link] = at_s
                link.send(as_json({"type": "HEARTBEAT", "time": iso_ns(self.clock.now_ns())}), "", "beat")

    # Data

    def publish(self, tick: Tick) -> None:
        if tick.best_moved:
            self._moved[tick.market.listing.native] = None

    def flush(self, now_ns: int, *, everything: bool = False) -> None:
        if not everything and now_ns < self._due_ns:
            return
        self._due_ns = now_ns + _WINDOW_NS
        moved, self._moved = self._moved, {}
        for native in moved:
            self._tell(self.markets[native])

    def _tell(self, market: Market) -> None:
        native, payload = market.listing.native, self._price(market)
        for link, names in list(self._asked.items()):
            if native in names:
                link.send(payload, native, "ticker")

    def _price(self, market: Market) -> bytes:
        tradeable = market.status == "trading" and self.trouble.status == "online"
        bids, asks = (_buckets(market, side) for side in market.book.sides)
        return as_json({
            "type": "PRICE", "time": iso_ns(self.clock.now_ns()), "bids": bids, "asks": asks,
            "closeoutBid": _worst(bids), "closeoutAsk": _worst(asks),
            "status": "tradeable" if tradeable else "non-tradeable", "tradeable": tradeable,
            "instrument": market.listing.native,
        })  # fmt: skip

    def announce(self, status: str) -> None:
        super().announce(status)
        for market in self.markets.values():
            self._tell(market)

    def announce_market(self, market: Market) -> None:
        self._tell(market)

    def proven(self, level: Any, symbol: str) -> bool:
        """There is no book."""
        return False

    # REST

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        if self.trouble.rate_limited > 0:
            self.trouble.rate_limited -= 1
            self.counters["rate_limited"] += 1
            return _refusal(429, "Too many requests", Retry_After=str(self.trouble.retry_after_s))
        if path == f"/v3/accounts/{ACCOUNT}/instruments":
            rows = [oanda_listing.row(market.listing) for market in self.listed()]
            return Answer(200, as_json({"instruments": [*rows, oanda_listing.CFD], "lastTransactionID": "7"}))
        if path.startswith("/v3/accounts/"):
            return _refusal(403, "The provided request was forbidden.")
        parts = path.strip("/").split("/")
        market = self.market(parts[2]) if parts[:2] == ["v3", "instruments"] and len(parts) == 4 else None
        if market is None or parts[3] != "candles":
            return _refusal(404, "The requested resource was not found.")
        return self._candles(market, query)

    def _candles(self, market: Market, query: Mapping[str, str]) -> Answer:
        interval = _FRAMES.get(query.get("granularity", ""), 0)
        if not interval or query.get("price") != "M":
            return _refusal(400, "Invalid value specified for 'granularity'")
        end_min = self.clock.now_ns() // 60_000_000_000
        count = min(_MOST, int(query.get("count", 500)))
        first = _minute(query["from"]) if "from" in query else end_min - count * interval
        last = min(end_min, first + (count - 1) * interval)
        most = max(0, (last - first) // interval + 1)
        made = [bar for bar in market.bars.last(interval, most, last) if bar.start_min >= first]
        rows = [_candle(market, bar, bar.start_min + interval <= end_min) for bar in made]
        head = {"instrument": market.listing.native, "granularity": query["granularity"]}
        return Answer(200, as_json(head | {"candles": rows}))


def _buckets(market: Market, side: Any) -> list[dict[str, Any]]:
    decimals = market.listing.price_decimals
    return [{"price": fixed(price, decimals), "liquidity": qty} for price, qty in side.top(_BUCKETS)]


def _worst(buckets: list[dict[str, Any]]) -> str:
    """At which positions would be closed, if it came to that."""
    return buckets[-1]["price"] if buckets else "0"


def _candle(market: Market, bar: TradedBar, complete: bool) -> dict[str, Any]:
    decimals = market.listing.price_decimals
    prices = zip("ohlc", (bar.open, bar.high, bar.low, bar.close), strict=True)
    return {
        "complete": complete, "volume": bar.trades, "time": iso_ns(bar.start_min * 60_000_000_000),
        "mid": {name: fixed(units, decimals) for name, units in prices},
    }  # fmt: skip


def _minute(iso: str) -> int:
    return int(datetime.fromisoformat(iso).astimezone(UTC).timestamp()) // 60


def _refusal(status: int, words: str, **headers: str) -> Answer:
    told = tuple((name.replace("_", "-"), text) for name, text in headers.items())
    return Answer(status, as_json({"errorMessage": words}), told)
