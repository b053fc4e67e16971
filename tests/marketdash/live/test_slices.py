"""A flush in slices: whatever happens between two of them, members stand where their view does, and in the
end all have the same."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from marketdash.live import fanout
from tests.fakes.by_hand import Market
from tests.fakes.sockets import FakeSocket
from tests.fakes.waiting import wait_until


@pytest.fixture(autouse=True)
def one_track_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "TURN_S", -1.0)


class Story:
    """Clients that come, go, stop reading and read on, while topics move."""

    def __init__(self, hub: Any, channel: str, seed: int) -> None:
        self.chance, self.hub = random.Random(seed), hub
        self.market = Market(channel, 8)
        self.sockets: list[FakeSocket] = []
        self.number = 0

    def step(self) -> None:
        chance, sockets, view = self.chance, self.sockets, self.market.view
        what = chance.choice(
            ("move", "move", "move", "flush", "flush", "come", "go", "stop", "on", "hurry", "aside")
        )
        if what == "move":
            self.number += 1
            self.market.move(chance.randrange(8), self.number)
        elif what == "flush" and self.market.due:
            self.market.due.popleft().flush()
        elif what == "come" and len(sockets) < 6:
            sockets.append(FakeSocket(self.hub, acknowledges=chance.random() < 0.7))
            if chance.random() < 0.6:
                sockets[-1].client.acknowledge(0)
                sockets[-1].becomes_slow(chance.choice((1, 600, 10**6)))
            view.add(sockets[-1].client, {})
        elif what == "hurry":
            view.hurry()
            assert not view._dirty, "it was to say all of it"
        elif sockets:
            self._one(what, chance.choice(sockets))

    def _one(self, what: str, socket: FakeSocket) -> None:
        if what == "go":
            self.sockets.remove(socket)
            self.market.view.remove(socket.client)
        elif what == "stop":
            socket.stop_reading()
        elif what == "on":
            self.reads_on(socket)
        elif what == "aside":
            self.market.view.set_aside(socket.client)

    def reads_on(self, socket: FakeSocket) -> None:
        socket.read_on()
        if socket.frames and socket.client._acks:
            socket.client.acknowledge(socket.frames[-1]["frame"])

    def check(self) -> None:
        """Whoever reads has what its view believes of all its members."""
        view = self.market.view
        for socket in self.sockets:
            if socket.client in view._members and socket.client._pending is None:
                known = {
                    s: each["seq"] for store in socket.stores.values() for s, each in store.contents().items()
                }
                believed = {track.symbol: at[1] for track, at in view._positions.items() if at is not None}
                assert known == believed
            assert socket.holes == []

    def agree(self) -> bool:
        for socket in self.sockets:
            self.reads_on(socket)
        if self.market.due:
            self.market.due.popleft().flush()
        self.check()
        param = 0
        told = [
            [socket.value(self.market.channel, t.symbol, param) for t in self.market.tracks]
            for socket in self.sockets
        ]
        return not self.market.due and all(value == [self.shown(n) for n in range(8)] for value in told)

    def shown(self, at: int) -> Any:
        return self.market.value(at) if self.market.tracks[at].position is not None else None


@pytest.mark.parametrize("channel", ["ticker", "book"])
@pytest.mark.parametrize("seed", range(25))
async def test_however_a_flush_is_cut_all_end_with_the_same(bus: Any, channel: str, seed: int) -> None:
    story = Story(bus.hub(), channel, seed)
    for _ in range(300):
        story.step()
        story.check()
        if story.chance.random() < 0.3:
            await asyncio.sleep(0)
    story.market.move(0, 10**6)
    await wait_until(story.agree, what="the same for all")
    assert not story.market.view._dirty or not story.market.view._members
