"""A venue that is back after a silence looks live to nobody before the prices that it brought."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from channels.layers import InMemoryChannelLayer

from marketdash.live import bus as buses
from marketdash.live import client as clients
from marketdash.live import hub as hubs
from marketdash.live import viewers, views
from marketdash.live.client import WINDOW_FRAMES, Subscribed
from marketdash.live.hub import Hub
from marketdash.live.outgoing import Outgoing, next_frame
from tests.fakes.sockets import FakeSocket, sees
from tests.fakes.waiting import wait_until

EPOCH, GROUP, S = "0001", "t.00", 1_000_000
PARTS = {"KRAKEN": list(range(12)), "OKX": list(range(12))}
NAMES = [f"KRAKEN:{base}/USD" for base in ("ADA", "BTC", "ETH")]


class World:
    """A hub that nothing drives but the test: no task runs, and its clock stands. Beside ``socket`` there is
    one that reads all it is sent, so views go on without who cannot be sent anything."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.us, self._seqs = 100 * S, dict[str, int]()
        monkeypatch.setattr(hubs, "now_us", lambda: self.us)
        self.hub = Hub(InMemoryChannelLayer(), shards=1)
        self.hub.presence.listen([GROUP], self.us)
        self.socket, self.beside = FakeSocket(self.hub), FakeSocket(self.hub)
        for client in (self.socket.client, self.beside.client):
            client.acknowledge(0)
            self.hub.follow(client, "status", Subscribed(0, 0), ["KRAKEN", "OKX"])
            self.hub.follow(client, "ticker", Subscribed(0, 1000), NAMES)

    def say(self, *names: str, **fields: Any) -> None:
        """A message of the writer, with a keyframe of each of these topics."""
        entries: list[buses.Entry] = []
        for name in names:
            seq = self._seqs[name] = self._seqs.get(name, 0) + 1
            entries.append((name, 0, seq, 0, msgspec.json.encode({"state": "live", **fields})))
        self.hub.take(buses.beat(buses.rows(EPOCH, GROUP, self.us, entries), PARTS, dict(self._seqs), ""))

    def ahead(self, name: str) -> None:
        """A row of it was lost."""
        self._seqs[name] += 1

    def prices(self, bid: str) -> None:
        self.say(*(f"ticker:{name}" for name in NAMES), bid=bid)

    def later(self, seconds: float) -> None:
        self.us += round(seconds * S)
        self.hub._tick(self.us / S)

    def settle(self) -> None:
        """What a timer does some milliseconds later, in its place."""
        self.hub.word.close()
        self.hub.word._returned(self.hub._hearing.settle)

    def fill_the_window(self) -> None:
        """Frames that it does not acknowledge."""
        self.socket.acknowledges = False
        self.sent = [next_frame() for _ in range(WINDOW_FRAMES)]
        for number in self.sent:
            self.socket.client.deliver(
                Outgoing(b'{"channel":"ticker","type":"update","data":[],"frame":%d}' % number, number)
            )
        assert not self.socket.client.ready

    def acknowledge_one(self) -> None:
        """The oldest, and what is sent then stays unacknowledged: there is room for one more each time."""
        self.socket.client.acknowledge(self.socket.client._unacked[0].number)

    def state(self, venue: str = "KRAKEN") -> str:
        return (self.socket.value("status", venue) or {}).get("state", "")

    def beats(self, after: int) -> list[dict[str, Any]]:
        """That came after so many frames."""
        return [frame for frame in self.socket.frames[after:] if frame["type"] == "heartbeat"]

    def bids(self) -> set[str]:
        return {self.socket.value("ticker", name)["bid"] for name in NAMES}  # type: ignore[index]


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Both venues live, and a price of 100 from before a silence of four seconds."""
    made = World(monkeypatch)
    made.say("status:KRAKEN", "status:OKX")
    made.prices("100")
    made.settle()
    await wait_until(sees(made.socket, "ticker", NAMES[-1], bid="100"))
    await wait_until(lambda: made.state() == made.state("OKX") == "live")
    yield made
    made.hub.word.close()


@pytest.fixture
async def full(world: World) -> World:
    """It was told that all are silent, then its window filled up, and the states fell behind first: in the
    order of falling behind they would be told first. Of KRAKEN everything changed in the silence."""
    world.later(4)
    for name in ("status:KRAKEN", *(f"ticker:{name}" for name in NAMES)):
        world.ahead(name)
    await wait_until(lambda: world.state() == world.state("OKX") == "stale")
    world.fill_the_window()
    world.say("status:OKX", reason="maintenance")
    await wait_until(lambda: bool(world.socket.client.behind))
    return world


async def test_who_can_be_sent_no_more_is_told_after_its_rows_that_the_venue_lives(full: World) -> None:
    full.say("status:KRAKEN", "status:OKX")
    full.prices("200")
    full.settle()
    await asyncio.sleep(0)  # what is due is flushed
    seen = []
    while full.socket.client.behind:
        full.acknowledge_one()
        await asyncio.sleep(0)
        seen.append((full.state(), full.bids() == {"200"}))

    assert seen[-1] == ("live", True) and ("live", False) not in seen
    assert not full.socket.client.owes and full.socket.holes == []


async def test_what_does_not_make_live_waits_for_no_row(full: World) -> None:
    full.say("status:KRAKEN", state="halted", reason="maintenance")
    full.say("status:OKX")
    full.prices("200")
    full.settle()
    full.acknowledge_one()

    assert (full.state(), full.state("OKX")) == ("halted", "live") and full.bids() == {"100"}


async def test_who_follows_the_prices_no_more_is_told_at_once(full: World) -> None:
    full.say("status:KRAKEN", "status:OKX")
    full.prices("200")
    full.settle()
    assert full.socket.client.owes
    full.hub.viewers.unfollow(full.socket.client, "ticker", 0, NAMES)
    full.acknowledge_one()

    await wait_until(lambda: full.state() == "live")
    assert not full.socket.client.behind


async def test_what_comes_back_together_is_told_with_one_beat(world: World) -> None:
    world.later(4)
    await wait_until(lambda: world.state() == "stale")
    before = len(world.socket.frames)
    for name in (*(f"ticker:{name}" for name in NAMES), "status:KRAKEN", "status:OKX"):
        world.say(name, bid="200")
    await wait_until(lambda: world.state() == world.state("OKX") == "live")

    assert len(world.beats(before)) == 1 and world.bids() == {"200"}


async def test_what_did_not_change_in_the_silence_is_proven_by_its_number(world: World) -> None:
    """A quiet market must not wait until it moves, nor until nobody waits any more."""
    world.later(4)
    await wait_until(lambda: world.state() == "stale")
    world.say()
    world.settle()

    await wait_until(lambda: world.state() == world.state("OKX") == "live")
    assert not any(topic.wanting for topic in world.hub.topics.values())


async def test_what_did_change_is_not(world: World) -> None:
    world.later(4)
    await wait_until(lambda: world.state() == "stale")
    world.ahead(f"ticker:{NAMES[0]}")
    world.say()
    world.settle()
    await wait_until(lambda: world.state("OKX") == "live")
    assert world.state() == "stale"

    world.say(f"ticker:{NAMES[0]}", bid="200")
    world.settle()
    await wait_until(lambda: world.state() == "live")
    assert sees(world.socket, "ticker", NAMES[0], bid="200")()


async def test_a_beat_is_as_old_as_the_rows_that_wait_for_a_slow_link(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window that is full all the time is never behind for long with a frame, and rows may wait all the
    same: to who lacks them for so long, everything is so much older, and at last nothing is said."""
    clock = SimpleNamespace(now_s=1000.0)
    for module in (views, viewers):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    world.fill_the_window()
    world.prices("200")
    await wait_until(lambda: bool(world.socket.client.behind))

    told = []
    for clock.now_s in (1000.1, 1001.0, 1001.5, 1002.0):
        unacked = world.socket.client._unacked
        unacked[0] = unacked[0]._replace(at_s=world.us / S)
        after = len(world.socket.frames)
        world.hub.word.beat()
        told += [
            (beat.get("late_us"), *(row["age_us"] for row in beat["data"])) for beat in world.beats(after)
        ]
    assert told == [(None, 0, 0), (S, S, S), (3 * S // 2,) * 3]

    world.socket.client.acknowledge(next_frame())
    await wait_until(lambda: world.bids() == {"200"})
    world.socket.client.acknowledge(next_frame())
    after = len(world.socket.frames)
    world.hub.word.beat()
    assert [row["age_us"] for beat in world.beats(after) for row in beat["data"]] == [0, 0]


@pytest.mark.parametrize("away_s", [0.0, 5.0])
async def test_who_was_away_has_a_link_that_is_as_good_as_before(
    world: World, monkeypatch: pytest.MonkeyPatch, away_s: float
) -> None:
    """A page that was frozen takes in at once what waited for it: not so the link that was slow."""
    world.fill_the_window()
    client, begun_s = world.socket.client, time.monotonic()
    client.acknowledge(world.sent[0])
    prompt = client.window_bytes
    monkeypatch.setattr(clients, "time", SimpleNamespace(monotonic=lambda: begun_s + 5))
    client.acknowledge(world.sent[-1], away_s)

    assert (client.window_bytes == prompt) == (away_s > 0)
