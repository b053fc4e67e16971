"""A bus that loses, repeats and swaps a fifth of everything: two seconds after the last change all agree.

Time is the loop's own and does not pass while the machine is busy, so the two seconds are exact.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from feeds.frames import status_body
from feeds.sinks import VenueReport
from marketdash.live import client, outgoing, viewers, views
from marketdash.live import hub as hub_module
from marketdash.live.client import Subscribed
from marketdash.live.hub import Hub
from marketdash.live.sink import ChannelLayerSink
from marketdash.publish import Source
from tests.fakes import virtual_time
from tests.fakes.checker import differences
from tests.fakes.lossy_layer import LossyLayer
from tests.fakes.market import Market
from tests.fakes.sockets import FakeSocket

SYMBOLS = [f"KRAKEN:C{n}/USD" for n in range(6)]
HEALED_S = 2.0
HARD = (8, 81, 150, 157)
"""Of 160 patterns of loss those that took longer when a shard beat only once after its last row and a hub
asked for a keyframe four times a second."""

SHARDS = 2
FOLLOWED = {"ticker": 0, "trade": 0, "book": 10, "ohlc": 1}
TOPICS = [f"{channel}:{symbol}" for symbol in SYMBOLS for channel in ("ticker", "trade", "book", "ohlc.1")]


class World:
    """A writer, two hubs and their clients, on a bus that loses ``share``."""

    followed: Mapping[str, int] = FOLLOWED
    topics: Sequence[str] = TOPICS
    contracts: Sequence[str] = ()

    def __init__(self, stack: contextlib.AsyncExitStack, seed: int, share: float, clients: int) -> None:
        self._stack = stack
        self.layers = self.made_layers(seed, share)
        self.sink = ChannelLayerSink(self.layers[0], virtual_time.LoopClock(), epoch="a1", shards=SHARDS)
        self._keep(self.sink.run())
        clock = virtual_time.LoopClock()
        self.market = Market(self.sink.put, SYMBOLS, seed, clock=clock, contracts=self.contracts)
        self.report = VenueReport("KRAKEN", "Kraken", "live", "", (), {}, 0, 1)
        self.sockets = [
            FakeSocket(hub) for hub in map(self._hub, self.layers[1:]) for _ in range(clients // 2)
        ]

    def made_layers(self, seed: int, share: float) -> list[Any]:
        """The writer's, and one for each hub."""
        layer = InMemoryChannelLayer(capacity=100_000)
        return [LossyLayer(layer, share=share, seed=1000 * seed + n) for n in range(3)]

    def _keep(self, work) -> None:
        task = asyncio.create_task(work)

        async def end() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self._stack.push_async_callback(end)

    def _hub(self, layer: Any) -> Hub:
        hub = Hub(layer, shards=SHARDS, sources=self.sources())
        hub.start()
        self._stack.push_async_callback(hub.close)
        return hub

    def sources(self) -> Mapping[str, Source]:
        """What a hub makes topics of its own with."""
        return {}

    def follow(self) -> None:
        for number, socket in enumerate(self.sockets):
            for channel, param in self.followed.items():
                socket.hub.follow(socket.client, channel, Subscribed(param, 50 * (number % 2)), SYMBOLS)
            socket.hub.follow(socket.client, "status", Subscribed(0, 0), ["KRAKEN"])

    async def trade(self, steps: int) -> None:
        for step in range(steps):
            self.market.step()
            if step % 50 == 0:
                self.say(f"report {step}")
            await asyncio.sleep(0.002)
        self.say("the last report")

    def say(self, reason: str) -> None:
        self.report = self.report._replace(reason=reason)
        self.sink.put(self.market.state, self.report)

    def differences(self) -> list[str]:
        found = [d for socket in self.sockets for d in differences(socket, self.market.state, self.topics)]
        told = status_body("live", self.report.reason, "Kraken", (), {})
        for socket in self.sockets:
            seen = socket.value("status", "KRAKEN") or {}
            found += [
                f"status: {name} is {seen.get(name)!r}" for name in told if seen.get(name) != told[name]
            ]
        return found


@contextlib.asynccontextmanager
async def world(kind: type[World], seed: int, share: float, clients: int) -> AsyncIterator[World]:
    async with contextlib.AsyncExitStack() as stack:
        yield kind(stack, seed, share, clients)


async def seconds_to_agree(seed: int, share: float, clients: int = 4, kind: type[World] = World) -> float:
    """From the last change until every client holds what the writer does."""
    async with world(kind, seed, share, clients) as made:
        made.market.begin()
        made.follow()
        await made.trade(500)
        assert all(made.layers[0].counts[what] for what in ("lost", "doubled", "swapped"))
        started_s = asyncio.get_running_loop().time()
        while made.differences():
            waited_s = asyncio.get_running_loop().time() - started_s
            assert waited_s < 30, made.differences()[:3]
            await asyncio.sleep(0.02)
        assert [socket.holes for socket in made.sockets] == [[]] * clients
        return asyncio.get_running_loop().time() - started_s


@pytest.fixture
def on_loop_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hubs and clients: a busy machine is no slow link, which would be told the newest trades alone."""
    monkeypatch.setattr(hub_module, "now_us", lambda: virtual_time.LoopClock().mono_ns() // 1000)
    loop_time = SimpleNamespace(monotonic=lambda: asyncio.get_running_loop().time())
    for module in (client, outgoing, viewers, views):
        monkeypatch.setattr(module, "time", loop_time)


@pytest.mark.parametrize("seed", [*range(4), *HARD])
def test_all_agree_two_seconds_after_the_last_change(on_loop_time, seed):
    assert virtual_time.run(seconds_to_agree(seed, 0.2)) <= HEALED_S


async def quiet(seconds: float) -> None:
    """Nothing changes any more, and nothing is lost."""
    async with world(World, 1, 0.0, 2) as made:
        made.market.begin()
        made.follow()
        made.say("")
        await asyncio.sleep(2)
        asked = [socket.hub.counters["keyframes asked"] for socket in made.sockets]
        before = [len(socket.frames) for socket in made.sockets]
        await asyncio.sleep(seconds)

        for socket, after in zip(made.sockets, before, strict=True):
            frames = socket.frames[after:]
            assert [frame["type"] for frame in frames] == ["heartbeat"] * len(frames) != []
            assert all(row["age_us"] <= 1_500_000 for frame in frames for row in frame["data"])
        assert asked == [socket.hub.counters["keyframes asked"] for socket in made.sockets]


def test_a_quiet_market_is_young_and_asks_for_nothing(on_loop_time):
    virtual_time.run(quiet(60))
