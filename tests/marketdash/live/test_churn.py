"""Many tabs that open, change their minds and close: nothing of them stays."""

from __future__ import annotations

import asyncio
import random

import pytest
from redis.asyncio import Redis

from marketdash.live import bus as names
from marketdash.live import topics
from marketdash.live.client import Subscribed
from tests.fakes.market import Market
from tests.fakes.sockets import FakeSocket
from tests.fakes.waiting import wait_until
from tests.scoreboard import Score

TABS, SYMBOLS = 20, [f"KRAKEN:A{n}/USD" for n in range(12)]
CHANNELS = {"ticker": (0,), "trade": (0,), "book": (10, 25, 1000), "ohlc": (1, 5)}


def turned(hub, tab: FakeSocket, chance: random.Random) -> None:
    channel = chance.choice(list(CHANNELS))
    symbols, param = chance.sample(SYMBOLS, 3), chance.choice(CHANNELS[channel])
    if chance.random() < 0.6:
        hub.follow(tab.client, channel, Subscribed(param, chance.choice((0, 50, 1000))), symbols)
    else:
        hub.viewers.unfollow(tab.client, channel, param, symbols)


async def groups(bus) -> set[str]:
    """That somebody is subscribed to on Redis, of this test's."""
    async with Redis.from_url(bus.url) as redis:
        return {each.decode() for each in await redis.pubsub_channels(f"{bus.prefix}*")}


async def groups_with(bus, name: str) -> set[str]:
    """Once somebody is subscribed to this one too."""
    async with asyncio.timeout(20):
        while True:
            found = await groups(bus)
            if any(each.endswith(name) for each in found):
                return found
            await asyncio.sleep(0.01)


@pytest.mark.fault(
    "F37",
    "20 tabs subscribe and unsubscribe at random, close and come back",
    goal="views, topics and groups are what they were",
)
async def test_nothing_stays_of_tabs_that_closed(bus, monkeypatch, score: Score) -> None:
    monkeypatch.setattr(topics, "LINGER_S", 0.1)
    hub, sink = bus.hub(), bus.sink()
    Market(sink.put, SYMBOLS).begin()
    await wait_until(lambda: hub._mailbox._joined == {names.HUBS})
    before, chance = await groups_with(bus, names.CONTROL), random.Random(score.seed)

    tabs, most = [FakeSocket(hub) for _ in range(TABS)], 0
    for n in range(score.times(20_000, few=400)):
        at = chance.randrange(TABS)
        turned(hub, tabs[at], chance)
        if n % 50 == 0:
            hub.viewers.leave(tabs[at].client)
            tabs[at] = FakeSocket(hub)
            await asyncio.sleep(0)
        most = max(most, len(hub.viewers.views))
    await wait_until(lambda: len(hub._mailbox._joined) > 1)
    for tab in tabs:
        hub.viewers.leave(tab.client)

    await wait_until(lambda: not hub.topics and hub._mailbox._joined == {names.HUBS}, what="groups were left")
    assert (hub.viewers.views, hub.viewers.clients, len(hub.viewers._sockets)) == ({}, set(), 0)
    assert await groups(bus) == before and most > TABS
    score.runs = n + 1
    score.note("views at once", most, "")
    score.note("groups left", len(await groups(bus) - before), "")
