"""The simulator as a program and as a management command."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from tests.feeds.simulator.clients import get

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("program", [("-m", "feeds.simulator"), ("manage.py", "simulate")])
async def test_program_says_where_it_is_and_ends_when_told(program: tuple[str, ...]) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *program, "--port", "0", "--instruments", "6", "--contracts", "1", "--rate", "50",
        stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(30):
        line = (await process.stdout.readline()).decode()
        answer = await get(f"http://127.0.0.1:{line.rpartition(' ')[2].strip()}/control/instruments")
        process.send_signal(signal.SIGTERM)
        code = await process.wait()

    assert line.startswith("simulator ready on ")
    perpetuals, options = answer.json()[6:9], answer.json()[10:]
    assert perpetuals == ["BINANCE_USDM:BTCUSDT", "BINANCE_COINM:BTCUSD_PERP", "DERIBIT:BTC-PERPETUAL"]
    assert len(options) == 48 and all(name.startswith("DERIBIT:BTC-") for name in options)  # noqa: PT018
    assert code == 0
