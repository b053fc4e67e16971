"""What a hub needs is told at once after quiet, four times a second under a flood, the last of it always."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from marketdash.live import bus
from marketdash.live import hub as hub_module
from marketdash.live.client import Subscribed
from marketdash.live.hub import COALESCE_S, Hub
from marketdash.live.topics import LINGER_S
from tests.fakes import virtual_time
from tests.fakes.sockets import FakeSocket

APART_S = 0.25
AT_ONCE_S = COALESCE_S + 0.005
SOON_S = APART_S + AT_ONCE_S


def now_s() -> float:
    return asyncio.get_running_loop().time()


class Heard:
    """What hubs say to the workers, and when; while it is ``away`` the layer takes nothing."""

    def __init__(self) -> None:
        self.demands: list[tuple[float, set[str]]] = []
        self.keyframes: list[tuple[float, set[str]]] = []
        self.away, self.refused = False, 0
        self._layer = InMemoryChannelLayer(capacity=100_000)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._layer, name)

    async def group_send(self, group: str, message: bus.Message) -> None:
        if self.away:
            self.refused += 1
            raise ConnectionError("away")
        if group == bus.CONTROL:
            kept = self.demands if message["type"] == bus.DEMAND else self.keyframes
            kept.append((now_s(), set(message["topics"])))

    def since(self, at_s: float) -> list[float]:
        return [told_s for told_s, _ in self.demands if told_s >= at_s]

    @property
    def last(self) -> set[str]:
        return self.demands[-1][1]


class Scene:
    def __init__(self, hub: Hub, heard: Heard) -> None:
        self.hub, self.heard, self.socket = hub, heard, FakeSocket(hub)
        self._asked = 0

    def follows(self, symbol: str) -> str:
        self.hub.follow(self.socket.client, "book", Subscribed(10, 0), [f"KRAKEN:{symbol}/USD"])
        return f"book:KRAKEN:{symbol}/USD"

    def leaves(self, symbol: str) -> None:
        self.hub.viewers.unfollow(self.socket.client, "book", 10, [f"KRAKEN:{symbol}/USD"])

    async def flaps(self, for_s: float, every_s: float = 0.05) -> str:
        """As often as one socket may ask, each time something else; the last that it followed."""
        until_s, name = now_s() + for_s, ""
        while now_s() < until_s:
            self.leaves(f"A{self._asked}")
            self._asked += 1
            name = self.follows(f"A{self._asked}")
            await asyncio.sleep(every_s)
        return name

    def writes(self, epoch: str, *entries: bus.Entry) -> None:
        """A worker says something."""
        self.hub.take(bus.rows(epoch, "d.00", 0, list(entries)))


@contextlib.asynccontextmanager
async def scene() -> AsyncIterator[Scene]:
    heard = Heard()
    hub = Hub(heard, shards=1)  # type: ignore[arg-type]
    hub.start()
    await asyncio.sleep(5)
    try:
        yield Scene(hub, heard)
    finally:
        await hub.close()


@pytest.fixture
def on_loop_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    monkeypatch.setattr(hub_module, "now_us", lambda: virtual_time.LoopClock().mono_ns() // 1000)

    def run(story: Callable[[Scene], Any]) -> None:
        async def told() -> None:
            async with scene() as made:
                await story(made)

        virtual_time.run(told())

    return run


def test_what_is_needed_first_is_told_at_once(on_loop_time):
    async def story(made: Scene) -> None:
        for symbol in ("A", "B", "C"):
            asked_s, name = now_s(), made.follows(symbol)
            await asyncio.sleep(AT_ONCE_S)
            assert name in made.heard.last and made.heard.since(asked_s)
            await asyncio.sleep(bus.DEMAND_EVERY_S + 0.1)  # what is repeated was repeated just now

    on_loop_time(story)


def test_a_socket_that_changes_its_mind_is_told_of_four_times_a_second(on_loop_time):
    async def story(made: Scene) -> None:
        began_s = now_s()
        await made.flaps(10)
        told = made.heard.since(began_s)
        apart = [after - before for before, after in zip(told, told[1:], strict=False)]
        assert told[0] - began_s <= AT_ONCE_S and 30 <= len(told) <= 41
        assert min(apart) >= APART_S - 1e-6

    on_loop_time(story)


def test_the_last_of_many_changes_is_told(on_loop_time):
    async def story(made: Scene) -> None:
        for many in range(1, 12):
            name = await made.flaps(many * 0.05)
            await asyncio.sleep(SOON_S)
            assert name in made.heard.last
            assert made.heard.last == set(made.hub.topics)

    on_loop_time(story)


def test_keyframes_wait_for_nothing(on_loop_time):
    async def story(made: Scene) -> None:
        await made.flaps(1)
        for symbol in ("X", "Y"):
            asked_s, name = now_s(), made.follows(symbol)
            await asyncio.sleep(AT_ONCE_S)
            assert any(name in names for at_s, names in made.heard.keyframes if at_s >= asked_s)

    on_loop_time(story)


def test_what_nobody_needs_any_more_is_told_too(on_loop_time):
    async def story(made: Scene) -> None:
        made.follows("A")
        await asyncio.sleep(1)
        made.leaves("A")
        await asyncio.sleep(LINGER_S + 1.5)
        assert made.heard.last == set()

    on_loop_time(story)


def test_a_new_worker_is_told_at_once_whatever_was_told_before(on_loop_time):
    async def story(made: Scene) -> None:
        await made.flaps(1.05)
        for epoch in ("1", "2", "3"):
            began_s = now_s()
            made.writes(epoch)
            await asyncio.sleep(AT_ONCE_S)
            assert made.heard.since(began_s) and made.heard.last == set(made.hub.topics)

    on_loop_time(story)


def test_a_bus_that_is_back_is_told_as_soon_as_it_is_asked(on_loop_time):
    async def story(made: Scene) -> None:
        made.follows("A")
        await asyncio.sleep(1)
        made.heard.away = True
        name = made.follows("B")
        await asyncio.sleep(3)
        made.heard.away, back_s = False, now_s()
        await asyncio.sleep(APART_S)
        assert name in made.heard.last and made.heard.since(back_s)

    on_loop_time(story)


def test_a_bus_that_is_away_is_not_asked_without_end(on_loop_time):
    async def story(made: Scene) -> None:
        name = made.follows("A")
        await asyncio.sleep(1)
        made.writes("1", (name, 0, 1, 0, b'{"state":"live","bids":[["1","1"]],"asks":[]}'))
        await asyncio.sleep(0.1)
        made.heard.away = True
        made.writes("2")
        await asyncio.sleep(0.9)
        assert 1 <= made.heard.refused <= 3

    on_loop_time(story)


def test_what_is_needed_is_told_again_before_it_is_forgotten(on_loop_time):
    async def story(made: Scene) -> None:
        made.follows("A")
        began_s = now_s()
        await asyncio.sleep(60)
        told = made.heard.since(began_s)
        apart = [after - before for before, after in zip(told, told[1:], strict=False)]
        assert 20 <= len(told) <= 31 and max(apart) < bus.DEMAND_LEASE_S / 2

    on_loop_time(story)
