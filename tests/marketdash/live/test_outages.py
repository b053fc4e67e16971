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

from marketdash.live.client import Subscribed
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
    assert time.monotonic() - started < 60  # the sink took each at once: one that waited would wait 5 s
    seen = len(socket.frames)

    redis.tell(signal.SIGCONT)
    market.quote(BTC, "777.5")
    await wait_until(sees(socket, "ticker", BTC, bid="777.5"))

    assert len(socket.frames) - seen < 12 and socket.holes == []


async def test_a_killed_redis_closes_no_socket_and_what_comes_next_is_seen(redis, world):
    market, socket = world
    redis.kill()
    for n in range(50):
        market.quote(BTC, f"{n}.5")
        await asyncio.sleep(0.01)

    redis.start()
    market.quote(BTC, "777.5")
    await wait_until(sees(socket, "ticker", BTC, bid="777.5"))

    assert socket.closed is None and socket.holes == []
