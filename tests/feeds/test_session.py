"""Links against a real WebSocket server that misbehaves: they come back, gently; nothing wrong is shown."""

from __future__ import annotations

import itertools

from feeds.codec import Limits, LinkPlan
from feeds.session import Session
from tests.fakes.feed import Feed, running
from tests.fakes.venue_codec import subscription
from tests.fakes.venue_server import Answer, VenueServer
from tests.fakes.waiting import wait_until

BTC, ETH = "FAKE:BTC/USD", "FAKE:ETH/USD"
TRADES = [subscription("trade", "BTC/USD"), subscription("trade", "ETH/USD")]
BOOKS = [subscription("book", "BTC/USD"), subscription("book", "ETH/USD")]
PATIENT = Limits(idle_s=60)


async def test_a_link_subscribes_and_goes_live():
    async with VenueServer() as server:
        feed = Feed(server, [*TRADES, *BOOKS], limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: feed.health.state == "live")

    assert sorted(server.asked()) == sorted(
        ["trade|BTC/USD", "trade|ETH/USD", "book|BTC/USD", "book|ETH/USD"]
    )
    assert feed.changes("book", BTC) == ["syncing", "live", "stale"]
    assert len(server.connects) == 1


async def test_a_venue_that_accepts_and_closes_is_asked_ever_more_rarely():
    async with VenueServer() as server:
        server.close_at_once = True
        feed = Feed(server, TRADES, limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: len(server.connects) == 5)

    gaps = [later - earlier for earlier, later in itertools.pairwise(server.connects)]
    assert [gap >= wait for gap, wait in zip(gaps, (0.05, 0.1, 0.2, 0.4), strict=True)] == [True] * 4


async def test_an_acknowledgement_without_data_does_not_reset_the_back_off():
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=Limits(idle_s=0.1))
        async with running(feed.session.run()):
            await wait_until(lambda: len(server.connects) == 4)

    gaps = [later - earlier for earlier, later in itertools.pairwise(server.connects)]
    assert gaps[-1] > 0.1 + 0.2


async def test_healthy_data_resets_the_back_off():
    async with VenueServer() as server:
        server.close_at_once = True
        feed = Feed(server, TRADES, limits=PATIENT)
        async with running(feed.session.run(), server.beat()):
            await wait_until(lambda: len(server.connects) == 4)
            server.close_at_once = False
            await wait_until(lambda: feed.health.state == "live")
            await wait_until(lambda: feed.session._backoff._fresh)
            server.links[-1].transport.abort()
            await wait_until(lambda: len(server.connects) == 6)

    assert server.connects[-1] - server.connects[-2] < 1.5


async def test_a_silent_link_is_stale_at_once_and_comes_back():
    async with VenueServer() as server:
        feed = Feed(server, [*TRADES, *BOOKS], limits=Limits(idle_s=0.4))
        async with running(feed.session.run()):
            await wait_until(lambda: server.links)
            async with running(server.beat()):
                await wait_until(lambda: feed.health.state == "live")
                await server.send(t="trade", s="BTC/USD", id=1)
                await wait_until(lambda: feed.state.trades(BTC))
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "stale")
            assert feed.state.book(BTC) is None
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
            await wait_until(lambda: feed.state.book(BTC))

    assert "nothing received for 0." in feed.health.last_error


async def test_a_venue_that_fell_silent_is_believed_again_when_it_speaks():
    """And not for answering: a new link looked live, until it was found to be silent too."""
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=Limits(idle_s=0.4))
        async with running(feed.session.run()):
            await wait_until(lambda: server.links)
            async with running(server.beat()):
                await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
            await wait_until(lambda: len(server.links) == 2 and feed.session._link.roster.settled)
            assert feed.shown("trade", BTC)[0] != "live"
            async with running(server.beat()):
                await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")


async def test_a_link_whose_other_end_is_gone_is_found_by_the_missing_pong():
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=Limits(idle_s=0.4, data_idle_s=60))
        async with running(feed.session.run()):
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
            await wait_until(lambda: feed.session._link.watchdog.frame_ns > feed.session._link._opened_ns)
            server.links[0].transport.pause_reading()
            await wait_until(lambda: len(server.connects) == 2)

    assert "nothing received for" in feed.health.last_error


async def test_pongs_keep_a_quiet_link_of_a_venue_without_heartbeat():
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=Limits(idle_s=0.2, data_idle_s=60))
        async with running(feed.session.run()):
            await wait_until(lambda: feed.session._link and feed.session._link._opened_ns)
            opened_ns = feed.session._link._opened_ns
            clock = feed.venue.clock
            await wait_until(lambda: clock.mono_ns() - opened_ns > 700_000_000)

    assert len(server.connects) == 1


async def test_pongs_do_not_hide_that_data_stopped():
    async with VenueServer() as server:
        limits = Limits(idle_s=0.2, data_idle_s=0.4)
        feed = Feed(server, TRADES, limits=limits)
        async with running(feed.session.run()):
            await wait_until(lambda: len(server.connects) == 2)

    assert "no data for" in feed.health.last_error


async def test_a_half_closed_link_comes_back():
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
            server.links[0].transport.write_eof()
            await wait_until(lambda: len(server.links) == 2)
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")

    assert feed.health.reconnects == 1


async def test_what_is_not_acknowledged_is_asked_again_and_counted():
    async with VenueServer() as server:
        server.silent = {"trade|ETH/USD"}
        feed = Feed(server, TRADES, limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
            assert feed.shown("trade", ETH) == ("syncing", "waiting for data")
            await wait_until(lambda: feed.shown("trade", ETH)[0] == "live")

    assert server.asked() == ["trade|BTC/USD", "trade|ETH/USD", "trade|ETH/USD"]
    assert feed.session.counters["reasks"] == 1
    assert len(server.connects) == 1


async def test_a_refused_symbol_is_down_in_the_venues_words_and_alone():
    async with VenueServer() as server:
        server.refused = {"trade|ETH/USD": "Currency pair not supported ETH/USD"}
        feed = Feed(server, TRADES, limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: feed.shown("trade", ETH)[0] == "down" and len(feed.events) > 3)
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
            shown = feed.shown("trade", ETH)

    assert shown == ("down", "refused: Currency pair not supported ETH/USD")
    assert server.asked().count("trade|ETH/USD") == 1
    assert len(server.connects) == 1


async def test_one_bad_symbol_that_fails_its_whole_request_is_isolated():
    wanted = [subscription("trade", f"S{at}/USD") for at in range(16)]
    async with VenueServer() as server:
        server.names_refused = False
        server.refused = {"trade|S5/USD": "bad request"}
        feed = Feed(server, wanted, limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: feed.session._link and feed.session._link.roster.settled)
            shown = {item.native: feed.shown("trade", item.instrument)[0] for item in wanted}

    assert shown == {item.native: "live" for item in wanted} | {"S5/USD": "down"}


async def test_a_link_with_nothing_but_refused_symbols_does_not_reconnect():
    async with VenueServer() as server:
        server.refused = {"trade|BTC/USD": "no", "trade|ETH/USD": "no"}
        feed = Feed(server, TRADES, limits=Limits(idle_s=0.2))
        async with running(feed.session.run()):
            await wait_until(lambda: feed.health.reason == "no symbol that the venue serves")

    assert len(server.connects) == 1


async def test_the_venues_rate_of_messages_is_kept():
    wanted = [subscription("trade", f"S{at}/USD") for at in range(25)]
    limits = PATIENT._replace(messages_per_s=10, topics_per_request=1)
    async with VenueServer() as server:
        feed = Feed(server, wanted, limits=limits)
        async with running(feed.session.run()):
            await wait_until(lambda: len(server.heard) == 25)

    times = [heard.at_s for heard in server.heard]
    assert all(later - earlier >= 1 for earlier, later in zip(times, times[10:], strict=False))
    assert times[-1] - times[0] < 2.4


async def test_a_question_of_the_venue_is_answered_at_once():
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
            await server.send(t="ask", text='{"op":"pong","id":9}')
            await wait_until(lambda: server.heard[-1].body == {"op": "pong", "id": 9})


async def test_what_a_venue_is_told_first_is_told_on_each_link_before_anything_is_asked():
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=Limits(idle_s=0.2))
        feed.codec.greeting = lambda: ('{"op":"hello"}',)
        async with running(feed.session.run()):
            await wait_until(lambda: len(server.connects) == 2 and server.heard[-1].link == 1)

    first = {heard.link: heard.body["op"] for heard in reversed(server.heard)}
    assert first == {0: "hello", 1: "hello"}


async def test_links_that_share_a_rate_keep_it_together():
    async with VenueServer() as server:
        limits = Limits(messages_per_s=4, messages_shared=True, topics_per_request=1, idle_s=60)
        feed = Feed(server, TRADES, limits=limits)
        other = Session(LinkPlan("other", "/ws", tuple(BOOKS)), feed.venue)
        async with running(feed.session.run(), other.run()):
            await wait_until(lambda: len(server.asked()) == 4)
            delay_s = feed.venue.pace.delay_s()

    assert delay_s > 0
    assert {heard.link for heard in server.heard} == {0, 1}


async def test_a_refused_region_waits_and_says_so():
    async with VenueServer() as server:
        server.handshake = Answer(451, b"not here")
        feed = Feed(server, TRADES, limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: "refused in this region" in feed.health.reason)

    assert "HTTP 451" in feed.health.reason
    assert "next try in 600" in feed.health.reason
    assert len(server.connects) == 1


async def test_a_venue_that_wants_a_key_is_no_refused_region():
    async with VenueServer() as server:
        server.handshake = Answer(401, b"unauthorized")
        feed = Feed(server, TRADES, limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: "refused without a key (HTTP 401)" in feed.health.reason)


async def test_retry_after_is_honoured():
    async with VenueServer() as server:
        server.handshake = Answer(429, b"", {"Retry-After": "77"})
        feed = Feed(server, TRADES, limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: "next try in 77" in feed.health.reason)

    assert len(server.connects) == 1


async def test_no_more_connects_than_the_venue_allows():
    async with VenueServer() as server:
        server.close_at_once = True
        feed = Feed(server, TRADES, limits=PATIENT._replace(connects=2, connects_window_s=60))
        async with running(feed.session.run()):
            await wait_until(lambda: "limit of connections" in feed.health.reason)

    assert len(server.connects) == 2


async def test_maintenance_is_halted_and_not_a_storm_of_connects():
    async with VenueServer() as server:
        feed = Feed(server, TRADES, limits=PATIENT)
        async with running(feed.session.run()):
            await wait_until(lambda: feed.shown("trade", BTC)[0] == "live")
            await server.send(t="status", status="halted", why="maintenance")
            await wait_until(lambda: feed.shown("trade", BTC) == ("halted", "maintenance"))
            assert (feed.health.state, feed.health.reason) == ("halted", "maintenance")
            server.links[0].transport.abort()
            await wait_until(lambda: "next try in 60" in feed.health.reason)

    assert len(server.connects) == 1
