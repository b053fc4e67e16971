"""Bybit's contracts and options, server side: what they answer otherwise than spot, and have beside."""

from __future__ import annotations

from feeds.simulator import bybit_text as text
from feeds.simulator.bybit import Bybit
from feeds.simulator.bybit_session import Session
from feeds.simulator.exchange import as_json
from feeds.simulator.market import Market


class BybitLinear(Bybit):
    name, category = "BYBIT_LINEAR", "linear"
    kinds = (*Bybit.kinds, "allLiquidation")
    most_args = 0

    def pong(self, session: Session, number: str) -> bytes:
        return as_json(
            {"success": True, "ret_msg": "pong", "conn_id": session.name, "req_id": number, "op": "ping"}
        )

    def agreed(self, session: Session, verb: str, number: str, problem: str) -> bytes:
        return as_json(session.answer(problem, number, verb))


class BybitInverse(BybitLinear):
    name, category = "BYBIT_INVERSE", "inverse"


class BybitOption(Bybit):
    """Each topic is agreed to for itself; trades of all options of a base come in one."""

    name, category = "BYBIT_OPTION", "option"
    depths = ("25", "100")
    kinds = ("orderbook", "tickers", "publicTrade")
    most_args, most_topics = 0, 2000

    def pong(self, session: Session, number: str) -> bytes:
        return as_json({"args": [str(self.clock.now_ns() // 1_000_000)], "op": "pong"})

    def _change(self, session: Session, verb: str, args: list[str], number: str) -> None:
        problem = self._too_many(session, verb, args)
        bad = [each for each in args if problem or self._problem(session, verb, each)]
        good = [each for each in args if each not in bad]
        data = {"failTopics": bad, "successTopics": good}
        answer = {"success": not bad, "conn_id": session.name, "data": data, "type": "COMMAND_RESP"}
        if bad:
            answer["ret_msg"] = problem or self._problem(session, verb, bad[0])
        if not self.mute() or bad:
            session.link.send(as_json(answer))
        self._apply(session, verb, good)

    def listed_as(self, kind: str, native: str) -> list[Market]:
        if kind != "publicTrade":
            return super().listed_as(kind, native)
        return [market for market in self.listed() if market.listing.base == native]

    def trade_topic(self, market: Market) -> str:
        return f"publicTrade.{market.listing.base}"

    def ticker(self, market: Market, now_ns: int) -> bytes:
        return text.option_ticker(market, now_ns)

    def _flush_ticker(self, market: Market, now_ns: int) -> None:
        if links := self._subscribers.get(f"tickers.{market.listing.native}"):
            self.fan_out(links, text.option_ticker(market, now_ns), market.listing.native, "ticker")
