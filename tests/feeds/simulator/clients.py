"""A client that keeps what it was sent, a GET, and the shape of a message: what these tests share."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from feeds.simulator import Simulator
from feeds.simulator.link import Link
from tests.fakes.waiting import SOON_S, wait_until

START_NS = 1_766_000_050_000_000_000

_KINDS = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "time"),
    (re.compile(r"-?\d+(\.\d+)?"), "decimal text"),
)


class Watcher:
    """One WebSocket and all that came over it."""

    def __init__(self, ws: ClientConnection, link: Link) -> None:
        self.ws, self.link = ws, link
        self.seen: list[str] = []

    async def ask(self, request: dict[str, Any] | str) -> list[Any]:
        """Send, and return what came until the request was dealt with."""
        received = self.link.received
        await self.ws.send(request if isinstance(request, str) else json.dumps(request))
        # A server's pong may overtake its answer, so a ping alone would prove nothing.
        await wait_until(lambda: self.link.received > received, what="the request was read")
        return await self.new()

    async def new(self) -> list[Any]:
        """Messages since the last call, parsed with their exact digits, without heartbeats."""
        return [parsed for text in await self.texts() if not _is_heartbeat(parsed := parse(text))]

    async def texts(self) -> list[str]:
        """The same as wire text, everything included: a pong comes after all that was sent before it."""
        # What waits for the engine's next pass would be overtaken by the pong.
        await wait_until(lambda: not self.link.out, what="what was queued is written")
        async with asyncio.timeout(SOON_S):
            await (await self.ws.ping())
        fresh: list[str] = []
        while True:
            try:
                async with asyncio.timeout(0.01):
                    fresh.append(str(await self.ws.recv()))
            except TimeoutError:
                self.seen += fresh
                return fresh


def parse(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def _is_heartbeat(message: Any) -> bool:
    return isinstance(message, dict) and message.get("channel") in ("heartbeat", "heartbeats")


@asynccontextmanager
async def watching(simulator: Simulator, venue: str, path: str = "") -> AsyncIterator[Watcher]:
    url = simulator.ws_url(venue) + path
    async with connect(url, max_size=None, max_queue=None, compression=None, ping_interval=None) as ws:
        port = ws.local_address[1]
        exchange = simulator.exchanges[venue.upper()]
        link = await wait_until(
            lambda: next((each for each in exchange.links if each.ws.remote_address[1] == port), None)
        )
        yield Watcher(ws, link)


async def get(url: str) -> httpx.Response:
    # No certificates to load: they would cost more than the request.
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=20) as client:
        return await client.get(url)


def still(*instruments: str, **options: Any) -> Simulator:
    """A simulator that moves only by :meth:`step`, the same in every run."""
    return Simulator(seed=5, instruments=instruments, paused=True, start_ns=START_NS, **options)


def shape(text: str) -> Any:
    """Key names in their order and kinds of values; a list has the shape of its first element."""
    return _shape(json.loads(text, object_pairs_hook=list, parse_float=lambda digits: f"number {digits}"))


def _shape(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return {key: _shape(each) for key, each in value} | {"": [key for key, _ in value]}
    if isinstance(value, list):
        return [_shape(value[0])] if value else []
    if not isinstance(value, str):
        return type(value).__name__
    if value.startswith("number "):
        return "number with decimals"
    return next((kind for pattern, kind in _KINDS if pattern.fullmatch(value)), "text")


def applied(book: dict[str, dict[Any, Any]], bids: Any, asks: Any) -> None:
    """Absolute quantities by price onto ``book``; zero removes. Levels are (price, quantity)."""
    for side, levels in (("bids", bids), ("asks", asks)):
        for price, qty in levels:
            if Decimal(qty) == 0:
                book[side].pop(Decimal(price), None)
            else:
                book[side][Decimal(price)] = Decimal(qty)


def sides(book: dict[str, dict[Any, Any]], depth: int | None = None) -> tuple[list[Any], list[Any]]:
    """Best first, as numbers."""
    bids = sorted(book["bids"].items(), reverse=True)[:depth]
    return bids, sorted(book["asks"].items())[:depth]


def truth(simulator: Simulator, name: str, depth: int = 0) -> tuple[list[Any], list[Any]]:
    """The true book, as numbers."""
    book = simulator.book(name, depth)
    bids, asks = ([(Decimal(price), Decimal(qty)) for price, qty in side] for side in (book.bids, book.asks))
    return bids, asks
