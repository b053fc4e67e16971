"""What a hub keeps is bounded: with its rings full it holds as much after thousands of rows, of readers that
come and go and of writers that follow one another, as before them. In a time of the test's own."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import msgspec
import pytest

from marketdash.live import bodies, bus
from marketdash.live import hub as hub_module
from marketdash.live.client import Subscribed
from marketdash.live.hub import Hub
from tests.fakes import virtual_time
from tests.fakes.kept import kept
from tests.fakes.sockets import FakeSocket

STEP_S, STEPS, SLICES, OF_A_WRITER = 0.1, 600, 8, 2
"""So many rows of each topic in a slice of time; a ring holds 512 at most. Each writer has two slices."""
WAVERS = 1.1
SYMBOL, VENUE = "KRAKEN:BTC/USD", "KRAKEN"


class Silent:
    """A layer on which nobody speaks: the test hands the hub what it is to hear."""

    async def new_channel(self) -> str:
        return "ours"

    async def receive(self, channel: str) -> Any:
        await asyncio.Event().wait()

    async def group_add(self, group: str, channel: str) -> None: ...

    async def group_discard(self, group: str, channel: str) -> None: ...

    async def group_send(self, group: str, message: bus.Message) -> None: ...


def now_us() -> int:
    return round(asyncio.get_running_loop().time() * 1e6)


def bodies_of(at: int) -> dict[str, dict[str, Any]]:
    """A row of each topic, unlike the one before."""
    live, price = {"state": "live", "reason": ""}, f"{10_000 + at % 500}.5"
    link = {"name": "public.0", "state": "live", "last_error": f"reset {at}"}
    return {
        f"ticker:{SYMBOL}": {**live, "bid": price, "ask": price},
        f"trade:{SYMBOL}": {**live, "trades": [{"id": str(at), "price": price, "qty": "1"}]},
        f"ohlc:{SYMBOL}:1": {**live, "bars": [{"ts": at, "open": price, "close": price}]},
        f"book:{SYMBOL}": {**live, "bids": [[price, str(at + 1)]], "asks": [[f"2{price}", str(at + 1)]]},
        f"status:{VENUE}": {**live, "links": [link], "counters": {"gaps": at}},
        f"health:{VENUE}": {"topics": [{"topic": f"ticker:{SYMBOL}", "messages": at}], "ts": at},
    }


def say(hub: Hub, at: int) -> None:
    """As the writer of then, from its first row on."""
    epoch, seq = f"{at // (STEPS * OF_A_WRITER):016x}", at % (STEPS * OF_A_WRITER) + 1
    rows = [(name, seq - 1, seq, 0, msgspec.json.encode(body)) for name, body in bodies_of(at).items()]
    message = bus.rows(epoch, bus.group("d", 0), now_us(), rows)
    hub.take(bus.beat(message, {VENUE: list(range(12))}, {name: seq for name, *_ in rows}, ""))


def arrive(hub: Hub, at: int) -> FakeSocket:
    """Who looks at this and that, and at a market that nobody looked at before."""
    socket = FakeSocket(hub)
    hub.follow(socket.client, "ticker", Subscribed(0, 250), [SYMBOL, f"KRAKEN:N{at}/USD"])
    hub.follow(socket.client, "book", Subscribed(10 + at % 90, 100), [SYMBOL])
    hub.follow(socket.client, "trade", Subscribed(0, 0), [SYMBOL])
    hub.follow(socket.client, "ohlc", Subscribed(1, 250), [SYMBOL])
    hub.follow(socket.client, "status", Subscribed(at % 2, 0), [VENUE])
    hub.follow(socket.client, "health", Subscribed(0, 1000), [VENUE])
    return socket


async def grown() -> tuple[list[int], FakeSocket]:
    """What is kept after each slice of time."""
    hub, sizes, steps = Hub(Silent(), shards=1), [], itertools.count()
    hub.start()
    stays, comes = arrive(hub, 0), arrive(hub, 1)
    for _ in range(SLICES):
        for _ in range(STEPS):
            say(hub, at := next(steps))
            await asyncio.sleep(STEP_S)
            if at % 7 == 0:
                hub.viewers.leave(comes.client)
                comes = arrive(hub, at)
                await hub.read([f"ticker:KRAKEN:R{at}/USD"], 0.01)
        sizes.append(kept([hub], ("marketdash", "feeds")))
    await hub.close()
    return sizes, stays


def test_a_hub_keeps_no_more_once_its_rings_are_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "now_us", now_us)
    monkeypatch.setattr(bodies, "KEPT_TRADES", 20)
    monkeypatch.setattr(bodies, "KEPT_BARS", 30)

    sizes, stays = virtual_time.run(grown())

    assert stays.holes == [] and stays.value("ticker", SYMBOL)["state"] == "live"
    assert max(sizes[2:]) <= WAVERS * sizes[1], sizes
