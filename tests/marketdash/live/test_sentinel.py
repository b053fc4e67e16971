"""The master of the bus dies, a Sentinel names another: prices go on, leases are taken, no socket closes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from marketdash.live.client import Subscribed
from marketdash.live.layer import BurstLayer
from marketdash.redis_hosts import client, parsed
from tests.fakes import sentinels
from tests.fakes.market import Market
from tests.fakes.sockets import FakeSocket, sees
from tests.fakes.waiting import wait_until

BTC = "KRAKEN:BTC/USD"
OPTIONS = {"protocol": 2, "socket_timeout": 2, "socket_connect_timeout": 1, "health_check_interval": 1}


@pytest.fixture
def watched() -> Iterator[sentinels.Sentinels]:
    with sentinels.running() as running:
        yield running


async def test_another_master_carries_the_prices_on(watched: sentinels.Sentinels, bus) -> None:
    hosts = parsed(watched.url, OPTIONS)
    hub, sink = (make(BurstLayer(hosts=hosts, prefix=bus.prefix)) for make in (bus.hub, bus.sink))
    market, socket = Market(sink.put, [BTC]), FakeSocket(hub)
    market.begin()
    hub.follow(socket.client, "ticker", Subscribed(0, 0), [BTC])
    market.quote(BTC, "1.5")
    await wait_until(sees(socket, "ticker", BTC, bid="1.5"))
    await wait_until(watched.replicas, what="the Sentinel knows the replica")

    watched.kill_master()
    market.quote(BTC, "777.5")
    await wait_until(sees(socket, "ticker", BTC, bid="777.5"))
    market.quote(BTC, "778.5")
    await wait_until(sees(socket, "ticker", BTC, bid="778.5"))

    assert socket.closed is None and socket.holes == []


async def test_leases_are_taken_from_the_new_master(watched: sentinels.Sentinels) -> None:
    async with client(parsed(watched.url, OPTIONS)[0]) as redis:
        assert await redis.set("lease", "mine", nx=True, px=60_000)
        await wait_until(watched.replicas, what="the Sentinel knows the replica")
        watched.kill_master()

        async with asyncio.timeout(20):
            await renewed(redis)


async def renewed(redis: Redis) -> None:
    """As a worker does: tried again until somebody answers."""
    for _ in range(200):
        with contextlib.suppress(RedisError, OSError):
            assert await redis.set("lease", "mine", xx=True, px=60_000)
            return
        await asyncio.sleep(0.1)
