"""A whole Marketdash, seen by a browser, while its processes are killed one after the other."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator

import psutil
import pytest
import websockets
from playwright.async_api import Page

from marketdash.ops.supervisor import HEALTHY_S
from tests import live_site
from tests.e2e.conftest import launched, markets
from tests.fakes.waiting import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]
STALE_WITHIN_S = 3.0
NEEDED = {"worker": "manage.py ingest", "web process": "manage.py serve", "Redis": "unixsocket:"}
CLIENTS, OF_ONE_ADDRESS = 1000, 40
IN_VIEW = """() => [...document.querySelectorAll('tr[data-symbol]')].filter((row) => {
  const box = row.getBoundingClientRect();
  return box.top >= 0 && box.bottom <= innerHeight;
})"""
ROWS = f"() => ({IN_VIEW})().map((row) => row.dataset.state)"
PRICES = f"() => ({IN_VIEW})().map((row) => row.querySelector('[data-cell=bid]').textContent).join()"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[live_site.Site]:
    with live_site.running(tmp_path_factory.mktemp("faults")) as running:
        yield running


@pytest.fixture
async def page(site: live_site.Site) -> AsyncIterator[Page]:
    """The list of markets with every row in view live."""
    async with launched() as chromium:
        opened = await chromium.new_page(base_url=site.url)
        await markets(opened)
        await until(opened, all_live, 20)
        yield opened


def all_live(states: list[str]) -> bool:
    return len(states) > 5 and set(states) == {"live"}


def none_live(states: list[str]) -> bool:
    return len(states) > 5 and "live" not in states


async def until(page: Page, condition: Callable[[list[str]], bool], within_s: float) -> float:
    """Seconds until the rows' states are so."""
    started_s = time.monotonic()
    while not condition(states := await page.evaluate(ROWS)):
        assert time.monotonic() - started_s < within_s, f"after {within_s} s: {states}"
        await asyncio.sleep(0.02)
    return time.monotonic() - started_s


async def moving_again(page: Page, within_s: float = 30) -> None:
    """Until prices change and every row in view is live. What was on its way already does not count."""
    await asyncio.sleep(0.3)
    shown, started_s = await page.evaluate(PRICES), time.monotonic()
    while await page.evaluate(PRICES) == shown or not all_live(await page.evaluate(ROWS)):
        assert time.monotonic() - started_s < within_s, await page.evaluate(ROWS)
        await asyncio.sleep(0.02)


GONE = "The {name} is killed and not started again, before a browser"
BACK = "The {name} is killed under its supervisor, before a browser"


def each(done: str, goal: str, *within_s: float) -> pytest.MarkDecorator:
    """Of the processes that a page needs, each with the id of its fault and its own ``within_s``."""
    found = zip(("F26", "F27", "F21"), NEEDED.items(), within_s, strict=True)
    cases = [
        pytest.param(name, word, most_s, marks=pytest.mark.fault(fault, done, goal=goal.format(most_s)))
        for fault, (name, word), most_s in found
    ]
    return pytest.mark.parametrize(("name", "word", "within_s"), cases)


@each(GONE, "every row in view stale in {:g} s", *[STALE_WITHIN_S] * 3)
async def test_what_is_killed_turns_every_row_stale(site, page, score, name, word, within_s):
    """The supervisor is held meanwhile: else another is there before anything has to be called stale."""
    for _ in range(score.times(10)):
        site.process.send_signal(signal.SIGSTOP)
        try:
            site.process_of(word).kill()
            score.took(await until(page, none_live, 10))
        finally:
            site.process.send_signal(signal.SIGCONT)
        freed_s = time.monotonic()
        await until(page, all_live, 40)
        score.note("every row live, from the supervisor's first look, after", time.monotonic() - freed_s)

    assert max(score.took_s) <= within_s


def has_served(process: psutil.Process) -> bool:
    """For so long that its supervisor starts another at once: what ends sooner it follows ever later."""
    return time.time() - process.create_time() > HEALTHY_S + 0.5


@each(BACK, "prices move and every row in view is live in {:g} s", 5, 3, 2)
async def test_what_is_killed_is_followed_by_another(site, page, score, name, word, within_s):
    for _ in range(score.times(10)):
        killed = site.process_of(word)
        await wait_until(lambda: has_served(killed), within_s=30)  # noqa: B023
        killed.kill()
        killed_s = time.monotonic()
        await moving_again(page)
        score.took(time.monotonic() - killed_s)
        assert (await site.started_again(killed, word)).is_running()

    assert max(score.took_s) <= within_s


class Client:
    """Follows ten prices, comes back by itself; ``live_s`` is when its last socket saw the first live row."""

    def __init__(self, url: str, number: int, symbols: list[str]) -> None:
        self._url, self._symbols = url, symbols
        self._address = f"127.0.0.{1 + number // OF_ONE_ADDRESS}", 0
        self.live_s = 0.0

    async def run(self) -> None:
        wait_s = 0.5
        while True:
            with contextlib.suppress(OSError, TimeoutError, websockets.WebSocketException):
                async with websockets.connect(
                    self._url, local_addr=self._address, proxy=None, compression=None, ping_interval=None
                ) as socket:
                    await self._follow(socket)
            self.live_s = 0.0
            await asyncio.sleep(random.uniform(0, wait_s))
            wait_s = min(4.0, wait_s * 2)

    async def _follow(self, socket: websockets.ClientConnection) -> None:
        params = {"channel": "ticker", "symbol": self._symbols, "interval_ms": 1000}
        await socket.send(json.dumps({"method": "subscribe", "params": params}))
        async for text in socket:
            if not self.live_s and '"state":"live"' in text:
                self.live_s = time.monotonic()


async def test_a_thousand_clients_that_come_back_at_once_are_all_served(site, report):
    from marketdash.instruments.starter import STARTERS

    symbols = [f"KRAKEN:{starter.native}" for starter in STARTERS["KRAKEN"][:10]]
    clients = [Client(site.url.replace("http", "ws") + "/ws/v1/", n, symbols) for n in range(CLIENTS)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(client.run()) for client in clients]
        await wait_until(lambda: all(client.live_s for client in clients), within_s=60)
        web = site.process_of("manage.py serve")
        web.kill()
        killed_s = time.monotonic()
        await wait_until(lambda: not any(client.live_s for client in clients), within_s=10)
        await wait_until(lambda: all(client.live_s for client in clients), within_s=60)
        back = sorted(client.live_s - killed_s for client in clients)
        again = await site.started_again(web, "manage.py serve")
        report(f"{CLIENTS} clients come back at once: half are live after", back[CLIENTS // 2])
        report("… all are live after", back[-1])
        report("… the web process then holds", again.memory_info().rss // 2**20, "MiB")
        for task in tasks:
            task.cancel()
