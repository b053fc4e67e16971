"""The simulated exchanges as a process of their own, ordered about through their control door."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from feeds import venues
from marketdash.ops import redis_server
from tests.servers import guarded

ROOT = Path(__file__).parents[2]
START_S = 60.0
_KINDS = ("WS", "REST")
BAR = ("open", "high", "low", "close", "volume")
LIMITS = ("over_limit", "rate_limited", "while_banned", "late_subscribe", "idle_closed", "quiet_closed")
"""Parts of the names of counters that count what a client must never do."""


class SimulatorProcess:
    """``tell`` is the control door; :meth:`urls` is what :class:`feeds.worker.Worker` takes."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._http = httpx.AsyncClient(trust_env=False, timeout=30)

    def urls(self, port: int = 0) -> dict[str, tuple[str, str]]:
        """Directly, or by way of another port."""
        return {name: _roots(name.lower(), port or self.port) for name in venues.VENUES}

    def variables(self) -> dict[str, str]:
        """What the environment of a site says, so that it follows these exchanges, accounts there too."""
        roots = self.urls()
        public = {
            f"VENUE_{name}_{kind}_URL": url
            for name, both in roots.items()
            for kind, url in zip(_KINDS, both, strict=True)
        }
        private = {
            f"VENUE_{name}_PRIVATE_{kind}_URL": url
            for name in venues.PRIVATE
            for kind, url in zip(_KINDS, (f"{roots[name][0]}/private", roots[name][1]), strict=True)
        }
        return {**public, **private}

    async def tell(self, action: str, **query: object) -> Any:
        """One order or question; raises what it was refused for."""
        answer = await self._http.get(
            f"http://127.0.0.1:{self.port}/control/{action}",
            params={name: str(value) for name, value in query.items()},
        )
        found = answer.json()
        assert answer.status_code == 200, found
        return found

    async def book(self, instrument: str, depth: int) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        venue, _, symbol = instrument.partition(":")
        found = await self.tell("book", venue=venue, symbol=symbol, depth=depth)
        return [tuple(level) for level in found["bids"]], [tuple(level) for level in found["asks"]]

    async def bars(self, instrument: str) -> dict[int, tuple[Decimal, ...]]:
        """True minutes by their start in microseconds: open, high, low, close, volume."""
        venue, _, symbol = instrument.partition(":")
        found = await self.tell("bars", venue=venue, symbol=symbol, interval=1)
        return {bar["start_us"]: tuple(Decimal(bar[name]) for name in BAR) for bar in found}

    async def violations(self) -> dict[str, int]:
        """What it counted against its clients."""
        counted = (await self.tell("stats"))["venues"]
        return {
            f"{venue} {name}": count
            for venue, counters in counted.items()
            for name, count in counters.items()
            if count and any(part in name for part in LIMITS)
        }

    async def close(self) -> None:
        await self._http.aclose()


def _roots(path: str, port: int) -> tuple[str, str]:
    return f"ws://127.0.0.1:{port}/{path}", f"http://127.0.0.1:{port}/{path}"


@contextlib.asynccontextmanager
async def running(**options: object) -> AsyncIterator[SimulatorProcess]:
    """``options`` as of the program: ``instruments=60, rate=300``."""
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    with guarded() as fd:
        process = await asyncio.create_subprocess_exec(
            *redis_server.guarded(fd), "--", sys.executable, "-m", "feeds.simulator", *words,
            stdout=asyncio.subprocess.PIPE, pass_fds=(fd,), cwd=ROOT,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            async with asyncio.timeout(START_S):
                line = (await process.stdout.readline()).decode()
            assert line.startswith("simulator ready on "), line
            simulator = SimulatorProcess(int(line.rpartition(" ")[2]))
            try:
                yield simulator
            finally:
                await simulator.close()
        finally:
            process.terminate()
            await process.wait()


@contextlib.contextmanager
def serving(**options: object) -> Iterator[int]:
    """The same for several tests with loops of their own: the port."""
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    with guarded() as fd:
        command = [*redis_server.guarded(fd), "--", sys.executable, "-m", "feeds.simulator", *words]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, pass_fds=(fd,), cwd=ROOT)
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.startswith("simulator ready on "), line
            yield int(line.rpartition(" ")[2])
        finally:
            process.terminate()
            process.wait(20)
            process.stdout.close()
