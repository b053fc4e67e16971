"""A client of whose link nothing is known yet: what is large waits for its first word."""

from __future__ import annotations

import time
from typing import Any

import pytest

from marketdash.live import client as clients
from marketdash.live.client import Subscribed
from marketdash.live.credit import FIRST_BYTES, LEAST_BYTES, MOST_BYTES, Credit, Sent
from tests.fakes.market import Market
from tests.fakes.sockets import FakeSocket
from tests.fakes.waiting import wait_until

BTC = "KRAKEN:BTC/USD"
TRADES = 180
FAR_S, LATE_S = 0.3, 1.0


@pytest.fixture
async def world(bus: Any) -> Any:
    """A hub that has a quote and many trades, of 18 KB."""
    sink, hub = bus.sink(), bus.hub()
    market, seen = Market(sink.put, [BTC]), FakeSocket(hub)
    market.quote(BTC, "100.5")
    for n in range(TRADES):
        market.trade(BTC, f"{n}.5")
    hub.follow(seen.client, "ticker", Subscribed(0, 0), [BTC])
    hub.follow(seen.client, "trade", Subscribed(0, 0), [BTC])
    await wait_until(lambda: seen.value("ticker", BTC) and len(trades(seen)) == TRADES)
    return hub


def comes(hub: Any, *, acknowledges: bool = True) -> FakeSocket:
    """It is sent a quote, and has said nothing to that."""
    socket = FakeSocket(hub, acknowledges=False)
    if acknowledges:
        socket.client.acknowledge(0)
    hub.follow(socket.client, "ticker", Subscribed(0, 0), [BTC])
    hub.follow(socket.client, "trade", Subscribed(0, 0), [BTC])
    return socket


def answers(socket: FakeSocket, after_s: float) -> None:
    """To what it was sent last."""
    unacked = socket.client._unacked
    for n, sent in enumerate(unacked):
        unacked[n] = sent._replace(at_s=time.monotonic() - after_s)
    socket.client.acknowledge(unacked[-1].number)


def trades(socket: FakeSocket) -> list[Any]:
    return (socket.value("trade", BTC) or {}).get("trades", [])


async def test_near_by_all_follows_the_first_word(world: Any) -> None:
    socket = comes(world)
    assert [frame["channel"] for frame in socket.frames] == ["ticker"]
    answers(socket, 0.05)

    assert [len(each["trades"]) for each in socket.rows("trade", "snapshot")] == [TRADES]
    assert socket.client.window_bytes == MOST_BYTES


@pytest.mark.parametrize(("after_s", "window_bytes"), [(FAR_S, FIRST_BYTES), (LATE_S, 0.5 * FIRST_BYTES)])
async def test_from_far_or_late_it_is_the_newest_of_it(
    world: Any, after_s: float, window_bytes: float
) -> None:
    socket = comes(world)
    answers(socket, after_s)

    (row,) = socket.rows("trade", "snapshot")
    assert socket.client.window_bytes <= window_bytes
    assert row["trades"][-1]["price"] == f"{TRADES - 1}.5" and 0 < len(row["trades"]) < TRADES
    assert row["skipped"] + len(row["trades"]) == TRADES


async def test_who_waits_with_its_word_is_not_waited_for(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "WORD_S", 0.1)
    monkeypatch.setattr(clients, "PROBE_S", 0.1)
    socket = comes(world)

    await wait_until(lambda: trades(socket))
    assert 0 < len(trades(socket)) < TRADES


async def test_what_moves_meanwhile_is_told(world: Any, bus: Any) -> None:
    """After the word; what waited for it has its turn, too."""
    socket = comes(world)
    socket.acknowledges = True
    answers(socket, FAR_S)
    await wait_until(lambda: not socket.client.behind)

    assert len(trades(socket)) + socket.rows("trade", "snapshot")[0]["skipped"] == TRADES


async def test_who_asks_for_one_thing_alone_has_it_whole(world: Any) -> None:
    socket = FakeSocket(world, acknowledges=False)
    socket.client.acknowledge(0)
    world.follow(socket.client, "trade", Subscribed(0, 0), [BTC])

    assert len(trades(socket)) == TRADES


async def test_who_never_acknowledges_is_not_asked(world: Any) -> None:
    socket = comes(world, acknowledges=False)

    assert len(trades(socket)) == TRADES


@pytest.mark.parametrize(
    ("answers_s", "window_bytes"),
    [([0.05], MOST_BYTES), ([FAR_S], FIRST_BYTES), ([FAR_S] * 4, MOST_BYTES), ([FAR_S, 2.0], LEAST_BYTES)],
    ids=["near", "far", "far, and all in time", "then late"],
)
def test_what_the_first_answers_say_of_a_link(answers_s: list[float], window_bytes: int) -> None:
    credit, now_s, size = Credit(), 100.0, FIRST_BYTES // 4
    for took_s in answers_s:
        now_s += 10.0
        credit.heard([Sent(1, size, now_s - took_s)], size, now_s)

    assert credit.bytes == window_bytes and credit.known == (answers_s != [FAR_S])
