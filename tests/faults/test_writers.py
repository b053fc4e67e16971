"""The worker is killed, followed and frozen under a crowd: one writes at a time, and soon one does."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Iterator

import psutil
import pytest

from tests.fakes.crowd import Crowd
from tests.fakes.waiting import wait_until
from tests.faults import whole
from tests.faults.crowded import PEOPLE, SHOWN, live_again, variables_of_worker, watched
from tests.faults.whole import Whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]
LIVE_AGAIN_S, ENDED_S, CLIENTS = 5.0, 5.0, 100


@pytest.fixture(scope="module")
def marketdash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with whole.running(tmp_path_factory.mktemp("writers"), people=PEOPLE) as running:
        yield running


@contextlib.asynccontextmanager
async def another_worker(site: Whole) -> AsyncIterator[asyncio.subprocess.Process]:
    """It stands by beside the site's own."""
    second = await asyncio.create_subprocess_exec(
        sys.executable, "manage.py", "ingest", env=variables_of_worker(site),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, cwd=whole.ROOT,
    )  # fmt: skip
    try:
        await asyncio.sleep(8)  # no sign of it is to be seen
        assert second.returncode is None
        yield second
    finally:
        with contextlib.suppress(ProcessLookupError):
            second.terminate()
        await second.wait()


def writers(followers: Crowd) -> set[str]:
    """Whose rows are shown, by epoch."""
    shown = [each.tickers.contents() for each in followers.followers]
    return {rows[symbol]["epoch"] for rows in shown for symbol in SHOWN}


@pytest.mark.fault(
    "F26",
    "The worker is killed every 20 s, 100 clients follow",
    goal="live again in 5 s; no row of a writer that was followed already",
)
async def test_a_killed_worker_is_followed_by_another(marketdash, score):
    async with watched(marketdash, score, CLIENTS) as followers:
        for _ in range(score.times(180, 2)):
            began_s = time.monotonic()
            marketdash.site.process_of("manage.py ingest").kill()
            await live_again(followers, began_s)
            score.took(time.monotonic() - began_s)
            await asyncio.sleep(max(0.0, began_s + 20 - time.monotonic()))
    assert max(score.took_s) <= LIVE_AGAIN_S


@pytest.mark.fault(
    "F26",
    "A second worker is started beside the first, which is killed then, 100 clients follow",
    goal="one writer at a time; live again in 5 s",
)
async def test_of_two_workers_one_writes(marketdash, score):
    async with watched(marketdash, score, CLIENTS) as followers:
        async with another_worker(marketdash):
            assert followers.all_live and followers.mixed == 0
            began_s = time.monotonic()
            marketdash.site.process_of("manage.py ingest").kill()
            await live_again(followers, began_s)
            score.took(time.monotonic() - began_s)
        await live_again(followers, time.monotonic())  # by the site's own, which was started again
    assert max(score.took_s) <= LIVE_AGAIN_S


@pytest.mark.fault(
    "F26",
    "The worker is frozen (SIGSTOP) past its lease, a second one takes over, and the first goes on then; "
    "100 clients follow",
    goal="live again in 5 s; no row of the first after one of the second, and it ends in 5 s",
)
async def test_a_worker_that_slept_past_its_lease_writes_no_more(marketdash, score):
    async with watched(marketdash, score, CLIENTS) as followers:
        for _ in range(score.times(20)):
            async with another_worker(marketdash):
                await wait_until(lambda: followers.fresh, within_s=60, what="fresh before")
                await overslept(marketdash, followers, score)
            await live_again(followers, time.monotonic())  # by the site's own
    assert max(score.took_s) <= LIVE_AGAIN_S


async def overslept(site: Whole, followers: Crowd, score) -> None:
    """The site's own worker, from its last word until it is replaced."""
    sleeper, before = site.site.process_of("manage.py ingest"), writers(followers)
    assert len(before) == 1
    slept_s = time.monotonic()
    sleeper.suspend()
    try:
        await live_again(followers, slept_s)
        score.took(time.monotonic() - slept_s)
        after = writers(followers)
        assert len(after) == 1 and max(after) > max(before)
    finally:
        sleeper.resume()
    woken_s = time.monotonic()
    await wait_until(lambda: not _runs(sleeper), within_s=ENDED_S, what="the first ends")
    score.note("the first ended after", time.monotonic() - woken_s)
    await asyncio.sleep(max(0.0, woken_s + 5 - time.monotonic()))
    assert followers.all_live and writers(followers) == after and followers.mixed == 0


def _runs(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
