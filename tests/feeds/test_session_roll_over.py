"""A link is replaced before the venue cuts it, and nobody notices."""

from __future__ import annotations

import asyncio
import itertools

from feeds.codec import Limits
from feeds.events import Trade
from tests.fakes.feed import TIMING, Feed, running
from tests.fakes.venue_codec import subscription
from tests.fakes.venue_server import VenueServer
from tests.fakes.waiting import wait_until

BTC, ETH = "FAKE:BTC/USD", "FAKE:ETH/USD"
TRADES = [subscription("trade", "BTC/USD"), subscription("trade", "ETH/USD")]
BOOKS = [subscription("book", "BTC/USD"), subscription("book", "ETH/USD")]
PATIENT = Limits(idle_s=60)


async def test_a_roll_over_loses_no_trade_and_shows_nothing():
    numbers = itertools.count(1)

    async def trade_on_all_links(server: VenueServer) -> None:
        while True:
            number = next(numbers)
            for link in [link for link in server.links if link.close_code is None]:
                await server.say(link, t="trade", s="BTC/USD", id=number)
            await asyncio.sleep(0.002)

    async with VenueServer() as server:
        limits = Limits(idle_s=5, max_link_age_s=2)
        feed = Feed(server, [*TRADES, *BOOKS], limits=limits)
        async with running(feed.session.run(), trade_on_all_links(server)):
            await wait_until(lambda: feed.session.counters["rolled over"] == 3)
            states = {channel: feed.changes(channel, BTC) for channel in ("trade", "book")}

    seen = [int(event.trade_id) for event in feed.events if isinstance(event, Trade)]
    assert seen == list(range(seen[0], seen[0] + len(seen)))
    assert states == {"trade": ["syncing", "live"], "book": ["syncing", "live"]}
    assert feed.health.reconnects == 0


async def test_an_announced_close_is_a_roll_over():
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=PATIENT)
        async with running(feed.session.run(), server.beat()):
            await wait_until(lambda: feed.health.state == "live")
            await server.send(t="bye", why="server shutdown")
            await wait_until(lambda: feed.session.counters["rolled over"] == 1)
            await wait_until(lambda: server.links[0].close_code is not None)
            await server.send(t="trade", s="BTC/USD", id=7)
            await wait_until(lambda: feed.state.trades(BTC))

    assert feed.changes("trade", BTC)[:2] == ["syncing", "live"]


async def test_a_successor_that_proves_nothing_is_dropped_and_the_old_link_serves_on():
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=PATIENT, timing=TIMING._replace(prove_s=0.2))
        async with running(feed.session.run()):
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
            server.mute = True
            await server.say(server.links[0], t="bye", why="soon")
            await wait_until(lambda: len(server.links) == 3)
            await server.say(server.links[0], t="trade", s="BTC/USD", id=1)
            await wait_until(lambda: feed.state.trades(BTC))
            assert feed.shown("trade", BTC)[0] == "live"

    assert feed.health.reconnects == 0
