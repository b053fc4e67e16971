"""The simulated OANDA as a client sees it that knows its documentation alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from feeds.simulator import Simulator
from feeds.simulator.oanda import ACCOUNT, TOKEN

EUR, GBP = "OANDA:EUR_USD", "OANDA:GBP_USD"
STREAM = f"/v3/accounts/{ACCOUNT}/pricing/stream"


@asynccontextmanager
async def stream(
    simulator: Simulator, *, token: str = TOKEN, path: str = STREAM, names: str = "EUR_USD,GBP_USD"
) -> AsyncIterator[httpx.Response]:
    headers = {"Authorization": f"Bearer {token}"}
    url = simulator.rest_url("OANDA") + path
    async with (
        httpx.AsyncClient(trust_env=False, timeout=20) as client,
        client.stream("GET", url, params={"instruments": names}, headers=headers) as answer,
    ):
        yield answer


def paused() -> Simulator:
    return Simulator(instruments=[EUR, GBP], seed=2, paused=True)


async def test_a_stream_begins_with_the_price_of_each_and_goes_on_with_those_that_moved() -> None:
    async with paused() as simulator, stream(simulator) as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        lines = answer.aiter_lines()
        first: list[dict[str, Any]] = [json.loads(await anext(lines)) for _ in range(2)]
        assert [each["instrument"] for each in first] == ["EUR_USD", "GBP_USD"]
        for number in range(12):
            simulator.step(20)
            price = json.loads(await anext(lines))
            assert price["type"] == "PRICE", number
            assert price["tradeable"] is True
        [top] = simulator.tops([EUR], simulator.clock.now_ns())["tops"][EUR]
        if price["instrument"] == "EUR_USD":
            assert price["bids"][0] == {"price": top.bid, "liquidity": int(top.bid_qty)}
        simulator.fault("halt", symbol=EUR)
        while price["tradeable"]:
            price = json.loads(await anext(lines))
        assert (price["instrument"], price["status"]) == ("EUR_USD", "non-tradeable")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"token": "another"}, 401),
        ({"path": STREAM.replace(ACCOUNT, "another")}, 403),
        ({"names": "EUR_USD,NO_SUCH"}, 400),
        ({"names": ""}, 400),
    ],
)
async def test_who_is_not_to_have_it_is_told_so(asked: dict[str, str], status: int) -> None:
    async with paused() as simulator, stream(simulator, **asked) as answer:
        assert answer.status_code == status
        assert json.loads(await answer.aread())["errorMessage"]


@pytest.mark.parametrize("status", [401, 429, 503])
async def test_it_refuses_when_it_is_told_to(status: int) -> None:
    async with paused() as simulator:
        simulator.fault("refuse", venue="OANDA", value=str(status), seconds=7)
        async with stream(simulator) as answer:
            assert (answer.status_code, answer.headers["Retry-After"]) == (status, "7")
        async with stream(simulator) as answer:
            assert answer.status_code == 200


async def test_what_is_closed_ends_in_the_middle_of_a_line() -> None:
    async with paused() as simulator, stream(simulator) as answer:
        assert simulator.fault("close", venue="OANDA") == 1
        said = (await answer.aread()).split(b"\n")

    assert [json.loads(line)["type"] for line in said[:-1]] == ["PRICE", "PRICE"]
    assert said[-1] == b'{"type":'
