"""What is due each day: done once whoever else is there, tried again when it failed."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections import Counter

import pytest
from redis.asyncio import Redis

from marketdash.live.lease import ENGINES
from marketdash.ops import jobs
from marketdash.ops.jobs import Job
from marketdash.ops.management.commands import engines, healthcheck
from tests.fakes.waiting import wait_until


class Enough(Exception):
    """Ends a loop that has no end."""


class Sleeps(list[float]):
    """Notes how long was slept, and takes no time; the loop ends after so many."""

    def __init__(self, most: int) -> None:
        self._most = most

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
        if len(self) == self._most:
            raise Enough


async def kept(work, every_s: float, rounds: int) -> tuple[Sleeps, Counter[str]]:
    sleeps, counters = Sleeps(rounds), Counter()
    with pytest.raises(Enough):
        await jobs.keep(Job("look", every_s, work), counters, sleeps)
    return sleeps, counters


async def test_a_job_is_done_at_once_and_whenever_it_is_due():
    done = []

    async def work() -> None:
        done.append(1)

    sleeps, counters = await kept(work, 3600, rounds=3)

    assert sleeps == [3600, 3600, 3600] and len(done) == 3 and counters == {"look done": 3}


@pytest.mark.parametrize(("every_s", "wait_s"), [(3600, jobs.AGAIN_S), (60, 60)])
async def test_a_job_that_failed_is_tried_again_sooner(every_s, wait_s, caplog):
    answers = iter([OSError("no answer"), None])

    async def work() -> None:
        if problem := next(answers):
            raise problem

    sleeps, counters = await kept(work, every_s, rounds=2)

    assert sleeps == [wait_s, every_s]
    assert counters == {"look failed": 1, "look done": 1}
    assert "look failed, and is tried again" in caplog.text and "no answer" in caplog.text


async def test_a_job_that_blocks_has_a_thread_of_its_own_which_lasts():
    first, second = jobs.alone(threading.get_ident), jobs.alone(threading.get_ident)

    of_first = {await first() for _ in range(5)}
    of_second = {await second() for _ in range(5)}

    assert len(of_first) == len(of_second) == 1
    assert len({threading.get_ident(), *of_first, *of_second}) == 3


@pytest.fixture
async def redis(redis_url, settings):
    settings.REDIS_HOSTS = [{"address": redis_url}]
    async with Redis.from_url(redis_url) as found:
        await found.delete(ENGINES.key)
        yield found
        await found.delete(ENGINES.key)


async def test_a_second_one_stands_by_until_the_first_has_ended(redis, caplog):
    done: list[str] = []

    def job(who: str) -> Job:
        async def work() -> None:
            done.append(who)

        return Job("say", 3600, work)

    first = asyncio.create_task(engines.run([job("first")]))
    await wait_until(lambda: done == ["first"])
    second = asyncio.create_task(engines.run([job("second")]))
    await wait_until(lambda: "another process holds ENGINES" in caplog.text)
    assert done == ["first"] and await healthcheck._engines() == ""

    first.cancel()
    await asyncio.gather(first, return_exceptions=True)

    await wait_until(lambda: done == ["first", "second"])
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert "nobody holds" in await healthcheck._engines()


async def test_it_looks_for_cycles_by_the_clock_too(redis, monkeypatch):
    looked = []

    async def look() -> None:
        looked.append("by the clock")

    monkeypatch.setattr(engines.collector, "look_by_the_clock", look)

    running = asyncio.create_task(engines.run([]))
    await wait_until(lambda: looked == ["by the clock"])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_the_days_work_asks_the_venues_for_their_lists_and_clears_sessions(monkeypatch):
    called = []
    monkeypatch.setattr(engines, "call_command", lambda *words: called.append((words, os.getpid())))

    for job in engines.daily():
        await job.work()

    assert called == [(("sync_instruments", "--quiet"), os.getpid()), (("clearsessions",), os.getpid())]


@pytest.mark.django_db(transaction=True)
async def test_restores_that_were_killed_are_looked_for(monkeypatch):
    asked = []
    monkeypatch.setattr(engines.actions, "remove_given_up", lambda: asked.append("asked"))

    await engines.restores().work()

    assert asked == ["asked"]


@pytest.mark.django_db(transaction=True)
async def test_each_minute_is_waited_for_and_then_noted(monkeypatch):
    done = []

    async def waited() -> None:
        done.append("waited")

    async def noted(books: object) -> None:
        done.append(books)

    monkeypatch.setattr(engines.equity, "next_minute", waited)
    monkeypatch.setattr(engines.equity, "note", noted)
    monkeypatch.setattr(engines.equity, "thin", done.append)
    note, _, thin = engines.curves()

    await note.work()
    await note.work()
    await thin.work()

    assert done[0] == done[2] == "waited" and done[1] is done[3]
    assert abs(done[4] - time.time_ns() // 1000) < 60_000_000
    assert (note.every_s, thin.every_s) == (0, 3600)


@pytest.mark.django_db(transaction=True)
async def test_who_takes_over_begins_with_the_minute_that_has_no_points(monkeypatch):
    done = []

    async def waited() -> None:
        done.append("waited")

    async def noted(books: object) -> None:
        done.append("noted")

    monkeypatch.setattr(engines.equity, "next_minute", waited)
    monkeypatch.setattr(engines.equity, "note", noted)
    monkeypatch.setattr(engines.equity, "is_behind", lambda now_us: True)
    note = engines.curves()[0]

    await note.work()
    await note.work()

    assert done == ["noted", "waited", "noted"]


@pytest.mark.django_db(transaction=True)
async def test_the_past_is_stated_and_worked_out(monkeypatch):
    done = []
    monkeypatch.setattr(engines.stating, "work_due", lambda: done.append("rates"))
    monkeypatch.setattr(engines.days, "work_due", lambda: done.append("days"))
    rates, days = engines.past(), engines.curves()[1]

    await rates.work()
    await days.work()

    assert done == ["rates", "days"] and (rates.every_s, days.every_s) == (2, 5)
