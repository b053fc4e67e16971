"""What is wanted changes, and books break, on a running link: only what is meant is touched."""

from __future__ import annotations

from feeds.codec import Limits
from tests.fakes.feed import Feed, running
from tests.fakes.venue_codec import FakeCodec, subscription
from tests.fakes.venue_server import VenueServer
from tests.fakes.waiting import wait_until

BTC, ETH = "FAKE:BTC/USD", "FAKE:ETH/USD"
TRADES = [subscription("trade", "BTC/USD"), subscription("trade", "ETH/USD")]
BOOKS = [subscription("book", "BTC/USD"), subscription("book", "ETH/USD")]
PATIENT = Limits(idle_s=60)


async def test_unsubscribing_one_leaves_the_others_alone():
    async with VenueServer() as server:
        feed = Feed(server, [*TRADES, *BOOKS], limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: feed.health.state == "live" and feed.session._link.roster.settled)
            del feed.events[:]
            feed.session.want([item for item in (*TRADES, *BOOKS) if item != BOOKS[0]])
            await wait_until(lambda: server.asked("unsub"))
            await server.send(t="trade", s="ETH/USD", id=1)
            await wait_until(lambda: feed.state.trades(ETH))
            changed = {(e.channel, e.instrument) for e in feed.events if type(e).__name__ == "StateChange"}

    assert server.asked("unsub") == ["book|BTC/USD"]
    assert changed == {("book", BTC)}
    assert len(server.asked()) == 4
    assert len(server.connects) == 1


async def test_a_new_symbol_is_subscribed_on_the_running_link():
    async with VenueServer() as server:
        feed = Feed(server, TRADES[:1], limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
            feed.session.want(TRADES)
            await wait_until(lambda: feed.shown("trade", ETH)[0] == "live")

    assert server.asked() == ["trade|BTC/USD", "trade|ETH/USD"]
    assert len(server.connects) == 1


async def test_a_broken_book_is_asked_for_again_alone():
    async with VenueServer() as server:
        feed = Feed(server, BOOKS, limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: feed.state.book(BTC) and feed.state.book(ETH))
            await server.send(t="delta", s="BTC/USD", first=13, last=14, bids=[["98", "1"]], asks=[])
            await wait_until(lambda: "syncing" in feed.changes("book", BTC)[1:])
            await wait_until(lambda: feed.state.book(BTC))

    assert server.asked("unsub") == ["book|BTC/USD"]
    assert server.asked() == ["book|BTC/USD", "book|ETH/USD", "book|BTC/USD"]
    assert feed.changes("book", ETH)[:2] == ["syncing", "live"]
    assert (feed.health.gaps, feed.health.resyncs) == (1, 1)


async def test_a_broken_link_sequence_reconnects():
    async with VenueServer() as server:
        feed = Feed(server, BOOKS, codec=FakeCodec(PATIENT, resync_scope="link"))
        async with running(feed.session.run()):
            await wait_until(lambda: feed.state.book(BTC))
            await server.send(t="seq", n=1)
            await server.send(t="seq", n=3)
            await wait_until(lambda: len(server.links) == 2)
            await wait_until(lambda: feed.state.book(BTC))

    assert "link sequence 3 after 1" in feed.health.last_error


async def test_no_more_is_asked_in_a_stretch_of_time_than_the_venue_allows():
    wanted = [subscription("trade", f"S{at}/USD") for at in range(9)]
    limits = PATIENT._replace(asks=4, asks_window_s=1, topics_per_request=1)
    async with VenueServer() as server:
        feed = Feed(server, wanted, limits=limits)
        async with running(feed.session.run()):
            await wait_until(lambda: len(server.heard) == 4)
            await server.send(t="ask", text='{"op":"pong","id":9}')
            await wait_until(lambda: len(server.asked()) == 9)

    assert server.heard[4].body == {"op": "pong", "id": 9}, "an answer is no request"
    times = [heard.at_s for heard in server.heard if heard.body.get("op") != "pong"]
    assert all(later - earlier >= 1 for earlier, later in zip(times, times[4:], strict=False))
