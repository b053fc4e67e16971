"""Sockets that mean harm beside others: they are cut off, cost little, and nobody else notices."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests import socket_site
from tests.fakes import attackers, impatient
from tests.fakes.healthy import Healthy
from tests.scoreboard import Score
from tests.socket_site import ROOT, SocketSite, ask

MOST_MIB = 20
ENDED_WITHIN_S = {"silence": 15.0, "slow handshakes": 15.0, "subscriptions": 10.0, "held back": 1e9}
"""A message that is held back is a socket that says nothing: it may, and costs what its limit is."""
LEAST_S = 16
"""A row of those who never send a whole request is no shorter than it takes to turn them out."""

GOAL = "attackers cut off, RSS ≤ +20 MB, healthy p99 ≤ +20 % or 100 ms"


@pytest.fixture
async def healthy(site: SocketSite, market: Any) -> AsyncIterator[Healthy]:
    async with contextlib.AsyncExitStack() as stack:
        yield await Healthy.come(stack, site, market, 10)


async def attack(kind: str, port: int, seconds: float, seed: int) -> asyncio.subprocess.Process:
    """One that has begun."""
    words = ["-m", "tests.fakes.attackers", kind, str(port), str(seconds), str(seed)]
    running = await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        assert await running.stdout.readline() == b"begun\n"
    return running


SHORT = ("flood", "pings", "parts")
ONLY_UVICORN = pytest.mark.parametrize("site", ["uvicorn"], indirect=True)
"""daphne holds nobody back: docs/deploy.md says what has to stand before it."""
KINDS = [each if each in SHORT else pytest.param(each, marks=pytest.mark.faults) for each in attackers.KINDS]


@ONLY_UVICORN
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.fault(
    "F45", "{kind}, from 40 sockets or 300 connections that come back at once, {site}", goal=GOAL
)
async def test_an_attack_costs_the_others_nothing(
    site: SocketSite, healthy: Healthy, kind: str, score: Score
) -> None:
    seconds = score.times(60, few=LEAST_S if kind in attackers.SLOW else 2)
    calm_s, before = await healthy.p99_s(min(seconds, 5))
    running = await attack(kind, site.port, seconds + 1, score.seed)
    beside_s, most = await healthy.p99_s(seconds)
    said, _ = await running.communicate()
    counts = json.loads(said)

    grown = (most - before) / 2**20
    score.runs = counts["connections"]
    score.note("RSS grew by", grown, "MB")
    score.note("healthy p99", beside_s * 1000, "ms")
    score.note("before", calm_s * 1000, "ms")
    score.note("which is", (beside_s / calm_s - 1) * 100, "% more")
    score.note("connections ended by the server", counts["ended"], "")
    assert counts["connections"] > 0
    assert grown <= MOST_MIB
    assert counts["ended"] > 0 or seconds < ENDED_WITHIN_S.get(kind, 1.0)
    assert beside_s <= (max(calm_s * 1.2, 0.1) if score.share else 2.0)
    async with site.connect() as other:
        assert (await ask(other, method="ping"))["method"] == "pong"


@pytest.fixture(scope="module")
def waits_a_second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SocketSite]:
    with socket_site.running(tmp_path_factory.mktemp("slow"), "uvicorn", **impatient.variables()) as site:
        yield site


@pytest.mark.parametrize("kind", attackers.SLOW)
@pytest.mark.fault(
    "F45",
    "{kind} from 300 connections, at a server that waits for a request for 1 s, in place of 10",
    goal="each is cut off when its second is over, and others are answered meanwhile",
)
async def test_who_never_ends_a_request_is_cut_off(
    waits_a_second: SocketSite, kind: str, score: Score
) -> None:
    running = await attack(kind, waits_a_second.port, 3, score.seed)
    async with waits_a_second.connect() as other:
        while running.returncode is None:
            assert (await ask(other, method="ping"))["method"] == "pong"
            await asyncio.sleep(0.1)
    counts = json.loads(await running.stdout.read())
    score.runs = counts["connections"]
    score.note("connections ended by the server", counts["ended"], "")
    score.note("at once, at most", counts["at once"], "")
    assert counts["ended"] >= counts["at once"] >= 100
