"""A bus of real Redis for each test, and hubs and sinks on it."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from feeds.clock import SystemClock
from feeds.sinks import VenueReport
from marketdash.live.hub import Hub
from marketdash.live.layer import BurstLayer
from marketdash.live.sink import ChannelLayerSink
from tests import socket_site
from tests.fakes.market import Market
from tests.socket_site import OPTION, PERPETUAL, SYMBOLS, SocketSite

SHARDS = 2


class Bus:
    """Hubs and sinks that share a prefix on the Redis of the test run."""

    def __init__(self, url: str) -> None:
        self.url, self.prefix = url, f"test-{uuid.uuid4().hex[:8]}"
        self.stack = contextlib.AsyncExitStack()
        self.tasks: dict[Any, asyncio.Task[None]] = {}

    def layer(self) -> BurstLayer:
        host = {
            "address": self.url,
            "protocol": 2,
            "socket_timeout": 2,
            "socket_connect_timeout": 1,
            "health_check_interval": 1,
        }
        layer = BurstLayer(hosts=[host], prefix=self.prefix)
        self.stack.push_async_callback(layer.flush)
        return layer

    def hub(self, layer: Any = None) -> Hub:
        hub = Hub(layer or self.layer(), shards=SHARDS)
        hub.start()
        self.stack.push_async_callback(hub.close)
        return hub

    def sink(self, layer: Any = None, epoch: str = "", share: Any = None) -> ChannelLayerSink:
        sink = ChannelLayerSink(
            layer or self.layer(),
            SystemClock(),
            epoch=epoch or f"{time.time_ns():016x}",
            shards=SHARDS,
            share=share,
        )
        self.tasks[sink] = asyncio.create_task(sink.run())
        self.stack.push_async_callback(self.kill, sink)
        return sink

    async def kill(self, sink: ChannelLayerSink) -> None:
        task = self.tasks[sink]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Bus]:
    made = Bus(redis_url)
    try:
        yield made
    finally:
        await made.stack.aclose()


@pytest.fixture
def pump() -> Callable[..., Any]:
    """Moves a market for a while, in bursts, as an exchange does."""

    async def run(market: Any, steps: int, every_s: float = 0.002) -> None:
        for _ in range(steps):
            market.step()
            await asyncio.sleep(every_s)

    return run


@pytest.fixture(scope="session", params=["uvicorn", "daphne"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SocketSite]:
    """A web process of each server."""
    with socket_site.running(tmp_path_factory.mktemp(request.param), request.param) as running:
        yield running


@pytest.fixture
async def market(site: SocketSite) -> AsyncIterator[Market]:
    """A worker of the test's own behind the site, with everything live."""
    layer = BurstLayer(hosts=[{"address": site.redis_url, "health_check_interval": 1}])
    sink = ChannelLayerSink(layer, SystemClock(), epoch=f"{time.time_ns():016x}", shards=2)
    task = asyncio.create_task(sink.run())
    made = Market(sink.put, SYMBOLS, contracts=[OPTION, PERPETUAL])
    made.begin()
    sink.put(made.state, VenueReport("KRAKEN", "Kraken", "live", "", (), {}, 0, 1))
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await layer.flush()
