"""An epoch belongs to one life of one writer: who lost its lease and has it again writes in a new one."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from feeds.clock import SystemClock
from marketdash.live import hub as hubs
from marketdash.live.client import Subscribed
from marketdash.live.lease import Lease, Part, PartLeases, parts_of
from marketdash.live.share import Shard, Share
from marketdash.live.sink import ChannelLayerSink
from tests.fakes.market import Market
from tests.fakes.sockets import FakeSocket, sees
from tests.fakes.waiting import SOON_S, wait_until

BTC = "KRAKEN:BTC/USD"
ONE = Part("KRAKEN", 0)


@pytest.fixture
async def redis(redis_url):
    async with Redis.from_url(redis_url) as one:
        await forget(one)
        yield one
        await forget(one)


async def forget(redis: Redis, what: str = "marketdash:*") -> None:
    async for key in redis.scan_iter(what):
        await redis.delete(key)


async def run_out(redis: Redis) -> None:
    """All leases, as after their time."""
    await forget(redis, "marketdash:writer:*")


def share_of(redis: Redis) -> Share:
    return Share(redis, ["KRAKEN"], SystemClock(), Shard(1, 1))


async def renewed(lease: Share | Lease) -> None:
    """Kept until its epoch is another."""
    changed = asyncio.Event()
    then, lease.on_change = lease.on_change, lambda: (then(), changed.set())[0]
    keeping = asyncio.create_task(lease.keep())
    waiting = asyncio.create_task(changed.wait())
    await asyncio.wait([keeping, waiting], timeout=SOON_S, return_when=asyncio.FIRST_COMPLETED)
    for task in (keeping, waiting):
        task.cancel()
    await asyncio.gather(keeping, waiting, return_exceptions=True)
    assert changed.is_set(), "no other epoch"


@pytest.mark.parametrize("made", [share_of, lambda redis: Lease(redis, parts_of(["KRAKEN"]))])
async def test_a_lease_that_ran_out_and_is_had_again_is_of_a_later_epoch(redis, made):
    first, second = made(redis), made(redis)
    await first.acquire()
    await run_out(redis)
    between = await second.acquire()
    await run_out(redis)

    await renewed(first)

    assert first.epoch > between


async def test_a_lease_that_is_renewed_in_time_keeps_its_epoch(redis):
    leases = PartLeases(redis)
    for _ in range(5):
        assert not await leases.take([ONE]) and not leases.ran_out
    await leases.give([ONE])
    assert not await leases.take([ONE]) and not leases.ran_out  # it was given, not lost


async def test_what_is_written_anew_is_greater_although_redis_and_the_clock_know_nothing(redis, monkeypatch):
    share = share_of(redis)
    before = await share.acquire()
    await forget(redis)
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)

    await renewed(share)

    assert share.epoch > before


@pytest.mark.fault(
    "F26",
    "A worker sleeps past its lease; another takes over and dies before the first one wakes",
    goal="the first one is heard at once, in a greater epoch",
)
async def test_a_writer_that_slept_through_another_ones_life_is_heard_at_once(bus, redis, monkeypatch):
    monkeypatch.setattr(hubs, "WRITER_GONE_US", 10**15)  # no hub believes a lesser epoch for being left alone
    hub = bus.hub()
    socket = FakeSocket(hub)
    hub.follow(socket.client, "ticker", Subscribed(0, 0), [BTC])
    first, sleeper, market = await written(bus, redis, "100.5")
    await wait_until(sees(socket, "ticker", BTC, bid="100.5"))
    await bus.kill(sleeper)
    await run_out(redis)
    _, other, _ = await written(bus, redis, "200.5")
    await wait_until(sees(socket, "ticker", BTC, bid="200.5"))
    await bus.kill(other)
    await run_out(redis)

    bus.tasks[sleeper] = asyncio.create_task(sleeper.run())
    market.quote(BTC, "300.5")
    await renewed(first)

    await wait_until(sees(socket, "ticker", BTC, bid="300.5"))
    assert socket.holes == []


async def written(bus: Any, redis: Redis, bid: str) -> tuple[Share, ChannelLayerSink, Market]:
    """A writer of one instrument that says this."""
    share = share_of(redis)
    await share.acquire()
    sink = bus.sink(epoch=share.epoch, share=share)
    share.on_change = lambda: sink.begin_again(share.epoch)
    market = Market(sink.put, [BTC])
    market.begin()
    market.quote(BTC, bid)
    return share, sink, market


class Lossy:
    """A Redis that does what it is told, and whose answers may be lost."""

    def __init__(self, redis: Redis) -> None:
        self._redis, self.loses = redis, False

    async def eval(self, *words: Any) -> Any:
        answer = await self._redis.eval(*words)
        if self.loses:
            raise ConnectionError("the answer is lost")
        return answer


class Writer:
    """What a worker does about one part; ``epoch`` is empty while it holds none."""

    def __init__(self, redis: Redis) -> None:
        self.redis = Lossy(redis)
        self.leases, self.epoch = PartLeases(self.redis), ""  # type: ignore[arg-type]

    async def turn(self, loses: bool) -> bool:
        """Whether it writes."""
        self.redis.loses = loses
        try:
            if await self.leases.take([ONE]):
                return False
            if self.leases.ran_out or not self.epoch:
                self.epoch = await self.leases.next_epoch()
            return True
        except ConnectionError:
            return False


TURNS = st.tuples(st.just("turn"), st.integers(0, 1), st.sampled_from([False, False, True]))
TIMES = st.tuples(st.just("clock"), st.integers(0, 50), st.booleans())
ENDS = st.sampled_from([("run out", 0, False)] * 3 + [("forget", 0, False)])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(TURNS, ENDS, TURNS, TIMES), min_size=8, max_size=30))
def test_no_epoch_is_ever_written_after_a_later_one(redis_url, steps):
    with pytest.MonkeyPatch.context() as patched:
        asyncio.run(played(redis_url, steps, patched))


async def played(url: str, steps: list[tuple[str, int, bool]], patched: pytest.MonkeyPatch) -> None:
    """A Redis that forgot all knows the clock alone, which must then be right."""
    said_us, least_us = 0, 0
    patched.setattr(time, "time_ns", lambda: max(said_us, least_us) * 1000)
    owners, writers = {"": -1}, {}
    async with Redis.from_url(url) as redis:
        await forget(redis)
        for what, number, loses in steps:
            if what == "turn":
                writer = writers.setdefault(number, Writer(redis))
                if await writer.turn(loses):
                    assert writer.epoch >= max(owners)
                    assert owners.setdefault(writer.epoch, number) == number
            elif what == "clock":
                said_us = number
            elif what == "run out":
                await run_out(redis)
            else:
                await forget(redis)
                least_us = int(max(owners) or "0", 16) + 1
        await forget(redis)
