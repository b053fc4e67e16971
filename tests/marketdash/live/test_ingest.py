"""The worker as a process: simulated exchange in, bus out; one writer; configuration; a clean end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest

from tests import servers
from tests.fakes.machine import Machine, reading, state_of
from tests.fakes.waiting import wait_until

BTC, ETH = "KRAKEN:BTC/USD", "KRAKEN:ETH/USD"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with servers.redis() as url:
        made = Machine(tmp_path_factory.mktemp("ingest"), url, [BTC])
        yield made
        made.end()


async def test_a_worker_follows_what_is_enabled_and_ends_cleanly(machine):
    worker = machine.start("ingest")
    async with reading(machine) as hub:
        assert await state_of(hub, BTC) == "live", machine.output[-2000:]

        second = machine.start("ingest")
        await wait_until(lambda: "another ingest holds" in machine.output)
        second.terminate()
        assert await asyncio.to_thread(second.wait, 30) == 0
        assert await state_of(hub, ETH, within_s=0.5) != "live"

        enable = f"from marketdash.instruments.actions import set_enabled as s; s(['{ETH}'], enabled=True)"
        await asyncio.to_thread(machine.shell.run, enable)
        assert await state_of(hub, ETH, within_s=20) == "live"

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
