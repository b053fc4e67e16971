"""Redis is killed, frozen, cut off and filled under a whole Marketdash that a crowd follows."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from tests import live_site
from tests.fakes import crowd, namespace, own_redis
from tests.fakes.crowd import Crowd
from tests.fakes.namespace import Elsewhere
from tests.fakes.own_redis import OwnRedis
from tests.fakes.simulator_process import SimulatorProcess
from tests.fakes.waiting import wait_until, wait_until_answered
from tests.faults import whole
from tests.faults.honesty import agreed, judged
from tests.faults.whole import PAGES, SYMBOLS, Whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
VANISHED_S = 5.0
CLIENTS = 60


@pytest.fixture(scope="module")
def redis() -> Iterator[OwnRedis]:
    with own_redis.running(tcp=True) as own:
        yield own


@pytest.fixture(scope="module")
def marketdash(redis: OwnRedis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with whole.running(tmp_path_factory.mktemp("redis"), people=3, REDIS_URL=redis.url) as running:
        yield running


@pytest.fixture
async def simulator(marketdash: Whole) -> AsyncIterator[SimulatorProcess]:
    async with marketdash.simulator() as door:
        yield door


@contextlib.asynccontextmanager
async def watched(site: Whole, simulator: SimulatorProcess, score: Any) -> AsyncIterator[Crowd]:
    """A crowd to which all is live. Afterwards: nothing was dishonest, nobody was lost, no link was."""
    async with crowd.following(
        site.site.url, simulator, SYMBOLS, count=CLIENTS, pages=PAGES, sessions=site.sessions, seed=score.seed
    ) as followers:
        await wait_until(lambda: followers.fresh, within_s=60, what="everything fresh before the fault")
        followers.begin_again()
        before = await links(simulator)
        yield followers
        after = await links(simulator)
        score.note("sockets lost", followers.lost().total(), f"of {CLIENTS}")
        more = {name: after[name] - count for name, count in before.items() if count != after[name] and count}
        score.note("links lost", sum(more.values()), f"({', '.join(more)})" if more else "")
        judged(score, followers)
        assert not followers.lost()
        assert not more


async def links(simulator: SimulatorProcess) -> dict[str, int]:
    """How many connections each exchange was asked for so far; none where its list is not read yet."""
    venues = (await simulator.tell("stats"))["venues"]
    return {name: counters.get("connections", 0) for name, counters in venues.items()}


async def stale(followers: Crowd, within_s: float = 8.0) -> None:
    await wait_until(lambda: followers.shown == 0, within_s=within_s, what="nothing live")


async def healed(score: Any, followers: Crowd, simulator: SimulatorProcess) -> None:
    """Until everything is fresh, from now on, and all agree on more than prices."""
    over_s = time.monotonic()
    await followers.look()
    await wait_until(lambda: followers.fresh, within_s=30, what="everything fresh again")
    score.took(time.monotonic() - over_s)
    await agreed(score, followers, simulator)


@pytest.mark.fault(
    "F21",
    "Redis is killed and started again 4 s later, 60 clients follow",
    goal="fresh 2 s after Redis answers; no socket lost",
)
async def test_a_killed_redis_is_back_in_two_seconds(marketdash, redis, simulator, score):
    async with watched(marketdash, simulator, score) as followers:
        for _ in range(score.times(100)):
            redis.kill()
            await stale(followers)
            await asyncio.to_thread(redis.start)
            await healed(score, followers, simulator)
    assert max(score.took_s) <= 2.0


@pytest.mark.fault(
    "F22",
    "Redis is stopped by SIGSTOP for 30 s, 60 clients follow",
    goal="fresh 1 s after SIGCONT; no socket, no link lost",
)
async def test_a_frozen_redis_thaws_in_a_second(marketdash, redis, simulator, score):
    async with watched(marketdash, simulator, score) as followers:
        for _ in range(score.times(10, 2)):
            redis.tell(signal.SIGSTOP)
            await stale(followers)
            await asyncio.sleep(27)
            redis.tell(signal.SIGCONT)
            await healed(score, followers, simulator)
    assert max(score.took_s) <= 1.0


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Elsewhere, OwnRedis, Whole]]:
    """A site whose Redis is a machine of its own."""
    if not namespace.possible():
        pytest.skip("network namespaces need root and `ip`")
    folder = tmp_path_factory.mktemp("elsewhere")
    with namespace.running() as machine:
        redis = own_redis.at(folder, machine.address, 6379, machine.inside)
        try:
            with whole.running(folder / "site", people=3, REDIS_URL=redis.url) as site:
                yield machine, redis, site
        finally:
            redis.end()


@pytest.mark.fault(
    "F23",
    "Redis's machine, a network namespace, is cut off for 10 s without a reset and comes back",
    goal="fresh 5 s after it is back; no socket, no link lost",
)
async def test_a_redis_behind_a_cut_cable(elsewhere, score):
    machine, _, site = elsewhere
    async with site.simulator() as simulator, watched(site, simulator, score) as followers:
        for _ in range(score.times(100)):
            machine.cut()
            await stale(followers)
            await asyncio.sleep(7)
            machine.mend()
            await healed(score, followers, simulator)
    assert max(score.took_s) <= VANISHED_S


@pytest.mark.fault(
    "F23",
    "Redis's machine, a network namespace, is gone without a reset and an empty one takes its address",
    goal="fresh 5 s after the new one answers; no socket, no link lost",
)
async def test_an_empty_redis_in_the_place_of_one_that_vanished(elsewhere, score):
    machine, redis, site = elsewhere
    async with site.simulator() as simulator, watched(site, simulator, score) as followers:
        for _ in range(score.times(100)):
            machine.cut()
            await stale(followers)
            redis.kill()
            await asyncio.to_thread(machine.replace)
            await asyncio.to_thread(redis.start)
            await healed(score, followers, simulator)
    assert max(score.took_s) <= VANISHED_S


@pytest.mark.fault(
    "F24",
    "Redis cuts web process and worker off as readers that are too slow (output buffer limit of pub/sub)",
    goal="fresh 5 s later; no socket, no link lost",
)
async def test_readers_that_redis_cut_off_come_back(marketdash, redis, simulator, score):
    async with watched(marketdash, simulator, score) as followers:
        for _ in range(score.times(20)):
            assert redis.ask("CLIENT", "KILL", "TYPE", "pubsub")
            await healed(score, followers, simulator)
    assert max(score.took_s) <= 5.0


@pytest.mark.fault(
    "F24",
    "Redis has no memory left (maxmemory 1 byte, noeviction) for 15 s",
    goal="prices go on; said on the status page in 10 s; people sign in; fresh 5 s after",
)
async def test_a_redis_without_memory(marketdash, redis, simulator, score):
    async with watched(marketdash, simulator, score) as followers:
        for _ in range(score.times(10)):
            redis.ask("CONFIG", "SET", "maxmemory", "1")
            began_s = time.monotonic()
            try:
                await wait_until_answered(
                    lambda: trouble(marketdash), every_s=0.5, within_s=10, what="an incident"
                )
                score.note("said after", time.monotonic() - began_s)
                await asyncio.to_thread(sign_in, marketdash.site.url)
                await asyncio.sleep(max(0.0, began_s + 15 - time.monotonic()))
                assert followers.all_live, "prices stood still"
            finally:
                redis.ask("CONFIG", "SET", "maxmemory", "0")
            await healed(score, followers, simulator)
    assert max(score.took_s) <= 5.0


async def trouble(site: Whole) -> bool:
    """Whether the log of events says that something is wrong with Redis now."""
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        answer = await client.get(f"{site.site.url}/status/events?kind=redis&ongoing=1")
    return bool(answer.json()["events"])


def sign_in(url: str) -> None:
    """As a browser does."""
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        page = client.get("/accounts/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        said = {
            "login": live_site.ADMINISTRATOR,
            "password": live_site.PASSWORD,
            "csrfmiddlewaretoken": token[1],
        }
        answer = client.post("/accounts/login/", data=said, headers={"Referer": f"{url}/accounts/login/"})
        assert answer.status_code == 302, answer.status_code
