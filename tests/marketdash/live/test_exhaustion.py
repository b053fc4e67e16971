"""Thousands of connections against a process that may open two thousand files: pages still come."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests import socket_site
from tests.fakes.raw_socket import RawSocket
from tests.scoreboard import Score
from tests.socket_site import SocketSite

FILES, AT_ONCE, PAGE_S = 2048, 100, 1.0
OF_USER, OF_ADDRESS = 20, 50


@pytest.fixture
def small(tmp_path: Path) -> SocketSite:
    with socket_site.running(tmp_path, "uvicorn") as running:
        psutil.Process(running.process.pid).rlimit(psutil.RLIMIT_NOFILE, (FILES, FILES))
        yield running


async def crowd(site: SocketSite, count: int, session: str) -> list[RawSocket]:
    """Sockets that are opened and held, whatever the server says: visitors' from one address, a person's
    from many."""
    free = asyncio.Semaphore(AT_ONCE)
    more = (
        [("Cookie", f"sessionid={session}"), ("Origin", f"http://127.0.0.1:{site.port}")] if session else []
    )

    async def one(number: int) -> RawSocket | None:
        address = f"127.0.5.{1 + number // 25}" if session else "127.0.6.1"
        async with free:
            with contextlib.suppress(OSError):
                return await RawSocket.opened(site.port, *more, address=address)
        return None

    return [each for each in await asyncio.gather(*map(one, range(count))) if each is not None]


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


async def still_open(raws: list[RawSocket]) -> int:
    """After what the server had to say: those that it did not end."""

    async def one(raw: RawSocket) -> bool:
        if raw.status != 101:
            return False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await raw.ended()
                return False
        return True

    return sum(await asyncio.gather(*map(one, raws)))


@pytest.mark.faults
@pytest.mark.parametrize(("who", "most"), [("one person", OF_USER), ("visitors of one address", OF_ADDRESS)])
@pytest.mark.fault(
    "F46",
    "5,000 sockets of {who} are opened and held, with 2,048 files at most",
    goal="20 of a person, 50 of an address stay open, p95 of the sign-in page ≤ 1 s",
)
async def test_a_crowd_leaves_room_for_others(small: SocketSite, who: str, most: int, score: Score) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    took_s: list[float] = []
    asking = asyncio.create_task(pages(small, took_s))
    held = await crowd(small, score.times(5_000, few=1_000), small.sessions["ann"] if most == OF_USER else "")
    files = psutil.Process(small.process.pid).num_fds()
    stay = await still_open(held)
    await asyncio.sleep(1.0)
    asking.cancel()
    for raw in held:
        raw.abort()
    if asking.done() and not asking.cancelled():
        asking.result()
    score.runs = len(held)
    p95_s = sorted(took_s)[int(len(took_s) * 0.95)]
    score.note("stayed open", stay, "")
    score.note("files of the process", files, "")
    score.note("p95 of the page", p95_s, "s")
    assert stay <= most and files < FILES and p95_s <= PAGE_S


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
