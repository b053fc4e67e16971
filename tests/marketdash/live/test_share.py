"""Who writes which instruments: one writer each, none for five seconds at most; by leases in Redis."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time

import pytest
from redis.asyncio import Redis

from feeds.clock import SystemClock
from feeds.symbols import PARTS
from marketdash.live import share as shares
from marketdash.live.lease import (
    ASK_EVERY_S,
    LEASE_MS,
    RENEW_EVERY_S,
    Lease,
    LeaseLost,
    Part,
    parts_of,
)
from marketdash.live.share import Shard, Share, parse_shard
from tests.fakes.waiting import SOON_S, wait_until

VENUES = ["KRAKEN", "BINANCE"]
BOTH = 2 * PARTS


@pytest.fixture
async def redis(redis_url):
    """Leases of other tests do not stand in the way."""
    async with Redis.from_url(redis_url) as one:
        await _forget(one)
        yield one
        await _forget(one)


async def _forget(redis: Redis) -> None:
    async for key in redis.scan_iter("marketdash:*"):
        await redis.delete(key)


class Worker:
    """A share that is kept, and what was told of it: the epoch and the number of parts at each change."""

    def __init__(self, redis: Redis, index: int, count: int) -> None:
        self.share = Share(redis, VENUES, SystemClock(), Shard(index, count))
        self.told: list[tuple[str, int]] = []
        self.share.on_change = lambda: self.told.append((self.share.epoch, len(self.share.held)))

    async def __aenter__(self) -> Worker:
        await self.share.acquire()
        self.task = asyncio.create_task(self.share.keep())
        return self

    async def die(self) -> None:
        """As when it is killed: nothing is released."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def __aexit__(self, *_: object) -> None:
        await self.die()
        await self.share.release()

    @property
    def held(self) -> frozenset[Part]:
        return self.share.held


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "1/13", "a/b", "1/2/3", "-1/2", "½/2"])
def test_a_shard_that_is_none_is_refused_with_what_was_expected(text):
    with pytest.raises(ValueError, match="expected i/n"):
        parse_shard(text)


@pytest.mark.parametrize("count", range(1, PARTS + 1))
def test_shards_share_all_parts_and_none_twice(count):
    owners = [[shard for shard in range(1, count + 1) if Shard(shard, count).owns(Part("KRAKEN", number))]
              for number in range(PARTS)]  # fmt: skip

    assert all(len(found) == 1 for found in owners)
    assert parse_shard(f"{count}/{count}") == (count, count)


async def test_two_workers_write_everything_and_nothing_twice(redis):
    async with Worker(redis, 1, 2) as one, Worker(redis, 2, 2) as two:
        assert len(one.held) == len(two.held) == PARTS and not one.held & two.held
        assert one.share.epoch != two.share.epoch
        names = [f"KRAKEN:{n}" for n in range(100)]
        assert all(one.share.holds(name) != two.share.holds(name) for name in names)
        assert [worker.share.speaks_for("KRAKEN") for worker in (one, two)] == [True, True]  # of its own


def test_who_is_gone_is_missed_within_four_seconds():
    """Its lease runs out, which is seen at a look; the others wait for it a little and ask for its parts."""
    assert LEASE_MS / 1000 + RENEW_EVERY_S + shares.ADOPT_AFTER_S + ASK_EVERY_S <= 4


@pytest.mark.fault(
    "F26",
    "One of two workers dies without a word, and another comes in its place",
    goal="the other writes its parts once its leases ran out, in a greater epoch, until it is back",
)
async def test_what_a_dead_worker_wrote_is_taken_over_in_time_and_given_back(redis, monkeypatch):
    monkeypatch.setattr(shares, "SETTLE_S", 0)
    async with Worker(redis, 1, 2) as one, contextlib.AsyncExitStack() as stack:
        two = await stack.enter_async_context(Worker(redis, 2, 2))
        await two.die()
        died_s = time.monotonic()
        await wait_until(lambda: len(one.held) == BOTH)
        assert time.monotonic() - died_s > 1  # not before its lease ran out
        assert one.told[-1] == (one.share.epoch, BOTH) and one.share.epoch > two.share.epoch

        async with Worker(redis, 2, 2) as back:
            await wait_until(lambda: len(back.held) == PARTS and len(one.held) == PARTS)
            assert not one.held & back.held and back.share.epoch > one.share.epoch


async def test_no_part_ever_has_two_writers_while_workers_come_and_go(redis, monkeypatch):
    monkeypatch.setattr(shares, "SETTLE_S", 0)
    workers: list[Worker] = []

    def disjoint() -> None:
        for a, b in itertools.combinations([worker for worker in workers if not worker.task.done()], 2):
            assert not a.held & b.held

    for index in (1, 2, 3):
        workers.append(await Worker(redis, index, 3).__aenter__())
        disjoint()
    await workers[1].die()
    await wait_until(lambda: disjoint() or len(workers[0].held | workers[2].held) == BOTH)
    workers.append(await Worker(redis, 2, 3).__aenter__())
    await wait_until(lambda: disjoint() or len(workers[3].held) == BOTH // 3)
    for worker in workers:
        await worker.__aexit__()


async def test_a_second_worker_without_a_shard_stands_by(redis, caplog):
    async with Worker(redis, 1, 1) as first:
        standing_by = Share(redis, VENUES, SystemClock(), Shard(1, 1))
        waiting = asyncio.create_task(standing_by.acquire())
        await wait_until(lambda: "another ingest holds BINANCE, KRAKEN" in caplog.text)
        assert not waiting.done()

        await first.die()
        await first.share.release()

        assert await asyncio.wait_for(waiting, SOON_S) > first.share.epoch
        assert len(standing_by.held) == BOTH
        await standing_by.release()


async def test_a_part_that_another_took_ends_the_writer(redis):
    share = Share(redis, ["KRAKEN"], SystemClock(), Shard(1, 1))
    await share.acquire()
    await redis.set(Part("KRAKEN", 3).key, "somebody else")

    with pytest.raises(LeaseLost, match="KRAKEN was taken"):
        await asyncio.wait_for(share.keep(), 5)


async def test_a_replay_takes_whole_venues_or_waits_and_says_for_whom(redis):
    async with Worker(redis, 1, 2):
        lease = Lease(redis, parts_of(["KRAKEN"]))
        waiting = asyncio.create_task(lease.acquire())
        await wait_until(lambda: lease.problem == "another process holds KRAKEN")
        assert len(await lease._leases.said([Part("KRAKEN", n) for n in range(PARTS)])) == PARTS // 2
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_epochs_grow_and_differ_although_the_clock_was_set_back(redis, monkeypatch):
    first = Lease(redis, parts_of(["KRAKEN"]))
    before = await first.acquire()
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)

    epochs = await asyncio.gather(*(first._leases.next_epoch() for _ in range(50)))

    assert len(set(epochs)) == 50 and min(epochs) > before
    await first.release()
