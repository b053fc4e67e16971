"""The simulated exchanges and our feeds of them in one process, in one virtual time, without a socket.

Of ours only ``connect`` and the HTTP transport are replaced: sessions, codecs, state, limits and back-off are
those of production, and a day of them is over in a second. Run it with :mod:`tests.fakes.virtual_time`.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

import httpx
from websockets.datastructures import Headers
from websockets.exceptions import InvalidStatus
from websockets.http11 import Response

from feeds import connection, venues
from feeds.clock import Clock
from feeds.codec import Subscription
from feeds.lines import StreamRefused
from feeds.simulator import Simulator
from feeds.simulator import link as simulator_link
from feeds.simulator.exchange import Answer, Exchange
from feeds.simulator.routing import exchange_at
from feeds.venuefeed import VenueFeed
from tests.fakes.feed import running
from tests.fakes.keyed import keyed
from tests.fakes.line import LATENCY_S, Between, Line, Wire, now_s
from tests.fakes.virtual_time import LoopClock

STEP_S = 0.05


class Inside:
    """``names`` are the instruments that the exchanges have; ``feeds`` is ours, by venue.

    Nothing trades but in :meth:`trade`. ``dark``: no connection succeeds. ``asked`` notes each REST request.
    """

    def __init__(
        self, names: Sequence[str], *, seed: int, levels: int, sinks: Sequence[Any], clock: Clock
    ) -> None:
        random.seed(seed)
        self.names = names
        self.simulator = Simulator(
            seed=seed, instruments=names, paused=True, start_ns=LoopClock().wall_ns(), levels=levels
        )
        self.between: Between = lambda line, payload, symbol, channel: line.deliver(payload)
        self.lines: list[Line] = []
        self.asked: list[tuple[float, str]] = []
        self.connects: list[tuple[float, str]] = []
        self.answers: Callable[[Exchange, str, dict[str, str]], Answer] = lambda e, path, q: e.answer(path, q)
        self.dark = False
        self.feeds = {
            venue: self._feed(venue, sinks, clock)
            for venue in dict.fromkeys(n.partition(":")[0] for n in names)
        }

    def _feed(self, venue: str, sinks: Sequence[Any], clock: Clock) -> VenueFeed:
        root = f"inside/{venue.lower()}"
        urls = f"ws://{root}", f"http://{root}"
        feed = VenueFeed(keyed(venues.codec(venue)), sinks, clock, urls=urls)
        feed.rest._client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        return feed

    @property
    def feed(self) -> VenueFeed:
        """The only one."""
        [feed] = self.feeds.values()
        return feed

    def desire(self, *channels: str, depth: int = 0, names: Iterable[str] = ()) -> list[Subscription]:
        """Follow these channels of all instruments, or of these."""
        wanted = [
            Subscription(channel, name, name.partition(":")[2], depth * (channel == "book"))
            for name in (names or self.names)
            for channel in channels
        ]
        for venue, feed in self.feeds.items():
            feed.desire(item for item in wanted if item.instrument.startswith(f"{venue}:"))
        return wanted

    # what the stand-ins do

    async def connect(self, url: str, *, create_connection: Any, **options: Any) -> Wire:
        served = create_connection.keywords["link"]
        self.connects.append((now_s(), urlsplit(url).path.split("/")[1].upper()))
        await asyncio.sleep(LATENCY_S)
        if self.dark:
            raise ConnectionResetError("dark")
        exchange, path = exchange_at(self.simulator, url.removeprefix("ws://inside"))
        assert exchange is not None
        answer = exchange.refused() or (None if exchange.speaks(path) else Answer(404, b""))
        if answer is not None:
            raise InvalidStatus(Response(answer.status, "", Headers(answer.headers), answer.body))
        parts = urlsplit(url)
        line = Line(exchange, served, f"{path}?{parts.query}", self._passed)
        self.lines = [each for each in self.lines if each.open] + [line]
        exchange.open(line)
        return Wire(line)

    async def open_lines(self, url: str, headers: Any, message: Any, **options: Any) -> Wire:
        parts = urlsplit(url)
        self.connects.append((now_s(), parts.path.split("/")[1].upper()))
        await asyncio.sleep(LATENCY_S)
        if self.dark:
            raise ConnectionResetError("dark")
        exchange, path = exchange_at(self.simulator, url.removeprefix("ws://inside"))
        assert exchange is not None
        query = dict(parse_qsl(parts.query))
        answer = exchange.refused() or exchange.denied(path, query, headers.get("Authorization", ""))
        if answer is not None:
            raise StreamRefused(answer.status, dict(answer.headers).get("Retry-After", ""), "")
        [served] = message.args
        line = Line(exchange, served, f"{path}?{parts.query}", self._passed)
        self.lines = [each for each in self.lines if each.open] + [line]
        exchange.open(line)
        return Wire(line)

    def _passed(self, line: Line, payload: bytes, symbol: str, channel: str) -> None:
        self.between(line, payload, symbol, channel)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((now_s(), request.url.raw_path.decode()))
        await asyncio.sleep(LATENCY_S)
        exchange, path = exchange_at(self.simulator, request.url.raw_path.decode())
        assert exchange is not None
        query = dict(parse_qsl(request.url.query.decode(), keep_blank_values=True))
        answer = self.answers(exchange, path, query)
        await asyncio.sleep(LATENCY_S + answer.delay_s)
        return httpx.Response(answer.status, headers=list(answer.headers), content=answer.body)

    async def beat(self) -> None:
        while True:
            await asyncio.sleep(1)
            for exchange in self.simulator.exchanges.values():
                exchange.beat(now_s())

    # time

    async def trade(self, seconds: float, rate: float = 100, step_s: float = STEP_S) -> None:
        """Let the traders act at ``rate`` a second, over all instruments."""
        for _ in range(max(1, round(seconds / step_s))):
            await asyncio.sleep(step_s)
            began_ns = self.simulator.clock.now_ns()
            self.simulator.clock.advance(round(step_s * 1e9))
            self.simulator._run(max(1, round(rate * step_s)), began_ns, self.simulator.clock.now_ns())

    async def wait(self, condition: Callable[[], object], within_s: float, rate: float = 100) -> float:
        """Trade until it is true; how long that took."""
        started_s = now_s()
        while not condition():
            assert now_s() - started_s < within_s, f"not within {within_s} s"
            await self.trade(STEP_S, rate)
            self.simulator.step(0)  # what is gathered is sent
            await asyncio.sleep(0)
        return now_s() - started_s

    def live(self, *channels: str, names: Iterable[str] = ()) -> bool:
        """Whether all of these topics are."""
        states = (
            self.feeds[name.partition(":")[0]].state.topic_state(channel, name).state
            for name in (names or self.names)
            for channel in channels
        )
        return all(state == "live" for state in states)

    def violations(self) -> dict[str, int]:
        """What the exchanges counted against us."""
        parts = ("over_limit", "while_banned", "late_subscribe", "idle_closed", "quiet_closed")
        return {
            f"{name} {what}": count
            for name, exchange in self.simulator.exchanges.items()
            for what, count in exchange.counters.items()
            if count and any(part in what for part in parts)
        }


@contextlib.contextmanager
def _stand_ins(world: Inside) -> Iterator[None]:
    clock = SimpleNamespace(monotonic=now_s)
    with (
        patch.object(connection, "connect", world.connect),
        patch.object(connection, "open_lines", world.open_lines),
        patch.object(simulator_link, "time", clock),
    ):
        yield


@contextlib.asynccontextmanager
async def inside(
    names: Sequence[str],
    *,
    seed: int = 1,
    levels: int = 60,
    sinks: Sequence[Any] = (),
    clock: Clock | None = None,
) -> AsyncIterator[Inside]:
    """The world, with all feeds running; ``clock`` is what we take the time from."""
    world = Inside(names, seed=seed, levels=levels, sinks=sinks, clock=clock or LoopClock())
    with _stand_ins(world):
        async with running(world.beat(), *(feed.run() for feed in world.feeds.values())):
            yield world
