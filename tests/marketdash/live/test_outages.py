"""A bus that freezes or dies: nothing upstream waits, nothing old is shown, all of it heals."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from marketdash.live.client import Subscribed
from marketdash.live.lease import Lease, LeaseLost
from marketdash.ops import redis_server
from tests.fakes.market import Market
from tests.fakes.sockets import FakeSocket, sees
from tests.fakes.waiting import wait_until

BTC = "KRAKEN:BTC/USD"


class OwnRedis:
    """A Redis that a test may freeze and kill."""

    def __init__(self, home: Path) -> None:
        self.url = f"unix://{home / 'redis.sock'}"
        self._command = [redis_server.binary(), "--port", "0", "--unixsocket", str(home / "redis.sock")]
        self._command += ["--dir", str(home), "--save", "", "--appendonly", "no", "--loglevel", "warning"]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        assert redis_server.answers(self.url, within_s=10)

    def tell(self, number: int) -> None:
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


@pytest.fixture
def redis() -> Iterator[OwnRedis]:
    with tempfile.TemporaryDirectory(prefix="marketdash-") as home:
        own = OwnRedis(Path(home))
        yield own
        own.kill()


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


async def test_a_frozen_redis_blocks_nobody_and_is_not_replayed(redis, world):
    market, socket = world
    redis.tell(signal.SIGSTOP)
    started = time.monotonic()
    for n in range(300):
        market.quote(BTC, f"{n}.5")
        await asyncio.sleep(0.005)
    assert time.monotonic() - started < 4  # the sink took each at once
    seen = len(socket.frames)

    redis.tell(signal.SIGCONT)
    market.quote(BTC, "777.5")
    await wait_until(sees(socket, "ticker", BTC, bid="777.5"), within_s=2)

    assert len(socket.frames) - seen < 12 and socket.holes == []


async def test_a_killed_redis_closes_no_socket_and_heals_within_two_seconds(redis, world):
    market, socket = world
    redis.kill()
    for n in range(50):
        market.quote(BTC, f"{n}.5")
        await asyncio.sleep(0.01)

    redis.start()
    market.quote(BTC, "777.5")
    await wait_until(sees(socket, "ticker", BTC, bid="777.5"), within_s=2.5)

    assert socket.closed is None and socket.holes == []


async def test_the_second_writer_waits_for_the_first(redis):
    async with Redis.from_url(redis.url) as one, Redis.from_url(redis.url) as two:
        first, second = Lease(one, ["KRAKEN", "BINANCE"]), Lease(two, ["KRAKEN"])
        epoch = await first.acquire()
        waiting = asyncio.create_task(second.acquire())
        await asyncio.sleep(0.3)  # longer than a second writer takes when there is nobody
        assert not waiting.done()

        await first.release()

        assert await asyncio.wait_for(waiting, 3) > epoch


async def test_a_lease_that_another_took_ends_the_writer(redis):
    async with Redis.from_url(redis.url) as one:
        lease = Lease(one, ["KRAKEN"])
        await lease.acquire()
        await one.set("marketdash:writer:KRAKEN", "somebody else")

        with pytest.raises(LeaseLost, match="KRAKEN was taken"):
            await asyncio.wait_for(lease.keep(), 5)


async def test_epochs_grow_although_the_clock_was_set_back(redis, monkeypatch):
    async with Redis.from_url(redis.url) as one:
        first = Lease(one, ["KRAKEN"])
        before = await first.acquire()
        await first.release()
        monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)

        assert await Lease(one, ["KRAKEN"]).acquire() > before
