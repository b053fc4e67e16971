"""A bus that freezes or dies: nothing upstream waits, nothing old is shown, all of it heals."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator

import pytest

from marketdash.live.client import Subscribed
from tests.fakes import own_redis
from tests.fakes.market import Market
from tests.fakes.own_redis import OwnRedis
from tests.fakes.sockets import FakeSocket, sees
from tests.fakes.tcp_proxy import TcpProxy
from tests.fakes.waiting import wait_until

BTC = "KRAKEN:BTC/USD"


@pytest.fixture
def redis() -> Iterator[OwnRedis]:
    with own_redis.running() as own:
        yield own


@pytest.fixture
def redis_url(redis) -> str:
    """In place of the one of the run."""
    return redis.url


@pytest.fixture
async def world(bus):
    sink, hub = bus.sink(), bus.hub()
    market, socket = Market(sink.put, [BTC]), FakeSocket(hub)
    market.begin()
    hub.follow(socket.client, "ticker", Subscribed(0, 0), [BTC])
    await wait_until(sees(socket, "ticker", BTC, bid="100.0"))
    return market, socket


@pytest.mark.fault(
    "F22",
    "Redis is stopped by SIGSTOP under a sink and a hub",
    goal="nobody waits; nothing old is shown after",
)
async def test_a_frozen_redis_blocks_nobody_and_is_not_replayed(redis, world, score):
    market, socket = world
    redis.tell(signal.SIGSTOP)
    started = time.monotonic()
    for n in range(300):
        market.quote(BTC, f"{n}.5")
        await asyncio.sleep(0.005)
    assert time.monotonic() - started < 60  # the sink took each at once: one that waited would wait 5 s
    seen = len(socket.frames)

    redis.tell(signal.SIGCONT)
    thawed_s = time.monotonic()
    market.quote(BTC, "777.5")
    await wait_until(sees(socket, "ticker", BTC, bid="777.5"))
    score.took(time.monotonic() - thawed_s)

    assert len(socket.frames) - seen < 12 and socket.holes == []


@pytest.mark.fault(
    "F21", "Redis is killed and started again under a sink and a hub", goal="no socket lost, no hole"
)
async def test_a_killed_redis_closes_no_socket_and_what_comes_next_is_seen(redis, world, score):
    market, socket = world
    redis.kill()
    for n in range(50):
        market.quote(BTC, f"{n}.5")
        await asyncio.sleep(0.01)

    redis.start()
    back_s = time.monotonic()
    market.quote(BTC, "777.5")
    await wait_until(sees(socket, "ticker", BTC, bid="777.5"))
    score.took(time.monotonic() - back_s)

    assert socket.closed is None and socket.holes == []


@pytest.mark.fault(
    "F24",
    "Redis cuts off all readers under a sink and a hub",
    goal="no socket lost, no hole, what comes next is seen",
)
async def test_readers_that_were_cut_off_come_back(redis, world, score):
    market, socket = world
    assert redis.ask("CLIENT", "KILL", "TYPE", "pubsub")
    cut_s = time.monotonic()
    market.quote(BTC, "777.5")
    await wait_until(sees(socket, "ticker", BTC, bid="777.5"))
    score.took(time.monotonic() - cut_s)

    assert socket.closed is None and socket.holes == []


@pytest.mark.fault(
    "F23",
    "Redis is gone without a reset (a TCP proxy that falls silent) under a sink and a hub",
    goal="what comes next is seen within 5 s",
)
async def test_a_redis_that_vanished_without_a_word_is_found_again(bus, score, monkeypatch):
    with own_redis.running(tcp=True) as redis:
        async with TcpProxy(int(redis.url.rpartition(":")[2].partition("/")[0])) as proxy:
            monkeypatch.setattr(bus, "url", f"redis://127.0.0.1:{proxy.port}/0")
            sink, hub = bus.sink(), bus.hub()
            market, socket = Market(sink.put, [BTC]), FakeSocket(hub)
            market.begin()
            hub.follow(socket.client, "ticker", Subscribed(0, 0), [BTC])
            await wait_until(sees(socket, "ticker", BTC, bid="100.0"))

            assert proxy.fall_silent()
            silent_s = time.monotonic()
            market.quote(BTC, "777.5")
            await wait_until(sees(socket, "ticker", BTC, bid="777.5"))
            score.took(time.monotonic() - silent_s)
            assert socket.closed is None and socket.holes == []
            await bus.stack.aclose()
