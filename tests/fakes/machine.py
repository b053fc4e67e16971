"""What a worker finds on its machine: Redis, a database with the starter set, the simulator."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import httpx
from channels_redis.pubsub import RedisPubSubChannelLayer

from feeds.venues import VENUES
from marketdash.live.hub import Hub
from marketdash.ops.lifeline import PARENT_FD
from marketdash.ops.preflight import free_port
from tests import live_site
from tests.django_shell import Shell

ROOT = Path(__file__).parents[2]


class Machine:
    """``followed`` of the starter set are enabled, the others are not."""

    def __init__(self, folder: Path, redis_url: str, followed: Iterable[str]) -> None:
        port = self.simulator_port = free_port()
        self.folder, self.redis_url = folder, redis_url
        venues = {
            f"VENUE_{venue}_{kind}_URL": f"{scheme}://127.0.0.1:{port}/{venue.lower()}"
            for venue in VENUES
            for kind, scheme in (("WS", "ws"), ("REST", "http"))
        }
        self.environment = live_site.environment(folder, REDIS_URL=redis_url, MODE="demo", **venues)
        live_site.prepare(folder, live_site.LIVE)
        self.shell = Shell(self.environment)
        self.shell.run("from marketdash.instruments.models import Instrument as I;"
                       f"I.objects.exclude(symbol__in={list(followed)!r}).update(enabled=False)")  # fmt: skip
        self.simulator = self.start("simulate", "--port", str(port))

    def run(self, *words: str) -> str:
        """A command of an operator, in a process beside the worker."""
        return self.shell.command(*words)

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

    def wait_for_simulator(self, within_s: float = 60.0) -> None:
        until_s = time.monotonic() + within_s
        while "simulator ready on" not in self.output:
            assert time.monotonic() < until_s, self.output[-2000:]
            time.sleep(0.05)

    def end(self) -> None:
        self.shell.end()
        self.simulator.terminate()
        self.simulator.wait(15)

    async def tell(self, action: str, **query: object) -> Any:
        """An order to the simulator, by its control door."""
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            answer = await client.get(
                f"http://127.0.0.1:{self.simulator_port}/control/{action}",
                params={name: str(value) for name, value in query.items()},
            )
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text(errors="replace")


@contextlib.asynccontextmanager
async def reading(machine: Machine) -> AsyncIterator[Hub]:
    layer = RedisPubSubChannelLayer(hosts=[{"address": machine.redis_url, "health_check_interval": 1}])
    hub = Hub(layer, shards=4)
    hub.start()
    yield hub
    await hub.close()
    await layer.flush()


async def state_of(hub: Hub, symbol: str, within_s: float = 25.0, channel: str = "ticker") -> str:
    """The state of a topic once it is live, or what it was at the end."""
    until, found = asyncio.get_running_loop().time() + within_s, ""
    while asyncio.get_running_loop().time() < until and found != "live":
        rows = await hub.read([f"{channel}:{symbol}"], 0.3)
        found = rows[f"{channel}:{symbol}"].state if rows else ""
        await asyncio.sleep(0.05)
    return found
