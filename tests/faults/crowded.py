"""A crowd on web processes that end: who is back when, and what they were told."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import psutil

from marketdash.ops.lifeline import PARENT_FD
from tests.fakes import crowd
from tests.fakes.crowd import Crowd, Follower
from tests.fakes.visitor import Visitor
from tests.fakes.waiting import wait_until
from tests.faults.honesty import agreed, judged
from tests.faults.whole import OF_EACH, PAGES, Whole
from tests.scoreboard import quantile

CLIENTS, PEOPLE, SHOWN = 500, 13, OF_EACH
"""A person may have 20 sockets, and every second of the clients is one's."""


@contextlib.asynccontextmanager
async def watched(
    site: Whole, score: Any, count: int = CLIENTS, interval_ms: int = 1000
) -> AsyncIterator[Crowd]:
    """Afterwards: nothing was dishonest, all pages show what is true, every socket was let in with its own
    session at once, and whoever read a page meanwhile met no error of ours."""
    async with (
        site.simulator() as simulator,
        crowd.following(
            site.site.url,
            simulator,
            SHOWN,
            count=count,
            pages=PAGES,
            sessions=site.sessions,
            seed=score.seed,
            interval_ms=interval_ms,
        ) as followers,
    ):
        await wait_until(lambda: followers.fresh, within_s=120, what="everything fresh before the fault")
        followers.begin_again()
        async with reading(site) as visitor:
            yield followers
        await wait_until(lambda: followers.fresh, within_s=60, what="everything fresh after the fault")
        await agreed(score, followers, simulator)
        refused = sum(sum(each.refused.values()) for each in followers.followers)
        score.note("refused or signed out", refused, "")
        score.note("pages read", visitor.answered.total(), "")
        score.note("errors among them", len(visitor.unclear), "")
        judged(score, followers)
        assert refused == 0 and not visitor.unclear, visitor.unclear[:5]


@contextlib.asynccontextmanager
async def reading(site: Whole) -> AsyncIterator[Visitor]:
    visitor = Visitor(site.site.url, site.sessions[0])
    task = asyncio.create_task(visitor.run())
    try:
        yield visitor
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def back(followers: Crowd, since_s: float, within_s: float = 60.0) -> list[float]:
    """Seconds until each of those that lost its socket shows everything live again, the quickest first."""

    def lost() -> list[Follower]:
        return [each for each in followers.followers if each.lost]

    def live() -> bool:
        return time.monotonic() > since_s + 1 and all(each.live_s > since_s for each in lost())

    await wait_until(live, within_s=within_s, what="all back")
    return sorted(each.live_s - since_s for each in lost())


def webs(site: Whole) -> list[psutil.Process]:
    return site.site.processes_of("manage.py serve")


def busiest(site: Whole) -> psutil.Process:
    """Of two web processes the one with more sockets: the kernel shares them out as it likes."""
    assert len(both := webs(site)) == 2
    return max(both, key=lambda each: each.num_fds())


def told(score: Any, took: list[float]) -> None:
    score.took(quantile(took, 0.95))
    score.note("of", len(took), "who lost their socket")
    score.note("p99", quantile(took, 0.99))


async def live_again(followers: Crowd, since_s: float) -> None:
    """What is on its way when the worker ends does not count."""
    await wait_until(lambda: followers.fresh_since(since_s + 1), within_s=60, what="live again")


def variables_of_worker(site: Whole) -> dict[str, str]:
    """What the supervisor told it, but for the pipe by which its children end with it."""
    said = site.site.process_of("manage.py ingest").environ()
    return {name: value for name, value in said.items() if name != PARENT_FD}
