"""Binance's futures, server side: what :mod:`feeds.simulator.binance` does, with contracts, and by path.

USDⓈ-M sends a stream only on the path that it belongs to and agrees to all others; without a path it sends
what is public. Liquidations are sampled: the newest one of each second.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from feeds.simulator import futures_rest
from feeds.simulator.binance import Binance
from feeds.simulator.binance_budget import Budget
from feeds.simulator.binance_session import Session
from feeds.simulator.binance_text import INTERVALS
from feeds.simulator.exchange import Answer
from feeds.simulator.futures_text import FuturesText
from feeds.simulator.market import Market, Tick, TradeRecord

_SLOW_MARK_NS = 3_000_000_000
_CONTRACTS = "!contractInfo"
_PUBLIC = re.compile(r"[^@]+@(bookTicker|rpiDepth.*|depth.*)|!bookTicker")
# One market order of so many ends somebody's position.
_LIQUIDATED = 12


class FuturesSession(Session):
    """``route`` is the path that the link was opened on: public, market, or none."""

    messages_per_s, ping_s, pong_s = 10, 180.0, 600.0

    def __init__(self, link: Any, path: str) -> None:
        super().__init__(link, path)
        found = re.search(r"/(public|market)/(?:stream|ws)", path)
        self.route = found[1] if found else ""
        self.variant = (self.variant[0], 1_000_000)


class BinanceFutures(Binance):
    """What both markets share."""

    streams = re.compile(
        r"(?P<symbol>[^@]+)@(?P<kind>aggTrade|bookTicker|ticker|miniTicker|markPrice(?:@1s)?|forceOrder"
        rf"|depth(?:5|10|20)?(?:@(?:100|500)ms)?|kline_(?:{'|'.join(INTERVALS)}))|{_CONTRACTS}"
    )
    session = FuturesSession
    rest_prefix, weight_limit = "", 2400
    routed = False

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.text = FuturesText(self.clock)
        self.budget = Budget(self, self.weight_limit)
        self._liquidated: dict[str, TradeRecord] = {}
        self._slow_mark_ns = 0

    def speaks(self, path: str) -> bool:
        if self.routed:
            path = re.sub(r"^/(public|market)(?=/)", "", path)
        return super().speaks(path)

    def sends(self, session: Session, stream: str) -> bool:
        if not self.routed:
            return True
        public = _PUBLIC.fullmatch(stream) is not None
        return public == (session.route != "market")

    def publish(self, tick: Tick) -> None:
        super().publish(tick)
        for made in tick.trades:
            if made.market and made.trade_id % _LIQUIDATED == 0:
                self._liquidated[tick.market.listing.native] = made

    def _flush_figures(self, now_ns: int) -> None:
        super()._flush_figures(now_ns)
        slow = now_ns >= self._slow_mark_ns
        if slow:
            self._slow_mark_ns = now_ns + _SLOW_MARK_NS
        for market in self.listed():
            self._flush_contract(market, now_ns, slow=slow)
        self._liquidated.clear()

    def _flush_contract(self, market: Market, now_ns: int, *, slow: bool) -> None:
        """What comes each second, whether anybody trades or not."""
        native = market.listing.native
        stem = native.lower()
        for stream in (f"{stem}@markPrice@1s", f"{stem}@markPrice")[: 1 + slow]:
            self._send(stream, native, "mark", lambda unit: self.text.mark(market, now_ns, unit))
        self._send(f"{stem}@depth5@500ms", native, "partial", lambda unit: self.text.partial(market, 5))
        if (made := self._liquidated.get(native)) is not None:
            self._send(
                f"{stem}@forceOrder",
                native,
                "liquidation",
                lambda unit: self.text.liquidation(market, made, now_ns, unit),
            )

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        return futures_rest.answer(self, path, query)

    def announce_market(self, market: Market) -> None:
        status = "TRADING" if market.status == "trading" else "SETTLING"
        now_ns, native = self.clock.now_ns(), market.listing.native
        self._send(
            _CONTRACTS, native, "status", lambda unit: self.text.contract(market, status, now_ns, unit)
        )

    def shut_down(self) -> None:
        """The futures say nothing of it."""


class BinanceUsdm(BinanceFutures):
    name, rest_prefix = "BINANCE_USDM", "/fapi/v1/"
    routed = True


class BinanceCoinm(BinanceFutures):
    name, rest_prefix = "BINANCE_COINM", "/dapi/v1/"
