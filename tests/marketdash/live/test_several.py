"""Two workers, two web processes, two Redis servers: one writer each, one dies, nobody sees a wrong price."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import websockets

from marketdash.instruments.starter import STARTERS
from marketdash.ops.lifeline import PARENT_FD
from marketdash.ops.preflight import free_port
from tests import live_site, servers
from tests.fakes import simulator_process
from tests.fakes.bot import Bot
from tests.fakes.simulator_process import SimulatorProcess
from tests.fakes.waiting import wait_until

ROOT = Path(__file__).parents[3]
NAMES = [f"KRAKEN:{row.native}" for row in STARTERS["KRAKEN"]]
BTC = "KRAKEN:BTC/USD"


class Machines:
    """Starts commands that share a database, two Redis servers and the simulator; ends with the test."""

    def __init__(self, folder: Path, redis_urls: list[str], simulator: SimulatorProcess, fd: int) -> None:
        self.folder, self._fd = folder, fd
        self._processes: list[subprocess.Popen[bytes]] = []
        roots = simulator.urls()
        venues = {f"VENUE_{name}_WS_URL": socket for name, (socket, _) in roots.items()}
        venues |= {f"VENUE_{name}_REST_URL": rest for name, (_, rest) in roots.items()}
        urls = ",".join(redis_urls)
        self.environment = live_site.environment(
            folder, REDIS_URL=urls, MODE="demo", PUBLIC_MARKETS="true", **venues
        )
        live_site.prepare(folder, live_site.LIVE)

    def start(self, *words: str, **variables: str) -> subprocess.Popen[bytes]:
        with open(self.folder / "output", "ab") as output:
            process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), *words],
                env={**self.environment, PARENT_FD: str(self._fd), **variables},
                stdout=output,
                stderr=output,
                pass_fds=(self._fd,),
            )
        self._processes.append(process)
        return process

    def end(self) -> None:
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait(10)

    def web(self) -> str:
        """A web process of its own port; where it is."""
        port = free_port()
        self.start("serve", BIND=f"127.0.0.1:{port}")
        return f"127.0.0.1:{port}"

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text(errors="replace")


@pytest.fixture
def two_redis() -> Iterator[list[str]]:
    with servers.redis() as one, servers.redis() as two:
        yield [one, two]


@pytest.fixture
async def simulator() -> AsyncIterator[SimulatorProcess]:
    async with simulator_process.running() as running:
        yield running


@pytest.fixture
async def machines(tmp_path, two_redis, simulator) -> AsyncIterator[Machines]:
    with servers.guarded() as fd:
        made = await asyncio.to_thread(Machines, tmp_path, two_redis, simulator, fd)
        yield made
        made.end()


@contextlib.asynccontextmanager
async def bot_on(address: str, machines: Machines) -> AsyncIterator[Bot]:
    """Follows every ticker and one book, once the web process answers."""
    async with httpx.AsyncClient(trust_env=False, timeout=20) as http, asyncio.timeout(60):
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if (await http.get(f"http://{address}/healthz")).is_success:
                    break
            await asyncio.sleep(0.1)
    async with websockets.connect(f"ws://{address}/ws/v1/", proxy=None) as socket:
        bot = Bot(socket)
        await bot.subscribe("ticker", NAMES, interval_ms=0)
        await bot.subscribe("book", [BTC], depth=10)
        yield bot


def epochs(bot: Bot) -> dict[str, str]:
    """By instrument that is live, the epoch that it is written in."""
    store = bot.stores.get("ticker")
    live = [name for name in NAMES if store and bot.sees("ticker", name, state="live")]
    return {name: store.contents()[name]["epoch"] for name in live}


async def links_of(address: str) -> set[str]:
    """The names of Kraken's links, as one web process knows them."""
    async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
        answer = await http.get(f"http://{address}/api/v1/status", params={"symbol": "KRAKEN"})
        return {link["name"] for link in answer.json()["data"][0].get("links", ())}


async def until_links(address: str, expected: set[str]) -> None:
    deadline_s = time.monotonic() + 20
    while (found := await links_of(address)) != expected:
        assert time.monotonic() < deadline_s, found
        await asyncio.sleep(0.1)


async def shows_the_truth(bot: Bot, simulator: SimulatorProcess) -> None:
    """While the exchange stands still, what the bot has is the exchange's own."""
    await simulator.tell("pause")
    bids, asks = await simulator.book(BTC, 10)

    def agrees() -> bool:
        value = bot.stores["book"].value(BTC)
        return [tuple(level) for level in value.get("bids", [])] == bids and [
            tuple(level) for level in value.get("asks", [])
        ] == asks

    await wait_until(agrees, what="the book of the exchange")
    await wait_until(lambda: bot.sees("ticker", BTC, bid=bids[0][0], ask=asks[0][0]))
    await simulator.tell("resume")


@pytest.mark.acceptance
async def test_one_of_two_workers_dies_and_the_other_takes_over(machines, simulator):
    workers = [machines.start("ingest", "--shard", f"{index}/2") for index in (1, 2)]
    async with contextlib.AsyncExitStack() as stack:
        addresses = [machines.web() for _ in range(2)]
        bots = [await stack.enter_async_context(bot_on(address, machines)) for address in addresses]
        for bot in bots:
            await wait_until(lambda bot=bot: len(epochs(bot)) == len(NAMES), within_s=60)
            await wait_until(lambda bot=bot: len(set(epochs(bot).values())) == 2)
        assert epochs(bots[0]) == epochs(bots[1])  # both are told by the same writers

        for address in addresses:
            await until_links(address, {"public.0@1", "public.0@2"})

        before = epochs(bots[0])
        workers[1].kill()
        for bot in bots:
            await wait_until(
                lambda bot=bot: (
                    len(set(epochs(bot).values())) == 1
                    and len(epochs(bot)) == len(NAMES)
                    and set(epochs(bot).values()).isdisjoint(before.values())
                ),
                within_s=40,
            )

        for address in addresses:
            await until_links(address, {"public.0"})
        for bot in bots:
            await shows_the_truth(bot, simulator)
            assert bot.holes == []
    assert "Traceback" not in machines.output
