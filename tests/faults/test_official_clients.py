"""The exchanges' client libraries talk to the simulator as to the exchange, and read what is true there.

Coinbase's and Binance's are the exchanges' own. They stand in an environment apart (``official/``).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from feeds.simulator import Simulator
from tests.faults.official import environment, tls

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]
NAMES = ("KRAKEN:BTC/USD", "BINANCE:BTCUSDT", "COINBASE:BTC-USD", "KRAKEN:ETH/USD")


@pytest.fixture(scope="module")
def interpreter() -> Path:
    return environment.python()


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(instruments=NAMES, rate=200) as simulator:
        yield simulator


async def used(interpreter: Path, name: str, *addresses: str, trusting: Path | None = None) -> dict[str, Any]:
    """What ``official/use_<name>.py`` printed: ``rest`` and ``stream``."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
    trust = {"REQUESTS_CA_BUNDLE": str(trusting), "SSL_CERT_FILE": str(trusting)} if trusting else {}
    process = await asyncio.create_subprocess_exec(
        str(interpreter), str(environment.HERE / f"use_{name}.py"), *addresses,
        env={**kept, **trust, "no_proxy": "*"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, complaint = await asyncio.wait_for(process.communicate(), 90)
    assert process.returncode == 0, complaint.decode()[-3000:]
    return json.loads(said.splitlines()[-1])


@contextlib.asynccontextmanager
async def behind_tls(simulator: Simulator, venue: str, folder: Path) -> AsyncIterator[tuple[str, Path]]:
    """``host:port`` of TLS that is this venue alone, and the certificate to trust."""
    pem = tls.certificate(folder)
    async with tls.door(simulator.port, venue.lower(), pem) as port:
        yield f"127.0.0.1:{port}", pem


def near(simulator: Simulator, name: str, price: str | float) -> bool:
    """Within a thousandth of the last trade: it went on while it was asked."""
    last = float(simulator.trades(name)[-1].price)
    return abs(float(price) - last) < last / 1000


async def test_binance(interpreter, simulator):
    seen = await used(interpreter, "binance", simulator.rest_url("BINANCE"), simulator.ws_url("BINANCE"))

    rest, stream = seen["rest"], seen["stream"]
    assert rest["symbols"] == ["BTCUSDT"]
    assert len(rest["bids"]) == 5 and rest["klines"] == 3 and len(rest["trades"]) == 3
    assert all(near(simulator, "BINANCE:BTCUSDT", price) for price in (rest["last"], rest["bids"][0][0]))
    assert stream["types"] == {
        "trade": "TradeResponse",
        "agg_trade": "AggTradeResponse",
        "book_ticker": "BookTickerResponse",
        "ticker": "TickerResponse",
        "mini_ticker": "MiniTickerResponse",
        "kline": "KlineResponse",
        "diff_book_depth": "DiffBookDepthResponse",
        "partial_book_depth": "PartialBookDepthResponse",
    }
    assert stream["subscribed"] == 8 and stream["levels"] == 10 and stream["first"] > rest["position"]
    assert all(near(simulator, "BINANCE:BTCUSDT", stream[name]) for name in ("trade", "bid", "close"))


async def test_coinbase(interpreter, simulator, tmp_path):
    async with behind_tls(simulator, "COINBASE", tmp_path) as (host, pem):
        seen = await used(interpreter, "coinbase", host, trusting=pem)

    rest, stream = seen["rest"], seen["stream"]
    assert rest["products"] == ["BTC-USD"]
    assert len(rest["bids"]) == 5 and len(rest["trades"]) == 3 and len(rest["candles"]) >= 9
    assert all(near(simulator, "COINBASE:BTC-USD", price) for price in (rest["price"], rest["bids"][0][0]))
    assert {"ticker", "l2_data", "market_trades", "candles", "heartbeats"} < set(stream["channels"])
    assert stream["levels"] > 100
    assert all(near(simulator, "COINBASE:BTC-USD", stream[name]) for name in ("bid", "trade", "candle"))


async def test_kraken(interpreter, simulator, tmp_path):
    async with behind_tls(simulator, "KRAKEN", tmp_path) as (host, pem):
        seen = await used(interpreter, "kraken", host, trusting=pem)

    rest, stream = seen["rest"], seen["stream"]
    assert rest["status"] == "online" and rest["bitcoin"] == "XBT"
    assert sorted(rest["pairs"]) == ["ETH/USD", "XBT/USD"]
    assert len(rest["bids"]) == 5 and rest["candles"] == 720 and len(rest["trades"]) >= 50
    assert all(near(simulator, "KRAKEN:BTC/USD", price) for price in (rest["last"], rest["bids"][0][0]))
    assert "error" not in stream["kinds"] and (stream["subscribed"], stream["left"]) == (5, 4)
    assert sorted(stream["pairs"]) == ["BTC/USD", "ETH/USD"] and stream["levels"] == 25
    assert all(near(simulator, "KRAKEN:BTC/USD", stream[name]) for name in ("bid", "trade"))
