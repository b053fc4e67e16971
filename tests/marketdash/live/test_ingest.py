"""The worker as a process: simulated exchange in, bus out; one writer; configuration; a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer

from marketdash.live.hub import Hub
from marketdash.ops.lifeline import PARENT_FD
from marketdash.ops.preflight import free_port
from tests import live_site, servers
from tests.fakes.waiting import wait_until

ROOT = Path(__file__).parents[3]
BTC, ETH = "KRAKEN:BTC/USD", "KRAKEN:ETH/USD"


class Machine:
    """Redis, a database with the starter set, the simulator: what a worker finds."""

    def __init__(self, folder: Path, redis_url: str) -> None:
        port = free_port()
        self.folder, self.redis_url = folder, redis_url
        venues = {
            f"VENUE_{venue}_{kind}_URL": f"{scheme}://127.0.0.1:{port}/{venue.lower()}"
            for venue in ("KRAKEN", "BINANCE", "COINBASE")
            for kind, scheme in (("WS", "ws"), ("REST", "http"))
        }
        self.environment = live_site.environment(folder, REDIS_URL=redis_url, MODE="demo", **venues)
        self.run("prepare")
        self.run("shell", "-c", "from marketdash.instruments.models import Instrument as I;"
                 f"I.objects.exclude(symbol='{BTC}').update(enabled=False)")  # fmt: skip
        self.simulator = self.start("simulate", "--port", str(port))

    def run(self, *words: str) -> None:
        command = [sys.executable, str(ROOT / "manage.py"), *words]
        subprocess.run(command, env=self.environment, check=True, capture_output=True, timeout=60)

    def start(self, *words: str, fd: int | None = None) -> subprocess.Popen[bytes]:
        variables = {PARENT_FD: str(fd)} if fd is not None else {}
        with open(self.folder / "output", "ab") as output:
            return subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), *words],
                env={**self.environment, **variables},
                stdout=output,
                stderr=output,
                pass_fds=() if fd is None else (fd,),
            )

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text(errors="replace")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with servers.redis() as url:
        made = Machine(tmp_path_factory.mktemp("ingest"), url)
        yield made
        made.simulator.terminate()
        made.simulator.wait(15)


@contextlib.asynccontextmanager
async def reading(machine: Machine):
    layer = RedisPubSubChannelLayer(hosts=[{"address": machine.redis_url, "health_check_interval": 1}])
    hub = Hub(layer, shards=4)
    hub.start()
    yield hub
    await hub.close()
    await layer.flush()


async def state_of(hub: Hub, symbol: str, within_s: float = 25.0) -> str:
    """The state of a ticker once it is live, or what it was at the end."""
    until, found = asyncio.get_running_loop().time() + within_s, ""
    while asyncio.get_running_loop().time() < until and found != "live":
        rows = await hub.read([f"ticker:{symbol}"], 0.3)
        found = rows[f"ticker:{symbol}"].state if rows else ""
        await asyncio.sleep(0.05)
    return found


async def test_a_worker_follows_what_is_enabled_and_ends_cleanly(machine):
    worker = machine.start("ingest")
    async with reading(machine) as hub:
        assert await state_of(hub, BTC) == "live", machine.output[-2000:]

        second = machine.start("ingest")
        await wait_until(lambda: "another ingest holds" in machine.output, within_s=20)
        second.terminate()
        assert await asyncio.to_thread(second.wait, 10) == 0
        assert await state_of(hub, ETH, within_s=0.5) != "live"

        enable = f"from marketdash.instruments.actions import set_enabled as s; s(['{ETH}'], enabled=True)"
        await asyncio.to_thread(machine.run, "shell", "-c", enable)
        assert await state_of(hub, ETH, within_s=10) == "live"

    worker.terminate()
    assert await asyncio.to_thread(worker.wait, 10) == 0
    assert "Traceback" not in machine.output


async def test_a_worker_ends_with_its_supervisor(machine):
    reading_end, writing_end = os.pipe()
    worker = machine.start("ingest", fd=reading_end)
    os.close(reading_end)
    async with reading(machine) as hub:
        assert await state_of(hub, BTC) == "live", machine.output[-2000:]

    os.close(writing_end)

    assert await asyncio.to_thread(worker.wait, 10) == 0
