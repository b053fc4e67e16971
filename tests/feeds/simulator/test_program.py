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
    beside = answer.json()[6:]
    assert beside[:3] == ["BINANCE_USDM:BTCUSDT", "BINANCE_COINM:BTCUSD_PERP", "BYBIT_LINEAR:BTCUSDT"]
    bybits = {"BYBIT_INVERSE", "BYBIT", "BYBIT_OPTION"}
    assert {name.partition(":")[0] for name in beside[3:]} == {
        *bybits,
        "ALPACA",
        "BITSTAMP",
        "BITFINEX",
        "COINBASE_EXCHANGE",
        "DERIBIT",
        "GEMINI",
        "KRAKEN_FUTURES",
        "OANDA",
        "OKX",
        "PYTH",
    }
    options = [name for name in beside if name.startswith("DERIBIT:BTC-") and name[-2:] in ("-C", "-P")]
    assert len(options) == 48
    assert code == 0
