"""The control door over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from feeds.simulator import Simulator
from tests.fakes import virtual_time
from tests.fakes.waiting import wait_until
from tests.feeds.simulator.clients import get, still, watching

KRAKEN = "KRAKEN:BTC/USD"


async def _control(simulator: Simulator, action: str) -> Any:
    return (await get(f"http://127.0.0.1:{simulator.port}/control/{action}")).json()


async def test_the_best_is_told_with_its_times() -> None:
    async with still(KRAKEN) as simulator:
        simulator.step(300)
        told = await _control(simulator, f"tops?symbols={KRAKEN}")
        times = [time_ns for time_ns, *_ in told["tops"][KRAKEN]]
        later = await _control(simulator, f"tops?symbols={KRAKEN}&since_ns={times[-2]}")

        book = simulator.book(KRAKEN, 1)
        assert told["tops"][KRAKEN][-1][1:] == [*book.bids[0], *book.asks[0]]
        assert len(times) > 2 and times == sorted(times) and times[-1] <= told["now_ns"]
        assert later["tops"][KRAKEN] == told["tops"][KRAKEN][-2:]


async def test_book_trades_and_bars_are_told() -> None:
    async with still(KRAKEN) as simulator:
        book = await _control(simulator, "book?venue=kraken&symbol=BTC/USD&depth=3")
        trades = await _control(simulator, "trades?venue=kraken&symbol=BTC/USD")
        bars = await _control(simulator, "bars?venue=kraken&symbol=BTC/USD&interval=5")

        expected = simulator.book(KRAKEN, 3)
        assert [tuple(level) for level in book["bids"]] == expected.bids
        assert trades[-1] == simulator.trades(KRAKEN)[-1]._asdict()
        assert bars[-1] == simulator.bars(KRAKEN, 5)[-1]._asdict()


async def test_time_is_held_stepped_and_released() -> None:
    async with still(KRAKEN) as simulator:
        before = simulator.engine.actions
        await _control(simulator, "step?n=25")

        assert simulator.engine.actions == before + 25
        await _control(simulator, "resume")
        await _control(simulator, "rate?value=1000")
        assert "pause it first" in (await _control(simulator, "step"))["error"]


async def _hushed(slept_ns: int) -> None:
    """While it makes up for a sleep. Time is the loop's, and the clock stands but for that."""
    async with Simulator(instruments=[KRAKEN], rate=600) as simulator:
        simulator.clock.hold()
        await asyncio.sleep(1)
        before = simulator.engine.actions
        simulator.clock.advance(slept_ns)
        await wait_until(lambda: simulator.engine.actions > before)
        simulator.set_rate(0)
        true = simulator.book(KRAKEN), simulator.trades(KRAKEN)
        await asyncio.sleep(1)

        assert (simulator.book(KRAKEN), simulator.trades(KRAKEN)) == true


def test_who_hushes_it_sees_nothing_move_any_more() -> None:
    virtual_time.run(_hushed(60_000_000))


async def test_fault_is_done_and_counted() -> None:
    async with still(KRAKEN) as simulator, watching(simulator, "kraken", "/v2") as watcher:
        await watcher.new()
        done = await _control(simulator, "close?venue=kraken&value=1012")
        stats = await _control(simulator, "stats")

    assert done == {"fault": "close", "touched": 1}
    assert stats["venues"]["KRAKEN"]["connections"] == 1


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ("earthquake", "fault: expected one of"),
        ("gap?venue=nasdaq", "venue: expected one of"),
        ("book?venue=kraken&symbol=NO", "symbol: not simulated"),
        ("gap?n=many", "invalid literal"),
    ],
)
async def test_wrong_request_is_answered_in_words(action: str, problem: str) -> None:
    async with still(KRAKEN) as simulator:
        answer = await get(f"http://127.0.0.1:{simulator.port}/control/{action}")

    assert answer.status_code == 400
    assert problem in answer.json()["error"]


@pytest.mark.parametrize("path", ["", "/nasdaq/v1", "/kraken/0/public/Nothing", "/binance/api/v3/nothing"])
async def test_unknown_path_is_not_found(path: str) -> None:
    async with still(KRAKEN) as simulator:
        answer = await get(f"http://127.0.0.1:{simulator.port}{path}")

    assert answer.status_code == 404
