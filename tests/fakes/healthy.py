"""Clients that mean no harm, beside others that do: how long each price takes to reach them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

import psutil

from tests.fakes.bot import Bot
from tests.fakes.waiting import wait_until
from tests.scoreboard import quantile
from tests.socket_site import SYMBOLS, SocketSite

WATCHED = SYMBOLS[0]
OF_ONE_ADDRESS = 25


def priced_now() -> str:
    """A price that says when it was made, by the clock that all processes of this machine share."""
    return f"{time.monotonic_ns() // 1000}.5"


def move(market: Any, symbol: str) -> str:
    """To a price of now, which is the bid."""
    price = priced_now()
    market.quote(symbol, price, "999999999999999.0")
    return price


def age_s(price: str) -> float:
    return time.monotonic() - float(price) / 1e6


class Timed(Bot):
    """Notes how long each price took to come."""

    def __init__(self, socket: Any) -> None:
        super().__init__(socket)
        self.took_s: list[float] = []

    async def _take(self, frame: dict[str, Any]) -> None:
        self.took_s += [
            age_s(row["bid"]) for row in frame["data"] if "bid" in row and frame["type"] == "update"
        ]
        await super()._take(frame)


class Healthy:
    """``every_s``: how often the price moves that all of them watch."""

    def __init__(self, site: SocketSite, market: Any, every_s: float) -> None:
        self.market, self.bots, self._every_s = market, list[Timed](), every_s
        self.process = psutil.Process(site.process.pid)

    @classmethod
    async def come(
        cls,
        stack: contextlib.AsyncExitStack,
        site: SocketSite,
        market: Any,
        count: int,
        every_s: float = 0.02,
    ) -> Healthy:
        made = cls(site, market, every_s)
        for number in range(count):
            address = f"127.0.0.{1 + number // OF_ONE_ADDRESS}", 0
            made.bots.append(Timed(await stack.enter_async_context(site.connect(local_addr=address))))
            await made.bots[-1].subscribe("ticker", [WATCHED], interval_ms=0)
        # What an earlier worker said is there at once; this one's comes when it knows what is wanted.
        await made._all_see(made._move())
        return made

    def _move(self) -> str:
        return move(self.market, WATCHED)

    async def _all_see(self, price: str) -> None:
        await wait_until(lambda: all(bot.sees("ticker", WATCHED, bid=price) for bot in self.bots))

    async def p99_s(self, seconds: float) -> tuple[float, int]:
        """Of prices for so long, and the most memory meanwhile."""
        for bot in self.bots:
            bot.took_s.clear()
        until_s, most = time.monotonic() + seconds, 0
        while time.monotonic() < until_s:
            price = self._move()
            most = max(most, self.process.memory_info().rss)
            await asyncio.sleep(self._every_s)
        await self._all_see(price)
        took = [second for bot in self.bots for second in bot.took_s]
        assert len(took) > len(self.bots) * seconds / self._every_s / 4
        return quantile(took, 0.99), most
