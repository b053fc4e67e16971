"""Thousands of connections against a process that may open two thousand files: pages still come."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from marketdash.live.guarded_http import BLAMED_AT_MOST, FORGIVEN_PER_S, REMEMBERED, Crowd
from tests import socket_site
from tests.fakes.raw_socket import RawSocket
from tests.fakes.waiting import wait_until
from tests.scoreboard import Score, quantile
from tests.socket_site import ROOT, SocketSite

FILES, PAGE_S = 2048, 1.0
OF_USER, OF_ADDRESS = 20, 50


@pytest.fixture
def small(tmp_path: Path) -> SocketSite:
    with socket_site.running(tmp_path, "uvicorn") as running:
        psutil.Process(running.process.pid).rlimit(psutil.RLIMIT_NOFILE, (FILES, FILES))
        yield running


async def pages(site: SocketSite, took_s: list[float]) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        while True:
            began_s = time.monotonic()
            answer = await client.get(
                f"http://127.0.0.1:{site.port}/accounts/login/", headers={"Connection": "close"}
            )
            assert answer.status_code == 200
            took_s.append(time.monotonic() - began_s)
            await asyncio.sleep(0.05)


@pytest.mark.faults
@pytest.mark.parametrize(("who", "most"), [("one person", OF_USER), ("visitors of one address", OF_ADDRESS)])
@pytest.mark.fault(
    "F46",
    "5,000 sockets of {who} are opened and held, with 2,048 files at most",
    goal="20 of a person, 50 of an address stay open, p95 of the sign-in page ≤ 1 s",
)
async def test_a_crowd_leaves_room_for_others(small: SocketSite, who: str, most: int, score: Score) -> None:
    count, took_s, calm_s = score.times(5_000, few=1_000), list[float](), list[float]()
    asking = asyncio.create_task(pages(small, calm_s))
    await wait_until(lambda: len(calm_s) >= 20, what="pages before")
    asking.cancel()
    asking = asyncio.create_task(pages(small, took_s))
    began_s = time.monotonic()
    session = [small.sessions["ann"]] if most == OF_USER else []
    words = ["-m", "tests.fakes.holders", str(small.port), str(count), *session]
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    holders = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT, **pipes)
    assert await holders.stdout.readline() == b"held\n"
    held_s = time.monotonic() - began_s
    files = psutil.Process(small.process.pid).num_fds()
    said, _ = await holders.communicate(b"now\n")
    asking.cancel()
    if asking.done() and not asking.cancelled():
        asking.result()
    held = json.loads(said)
    score.runs = held["answered"]
    score.note("stayed open", held["open"], "")
    score.note("files of the process", files, "")
    score.note("p95 of the page", quantile(took_s, 0.95))
    score.note("before", quantile(calm_s, 0.95))
    score.note("attempts a second", count / held_s, "")
    assert held["open"] <= most and files < FILES and quantile(took_s, 0.95) <= PAGE_S


@pytest.mark.fault(
    "F46",
    "More connections of one address than it may have, which say half a request and no more",
    goal="those beyond the limit and the silent ones end",
)
async def test_connections_of_one_address_are_bounded_and_silent_ones_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The limits of an ordinary server, in time of its own: see the module that keeps them."""

    from uvicorn import Config
    from uvicorn.server import ServerState

    from marketdash.live import guarded_http

    monkeypatch.setattr(guarded_http, "HEAD_S", 0.1)
    monkeypatch.setattr(guarded_http.crowd, "limit", 2)
    config = Config(lambda scope: None, log_config=None)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: guarded_http.GuardedProtocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    began_s = time.monotonic()
    first, second, third = [await RawSocket.connected(port) for _ in range(3)]
    assert await third.receive() is None and time.monotonic() - began_s < 5
    await first.send(b"GET / HTTP/1.1\r\nHost: x\r\n")
    for raw in (first, second):
        async with asyncio.timeout(5):
            assert await raw.receive() is None
    assert not guarded_http.crowd.held
    for raw in (first, second, third):
        raw.abort()
    await asyncio.sleep(0)
    server.close()
    await server.wait_closed()


class _From:
    """A transport from an address."""

    def __init__(self, address: str) -> None:
        self._address = address

    def get_extra_info(self, name: str) -> tuple[str, int]:
        return self._address, 1


def test_an_address_that_is_to_blame_opens_no_sockets_until_it_is_forgiven() -> None:
    now_s, attacker, other = [0.0], _From("10.0.0.1"), _From("10.0.0.2")
    crowd = Crowd(lambda: now_s[0])
    crowd.limit = 10
    for _ in range(int(BLAMED_AT_MOST)):
        assert crowd.trusts(attacker)
        crowd.blames(attacker)
    assert crowd.trusts(attacker)  # it happens to a bot that is mistaken, too
    crowd.blames(attacker)
    assert not crowd.trusts(attacker) and crowd.trusts(other)
    now_s[0] += 1.5 / FORGIVEN_PER_S
    assert crowd.trusts(attacker)


def test_behind_a_proxy_nobody_is_blamed_for_all() -> None:
    crowd = Crowd()
    for _ in range(100):
        crowd.blames(_From("10.0.0.1"))

    assert crowd.trusts(_From("10.0.0.1"))


def test_who_is_to_blame_is_remembered_within_bounds() -> None:
    crowd = Crowd(lambda: 0.0)
    crowd.limit = 10
    for n in range(5 * REMEMBERED):
        crowd.blames(_From(f"10.{n // 256}.{n % 256}.1"))

    assert len(crowd._blamed) <= REMEMBERED
