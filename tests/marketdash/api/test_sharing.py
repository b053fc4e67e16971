"""Several web processes keep one limit, a second late; without Redis each keeps its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from redis.asyncio import Redis

from marketdash.api.limits import BURST, PER_S, Limiter
from marketdash.api.problems import Problem
from marketdash.api.sharing import AVOID_S, EVERY_S, Sharing
from tests.fakes.waiting import wait_until


class Process:
    """A web process's count of requests. ``ask`` says how many of so many were let through."""

    def __init__(self, clock: Callable[[], float], url: str) -> None:
        self.limiter = Limiter(clock)
        self.sharing = Sharing(self.limiter.charge, clock=clock, connect=lambda: Redis.from_url(url))
        self.sharing._due_s = float("inf")  # the test says when

    def ask(self, who: str, times: int) -> int:
        let = 0
        for _ in range(times):
            try:
                self.limiter.count(who)
            except Problem:
                continue
            self.sharing.used(who)
            let += 1
        return let


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def who() -> str:
    return f"address {uuid.uuid4()}"


async def test_what_one_let_through_the_others_count_too(redis_url: str, now: list[float], who: str) -> None:
    one, two = (Process(lambda: now[0], redis_url) for _ in range(2))
    for process in (one, two):
        process.ask(who, 1)
        await process.sharing.tell()
    now[0] = 60.0  # both are full again
    let = 0
    for _ in range(10):
        let += one.ask(who, 100) + two.ask(who, 100)
        await one.sharing.tell()
        await two.sharing.tell()
        now[0] += 1

    alone = BURST + 9 * PER_S
    assert let <= alone + BURST + 2 * PER_S  # the burst that neither knew of yet
    assert let >= alone
    assert one.ask(f"{who} another", 5) == 5


async def test_who_was_quiet_owes_nothing_for_what_was_asked_long_ago(
    redis_url: str, now: list[float], who: str
) -> None:
    one, two = (Process(lambda: now[0], redis_url) for _ in range(2))
    two.ask(who, 1)
    await two.sharing.tell()
    for _ in range(30):
        now[0] += 1
        one.ask(who, 20)
        await one.sharing.tell()
    now[0] += 10
    two.ask(who, 1)
    await two.sharing.tell()

    assert two.ask(who, 60) == 60


async def test_without_redis_each_counts_alone_and_does_not_ask_it_at_once_again(
    now: list[float], who: str, caplog: pytest.LogCaptureFixture
) -> None:
    process = Process(lambda: now[0], "redis://127.0.0.1:1")
    assert process.ask(who, 200) == BURST
    process.sharing._due_s = 0.0
    now[0] = 1.0
    process.ask(who, 1)
    await wait_until(lambda: "count in this process alone" in caplog.text)

    assert process.sharing._due_s == now[0] + AVOID_S
    assert process.ask(who, 200) == PER_S - 1


async def test_it_tells_once_a_second_while_somebody_asks(redis_url: str, now: list[float], who: str) -> None:
    process = Process(lambda: now[0], redis_url)
    process.sharing._due_s = 0.0
    async with Redis.from_url(redis_url) as redis:

        async def total() -> int:
            return int(await redis.get(f"marketdash:asked:{who}") or 0)

        process.ask(who, 3)
        await process.sharing._telling
        assert await total() == 3
        process.ask(who, 4)
        now[0] += EVERY_S
        process.ask(who, 1)
        await process.sharing._telling
        assert await total() == 8
        assert 0 < await redis.ttl(f"marketdash:asked:{who}") <= 60
