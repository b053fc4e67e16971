"""All simulated exchanges on one port, by path: ``/kraken``, ``/binance_usdm`` …, and ``/control``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from types import TracebackType
from typing import Any

from websockets.asyncio.server import Server, serve
from websockets.exceptions import ConnectionClosed

from feeds.simulator import control, truth
from feeds.simulator.clock import SimulatorClock
from feeds.simulator.engine import Engine
from feeds.simulator.exchange import Exchange
from feeds.simulator.exchanges import EXCHANGES, PRIVATES
from feeds.simulator.line_link import LineLink
from feeds.simulator.link import ExchangeConnection, Link, now_s
from feeds.simulator.listing import listings
from feeds.simulator.market import Market, Tick
from feeds.simulator.private import PREFIX, Private
from feeds.simulator.routing import door_at, route

_PASS_S = 0.005
logger = logging.getLogger(__name__)
_QUIET = logging.getLogger("feeds.simulator.websockets")
# Clients that come and go are this server's daily bread; errors of its own are not.
_QUIET.setLevel(logging.ERROR)


class Simulator:
    """Exchanges on loopback. ``instruments`` is how many, or which (full names).

    ``rate`` is orders per second over all instruments. With ``paused`` nothing happens until :meth:`step`;
    the same seed and ``start_ns`` then give the same markets, to the last digit. ``levels`` is how deep the
    busiest books are.
    """

    def __init__(
        self, *, seed: int = 1, instruments: int | Iterable[str] = 40, rate: float = 300, port: int = 0,
        host: str = "127.0.0.1", paused: bool = False, start_ns: int | None = None, levels: int = 400,
    ) -> None:  # fmt: skip
        self.clock = SimulatorClock(start_ns, held=paused)
        self._paused, self._rate, self._host, self.port = paused, rate, host, port
        self._now_ns = self.clock.now_ns()
        self.engine = Engine(listings(instruments), seed, self._now_ns, levels=levels)
        self._dirty: list[Link] = []
        self.exchanges: dict[str, Exchange] = {}
        for make in EXCHANGES:
            own = [each for each in self.engine.markets.values() if each.listing.venue == make.name]
            self.exchanges[make.name] = make(own, self.clock, self._dirty)
        self.privates = {name: make(self.exchanges[name], self) for name, make in PRIVATES.items()}
        self._server: Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._links = self._sent = 0
        self._behind_s = 0.0

    # Life

    async def __aenter__(self) -> Simulator:
        self._server = await serve(
            self._serve_link, self._host, self.port, process_request=partial(route, self), compression=None,
            ping_interval=None, open_timeout=None, close_timeout=1, max_queue=None,
            max_size=1 << 20, logger=_QUIET, server_header=None, create_connection=ExchangeConnection,
        )  # fmt: skip
        self.port = self._server.sockets[0].getsockname()[1]
        self._start(self._pump())
        self._start(self._beat())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            for link in [link for each in self._doors() for link in each.links]:
                link.ws.transport.abort()
            self._server.close()
            await self._server.wait_closed()

    def later(self, delay_s: float, act: Callable[..., Awaitable[Any] | None], *arguments: Any) -> None:
        """Do something in ``delay_s`` seconds of real time, unless the simulator ended."""

        async def wait() -> None:
            await asyncio.sleep(delay_s)
            done = act(*arguments)
            if done is not None:
                await done

        self._start(wait())

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a task of the simulator failed", exc_info=error)

    # Time

    async def _pump(self) -> None:
        owed = 0.0
        while True:
            await asyncio.sleep(_PASS_S)
            if self._paused:
                self.write()
                continue
            now_ns = self.clock.now_ns()
            # What a slow machine cannot do is left out, so that time does not run away from it; by the rate
            # of now: once nobody is to trade any more nothing is made up for, and what is true stays true.
            owed = min(owed, self._rate * 0.1) + self._rate * (now_ns - self._now_ns) / 1e9
            owed -= (count := int(min(owed, max(20.0, self._rate * 0.02))))
            self._behind_s = max(0.0, owed) / self._rate if self._rate else 0.0
            self._run(count, max(self._now_ns, now_ns - 1000 * count), now_ns)

    def _run(self, count: int, from_ns: int, to_ns: int) -> None:
        self.engine.run(count, from_ns, to_ns, self.publish)
        self._now_ns = to_ns
        for exchange in self.exchanges.values():
            exchange.flush(to_ns)
        self.write()

    def publish(self, tick: Tick) -> None:
        """What an action changed, to all who follow the market."""
        self.exchanges[tick.market.listing.venue].publish(tick)

    def write(self) -> None:
        """Let what is queued leave."""
        at_s = now_s()
        dirty, self._dirty[:] = self._dirty[:], []
        for link in dirty:
            self._sent += link.write(at_s)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.beat()

    def beat(self) -> None:
        """Heartbeats that are due, and what clients owe."""
        for door in self._doors():
            door.beat(now_s())
        self.write()

    def _doors(self) -> list[Exchange | Private]:
        return [*self.exchanges.values(), *self.privates.values()]

    def pause(self) -> None:
        """Stop trading and the simulator's clock; links and heartbeats go on."""
        self.clock.hold()
        self._paused = True

    def resume(self) -> None:
        """Go on from where it stands."""
        self._now_ns = self.clock.now_ns()
        self.clock.release()
        self._paused = False

    def step(self, n: int = 1, *, every_ms: float | None = None) -> int:
        """``n`` actions of a paused simulator, ``every_ms`` apart (as the rate has it); all of it is sent.

        Returns how many messages left.
        """
        if not self._paused:
            raise ValueError("step: the simulator runs; pause it first")
        gap_ns = int((1000 / self._rate if every_ms is None else every_ms) * 1_000_000)
        before = self._sent
        for _ in range(n):
            self.clock.advance(gap_ns)
            self._run(1, self._now_ns, self.clock.now_ns())
        for exchange in self.exchanges.values():
            exchange.flush(self._now_ns, everything=True)
        self.write()
        return self._sent - before

    def set_rate(self, rate: float) -> None:
        """Orders per second from now on."""
        self._rate = rate

    def calm(self, name: str) -> None:
        """End a burst."""
        self.engine.burst(name, 1.0)

    # Truth

    @property
    def instruments(self) -> tuple[str, ...]:
        return tuple(self.engine.markets)

    def market(self, name: str) -> Market:
        """By full name; raises ``ValueError``."""
        if name not in self.engine.markets:
            raise ValueError(f"symbol: not simulated: {name!r:.80}")
        return self.engine.markets[name]

    def book(self, name: str, depth: int = 0) -> truth.TrueBook:
        """The true book, whole unless ``depth`` levels are asked for."""
        return truth.book(self.market(name), depth)

    def tops(self, names: Iterable[str], since_ns: int = 0) -> dict[str, Any]:
        """By full name, what was best and since when; ``now_ns`` is the clock of those times."""
        found = {name: truth.tops(self.market(name), since_ns) for name in names}
        return {"now_ns": self.clock.now_ns(), "tops": found}

    def trades(self, name: str) -> list[truth.TrueTrade]:
        """The last 1,000, oldest first; the first fifty are from before the start."""
        market = self.market(name)
        return [truth.trade(market, each) for each in market.trades]

    def bars(self, name: str, interval: int = 1, count: int = 500) -> list[truth.TrueBar]:
        """Oldest first, the running one last."""
        market = self.market(name)
        return [truth.bar(market, each) for each in market.bars.last(interval, count)]

    def stats(self) -> dict[str, Any]:
        """Counts: what clients did and what was sent to them."""
        return {
            "actions": self.engine.actions,
            "messages": self._sent,
            "behind_s": round(self._behind_s, 3),
            "venues": {
                name: {"links": len(each.links), **each.counters} for name, each in self.exchanges.items()
            },
        }

    # Faults

    def fault(
        self, kind: str, *, venue: str = "", symbol: str = "", n: int = 1, seconds: float = 0.0,
        value: str = "", **options: str,
    ) -> int:  # fmt: skip
        """Misbehave: see :data:`feeds.simulator.control.FAULTS`. ``symbol`` is native or a full name.

        Returns how many links or instruments it touched; raises ``ValueError`` for what there is not.
        """
        if kind not in control.FAULTS:
            raise ValueError(
                f"fault: expected one of {', '.join(sorted(control.FAULTS))}, found {kind!r:.40}"
            )
        if symbol.partition(":")[0] in self.exchanges:
            venue, _, symbol = symbol.partition(":")
        touched = 0
        for exchange in control.exchanges_named(self.exchanges, venue):
            market = self.market(f"{exchange.name}:{symbol}") if symbol else None
            touched += control.FAULTS[kind](
                control.Order(self, exchange, market, n, seconds, str(value), options)
            )
        self.write()
        return touched

    # Routing

    def ws_url(self, venue: str) -> str:
        """What ``VENUE_<NAME>_WS_URL`` is set to."""
        return f"ws://{self._host}:{self.port}/{venue.lower()}"

    def private_ws_url(self, venue: str) -> str:
        """What ``VENUE_<NAME>_PRIVATE_WS_URL`` is set to. Private REST is below :meth:`rest_url`."""
        return self.ws_url(venue) + PREFIX

    def rest_url(self, venue: str) -> str:
        """What ``VENUE_<NAME>_REST_URL`` is set to."""
        return f"http://{self._host}:{self.port}/{venue.lower()}"

    async def serve_lines(self, ws: ExchangeConnection, exchange: Exchange) -> None:
        """An HTTP answer that does not end, until its connection does."""
        self._links += 1
        link = LineLink(ws, self._links, self._dirty)
        exchange.open(link)
        self.write()
        try:
            await ws.connection_lost_waiter
        finally:
            exchange.close(link)

    async def _serve_link(self, ws: ExchangeConnection) -> None:
        assert ws.request is not None
        door, _ = door_at(self, ws.request.path)
        assert door is not None
        self._links += 1
        link = Link(ws, self._links, self._dirty)
        door.open(link)
        self.write()
        try:
            async for message in ws:
                door.receive(link, message)
                self.write()
                link.received += 1
        except ConnectionClosed:
            pass
        finally:
            door.close(link)
