"""The simulated Gemini, spoken to in its own protocol."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from feeds.simulator import Simulator

SPOT, PERP = "GEMINI:BTCUSD", "GEMINI:BTCGUSDPERP"


async def ask(ws: ClientConnection, method: str, *streams: str, number: int = 1) -> None:
    await ws.send(json.dumps({"id": number, "method": method, "params": list(streams)}))


async def until(ws: ClientConnection, wanted: Any) -> list[dict[str, Any]]:
    """All messages up to the first that is wanted."""
    found = []
    while not found or not wanted(found[-1]):
        found.append(json.loads(await ws.recv()))
    return found


def is_answer(message: dict[str, Any]) -> bool:
    return "id" in message


@pytest.fixture
async def simulator():
    async with Simulator(instruments=[SPOT, PERP], rate=200, seed=2) as made:
        yield made


async def test_the_whole_book_comes_before_the_answer_and_changes_follow_each_other(simulator):
    """Each ``U`` is the ``u`` before it: https://developer.gemini.com/websocket/streams"""
    async with connect(simulator.ws_url("GEMINI") + "/?snapshot=-1") as ws:
        await ask(ws, "subscribe", "btcusd@depth@100ms")
        whole, answer = await until(ws, is_answer)
        changes = [json.loads(await ws.recv()) for _ in range(5)]

    assert answer == {"id": 1, "status": 200}
    assert (whole["e"], whole["s"], whole["U"]) == ("depthUpdate", "btcusd", whole["u"])
    assert len(whole["b"]) > 20 < len(whole["a"])
    chain = [whole, *changes]
    assert [each["U"] for each in changes] == [each["u"] for each in chain[:-1]]
    assert all(each["U"] < each["u"] for each in changes)


async def test_without_a_word_in_the_address_no_book_comes(simulator):
    async with connect(simulator.ws_url("GEMINI") + "/") as ws:
        await ask(ws, "subscribe", "btcusd@depth@100ms")
        first, second = json.loads(await ws.recv()), json.loads(await ws.recv())

    assert first == {"id": 1, "status": 200}
    assert second["U"] < second["u"]


async def test_one_name_that_there_is_not_refuses_them_all(simulator):
    async with connect(simulator.ws_url("GEMINI") + "/") as ws:
        await ask(ws, "SUBSCRIBE", "btcusd@trade", "nosuch@trade", number=4)
        refused = json.loads(await ws.recv())
        await ask(ws, "subscribe", "btcusd@markPrice", number=5)
        of_spot = json.loads(await ws.recv())
        await ask(ws, "order.place", number=6)
        unsupported = json.loads(await ws.recv())

    words = "Invalid stream name: nosuch@trade"
    assert refused == {"id": 4, "status": 400, "error": {"code": -1013, "msg": words}}
    assert of_spot["status"] == 400
    assert unsupported["error"] == {"code": -1020, "msg": "Unsupported operation"}


async def test_marks_trades_and_the_pulse_have_the_shapes_that_others_caught(simulator):
    async with connect(simulator.ws_url("GEMINI") + "/") as ws:
        await ask(
            ws, "subscribe", "btcgusdperp@markPrice", "btcusd@trade", "btcusd@depth5", "btcusd@bookTicker"
        )
        found: dict[tuple[str, ...], dict[str, Any]] = {}
        while len(found) < 5:
            message = json.loads(await ws.recv())
            found[tuple(message)] = message

    assert found.keys() == {
        ("id", "status"),
        ("e", "E", "s", "p", "i"),
        ("E", "s", "t", "p", "q", "m"),
        ("lastUpdateId", "symbol", "bids", "asks"),
        ("u", "E", "s", "b", "B", "a", "A"),
    }


async def test_rest_has_lists_candles_figures_and_a_limit(simulator):
    root = simulator.rest_url("GEMINI")
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        get = lambda path: client.get(root + path)  # noqa: E731
        symbols = (await get("/v1/symbols")).json()
        details = (await get("/v1/symbols/details/all")).text
        candles = (await get("/v2/candles/btcusd/1m")).json()
        ticker = (await get("/v2/ticker/BTCUSD")).json()
        risk = (await get("/v1/riskstats/btcgusdperp")).json()
        wrong = [
            (await get(path)).status_code
            for path in ("/v1/riskstats/btcusd", "/v2/ticker/nosuch", "/v2/candles/btcgusdperp/1m", "/v1/x")
        ]
        codes = [(await get("/v1/symbols")).status_code for _ in range(115)]

    assert symbols == ["btcusd", "btcgusdperp"]
    assert '"tick_size":1E-8,"quote_increment":0.01' in details and '"product_type":"swap"' in details
    assert candles[0][0] > candles[-1][0] and len(candles) == 1440
    assert {"open", "high", "low", "close", "bid", "ask"} <= ticker.keys()
    assert {"mark_price", "index_price", "open_interest"} <= risk.keys()
    assert wrong == [400, 400, 400, 404]
    assert codes.count(429) > 0
    assert simulator.exchanges["GEMINI"].counters["requests_over_limit"] > 0
