"""Faults of a whole exchange: refusals, lost subscriptions, maintenance, delisting, old snapshots."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from feeds.simulator import Simulator
from tests.fakes.waiting import wait_until
from tests.feeds.simulator.clients import get, parse, still, watching

KRAKEN, BINANCE, COINBASE = "KRAKEN:BTC/USD", "BINANCE:BTCUSDT", "COINBASE:BTC-USD"
DEPTH = "/stream?streams=btcusdt@depth@100ms"
BOOK = {"method": "subscribe", "params": {"channel": "book", "symbol": ["BTC/USD"], "depth": 10}}
LEVEL2 = {"type": "subscribe", "product_ids": ["BTC-USD"], "channel": "level2"}


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with still(KRAKEN, "KRAKEN:ETH/USD", BINANCE, COINBASE) as running:
        yield running


async def test_refused_handshakes_count_down(simulator: Simulator) -> None:
    simulator.fault("refuse", venue="kraken", n=1, value="451", seconds=7)

    with pytest.raises(InvalidStatus) as refused:
        await connect(simulator.ws_url("kraken") + "/v2")
    async with watching(simulator, "kraken", "/v2") as watcher:
        assert (await watcher.new())[0]["channel"] == "status"

    assert refused.value.response.status_code == 451
    assert refused.value.response.headers["Retry-After"] == "7"


@pytest.mark.parametrize(
    ("venue", "path", "status"),
    [
        ("binance", "/api/v3/time", 429),
        ("coinbase", "/api/v3/brokerage/market/products", 429),
        ("kraken", "/0/public/Time", 200),
    ],
)
async def test_rate_limit_is_told_the_venues_way(
    simulator: Simulator, venue: str, path: str, status: int
) -> None:
    simulator.fault("rate_limit", venue=venue, n=1)

    answer = await get(simulator.rest_url(venue) + path)

    assert answer.status_code == status
    assert "limit" in answer.text.lower()


async def test_partial_ack_ignores_a_subscription_altogether(simulator: Simulator) -> None:
    async with watching(simulator, "kraken", "/v2") as watcher:
        await watcher.new()
        simulator.fault("partial_ack", venue="kraken", n=1)
        ignored = await watcher.ask(BOOK)
        simulator.step(50)
        silence = await watcher.new()

        assert (ignored, silence) == ([], [])
        assert (await watcher.ask(BOOK))[0]["success"] is True


async def test_lost_ack_leaves_the_subscription(simulator: Simulator) -> None:
    async with watching(simulator, "kraken", "/v2") as watcher:
        await watcher.new()
        simulator.fault("lost_ack", venue="kraken", n=1)

        assert [message.get("channel") for message in await watcher.ask(BOOK)] == ["book"]


async def test_bad_symbol_fails_alone_or_with_its_batch(simulator: Simulator) -> None:
    request = json.loads(json.dumps(BOOK))
    request["params"]["symbol"] = ["BTC/USD", "ETH/USD"]
    async with watching(simulator, "kraken", "/v2") as watcher:
        await watcher.new()
        simulator.fault("bad_symbol", symbol=KRAKEN)
        alone = [each["success"] for each in await watcher.ask(request) if "success" in each]
        simulator.fault("bad_symbol", symbol=KRAKEN, value="batch")
        request["params"]["depth"] = 25
        whole = [each["success"] for each in await watcher.ask(request) if "success" in each]

    assert (alone, whole) == ([False, True], [False, False])


async def test_maintenance_is_announced_and_nothing_trades(simulator: Simulator) -> None:
    async with watching(simulator, "kraken", "/v2") as watcher:
        await watcher.ask(BOOK)
        simulator.fault("maintenance", venue="kraken")
        simulator.step(100)
        halted = await watcher.new()
        simulator.fault("maintenance", venue="kraken", value="online")
        simulator.step(100)
        resumed = await watcher.new()
        status = (await get(simulator.rest_url("kraken") + "/0/public/SystemStatus")).json()

    assert [message["data"][0].get("system") for message in halted] == ["maintenance"]
    assert resumed[0]["data"][0]["system"] == "online"
    assert resumed[1]["channel"] == "book"
    assert status["result"]["status"] == "online"


async def test_delisted_symbol_stops_and_is_gone_from_rest(simulator: Simulator) -> None:
    async with watching(simulator, "binance", DEPTH) as watcher:
        simulator.fault("delist", symbol=BINANCE)
        simulator.step(100)
        info = (await get(simulator.rest_url("binance") + "/api/v3/exchangeInfo")).json()

        assert await watcher.new() == []
        assert info["symbols"] == []


async def test_shutdown_is_announced_before_links_end(simulator: Simulator) -> None:
    async with watching(simulator, "binance", DEPTH) as watcher:
        simulator.fault("shutdown", venue="binance", seconds=0.05)
        announced = parse(await watcher.ws.recv())
        with pytest.raises(ConnectionClosed):
            await watcher.ws.recv()

    assert announced["stream"] == "!serverShutdown"
    assert announced["data"]["e"] == "serverShutdown"


async def test_old_snapshot_is_served_as_often_as_asked(simulator: Simulator) -> None:
    before = simulator.book(BINANCE).last
    simulator.fault("snapshot_old", symbol=BINANCE, n=1)
    simulator.step(100)
    url = simulator.rest_url("binance") + "/api/v3/depth?symbol=BTCUSDT"

    last = [(await get(url)).json()["lastUpdateId"] for _ in range(2)]

    assert last == [before, simulator.book(BINANCE).last]


async def test_snapshot_is_delayed(simulator: Simulator) -> None:
    simulator.fault("snapshot_delay", venue="binance", seconds=0.2)
    url = simulator.rest_url("binance") + "/api/v3/depth?symbol=BTCUSDT"

    began = asyncio.get_running_loop().time()
    await get(url)

    assert asyncio.get_running_loop().time() - began >= 0.2


async def test_burst_makes_one_instrument_busier() -> None:
    async with still(KRAKEN, BINANCE, COINBASE) as simulator:
        simulator.fault("burst", symbol=KRAKEN, value="20")
        before = simulator.book(KRAKEN).last, simulator.book(BINANCE).last
        simulator.step(300)

        moved = simulator.book(KRAKEN).last - before[0], simulator.book(BINANCE).last - before[1]
    assert moved[0] > 8 * moved[1]


async def test_unknown_fault_venue_and_symbol_are_refused(simulator: Simulator) -> None:
    with pytest.raises(ValueError, match="fault: expected one of .*found 'earthquake'"):
        simulator.fault("earthquake")
    with pytest.raises(ValueError, match="venue: expected one of KRAKEN, BINANCE, "):
        simulator.fault("gap", venue="nasdaq")
    with pytest.raises(ValueError, match="symbol: not simulated"):
        simulator.fault("gap", venue="kraken", symbol="NO/SUCH")


async def test_slow_reader_of_a_running_simulator_is_counted_as_one_link() -> None:
    async with Simulator(seed=1, instruments=3, rate=500) as simulator, watching(simulator, "kraken", "/v2"):
        await wait_until(lambda: simulator.stats()["actions"] > 20)

        assert simulator.stats()["venues"]["KRAKEN"]["links"] == 1
