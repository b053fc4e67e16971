"""Binance's account feed: what is this venue's own in keys, clocks, weights, markets and a link's life."""

from __future__ import annotations

import json
import time

from feeds.clock import SystemClock
from feeds.private import CATCHING_UP, DOWN, LIVE, REFUSED, Credentials, OrderUpdate, Since
from feeds.rest import Rest
from feeds.venues import private_codec
from tests.fakes.waiting import wait_until
from tests.feeds.following import QUICK, SYMBOLS, following, simulating


async def test_an_ed25519_key_logs_on_and_is_followed():
    async with simulating("BINANCE") as paper, following(paper, paper.key(kind="ed25519")) as (told, feed):
        side = paper.simulator.privates["BINANCE"]
        assert len(side._logged_on) == len(side._subscribed) == 1
        paper.order()
        await wait_until(lambda: set(paper.trade_ids) <= told.trades.keys(), what="its fills are told")
        paper("drop")
        await wait_until(lambda: feed.counters["reconnects"] and feed.state.name == LIVE, what="it is back")


async def test_a_secret_of_another_key_is_refused_in_words():
    async with simulating("BINANCE") as paper:
        for kind in ("", "ed25519"):
            mixed = Credentials(paper.key(kind=kind).key, paper.key(kind=kind).secret)
            async with following(paper, mixed) as (told, feed):
                assert feed.state.name == REFUSED
                assert "the secret does not belong to this key" in told.words


async def test_a_key_that_is_not_known_may_be_an_address_that_is_not_allowed_so_it_is_asked_again():
    async with simulating("BINANCE") as paper:
        key = paper.key()
        paper("revoke", key=key.key)
        slow = QUICK._replace(denied_s=60)
        async with following(paper, key, timing=slow, live=False) as (told, feed):
            await wait_until(lambda: feed.state.name == DOWN, what="it waits")
            assert "Invalid API-key, IP, or permissions for action. (-2015); next try in" in told.words
            assert 60 <= int(told.words.split("next try in ")[1].split()[0]) <= 75


async def test_a_clock_that_is_off_is_said():
    a_minute_ago = time.time_ns() - 60_000_000_000
    async with (
        simulating("BINANCE", start_ns=a_minute_ago) as paper,
        following(paper, paper.key(), live=False) as (told, feed),
    ):
        await wait_until(lambda: feed.state.name == DOWN, what="it waits")
        assert "this machine's clock differs from Binance's" in told.words


async def test_a_clock_that_is_off_by_a_little_is_forgiven():
    for off_s in (-1.5, 7):
        start_ns = time.time_ns() + int(off_s * 1e9)
        async with (
            simulating("BINANCE", start_ns=start_ns) as paper,
            following(paper, paper.key()) as (_, feed),
        ):
            assert feed.state.name == LIVE


async def test_nothing_is_asked_inside_a_ban():
    async with simulating("BINANCE") as paper, following(paper, paper.key()) as (told, feed):
        exchange = paper.simulator.exchanges["BINANCE"]
        exchange.trouble.rate_limited, exchange.trouble.retry_after_s = 1, 40
        feed._intake.lost("asked for by this test")
        await wait_until(lambda: "limits us for 40 s" in told.words, what="it is said")
        assert feed.state.name == CATCHING_UP
        assert "asked again in 40 s" in told.words
        assert exchange.counters["requests_while_banned"] == 0
        paper.order()
        await wait_until(lambda: told.trades, what="the stream goes on meanwhile")


async def test_markets_that_are_handed_in_and_those_of_open_orders_are_caught_up():
    async with simulating("BINANCE") as paper:
        key = paper.key()
        book = paper.simulator.book("BINANCE:ETHUSDT")
        paper.order("buy", "0.5", symbol=1, price=book.bids[60][0])
        paper.order("buy", "0.02", symbol=1)
        paper.order("sell", "0.02", symbol=0)
        async with following(paper, key, lambda: Since(1, ("BTCUSDT",))) as (told, _):
            assert {fill.instrument for fill in told.fills} == {"BINANCE:BTCUSDT", "BINANCE:ETHUSDT"}
            assert [update.status for update in told.of(OrderUpdate)][:1] == ["new"]
        async with following(paper, key, lambda: Since(1, ())) as (told, _):
            # Nobody named it, and nothing of it is open: REST cannot be asked for it.
            assert {fill.instrument for fill in told.fills} == {"BINANCE:ETHUSDT"}


async def test_a_link_is_renewed_before_the_venue_ends_it():
    codec = private_codec("BINANCE")
    codec.limits = codec.limits._replace(max_link_age_s=0.3)
    async with simulating("BINANCE") as paper, following(paper, paper.key(), codec=codec) as (told, feed):
        await wait_until(lambda: feed.counters["reconnects"] >= 2, what="it was renewed twice")
        assert "renewed before the venue's own limit" in repr(told.events)


async def test_a_stream_that_the_venue_ends_is_opened_anew():
    async with simulating("BINANCE") as paper, following(paper, paper.key()) as (told, feed):
        for event in ("eventStreamTerminated", "serverShutdown"):
            told.events.clear()
            (link,) = paper.simulator.privates["BINANCE"].links
            link.send(json.dumps({"subscriptionId": 0, "event": {"e": event, "E": 1}}).encode())
            await wait_until(lambda: LIVE in told.names, what="it is live again")
            assert f"Binance ended the stream: {event}" in repr(told.events)


async def test_a_market_listed_after_the_start_is_read_when_it_is_traded():
    async with simulating("BINANCE") as paper:
        exchange = paper.simulator.exchanges["BINANCE"]
        exchange.trouble.bad_symbols.add("ETHUSDT")
        async with following(paper, paper.key(), timing=QUICK._replace(names_s=0)) as (told, feed):
            assert "ETHUSDT" not in feed._intake.names
            exchange.trouble.bad_symbols.clear()
            paper.order(symbol=1)
            await wait_until(lambda: set(paper.trade_ids) <= told.trades.keys(), what="its fill is told")
            assert "ETHUSDT" in feed._intake.names
        assert feed.counters["decode errors"] == 0


async def test_the_weight_of_the_address_is_kept():
    async with simulating("BINANCE") as paper:
        async with following(paper, paper.key(), lambda: Since(1, SYMBOLS["BINANCE"])) as (_, feed):
            for _ in range(3):
                feed._intake.lost("asked for by this test")
                await wait_until(lambda: not feed._intake.behind, what="it was asked")
        assert paper.simulator.exchanges["BINANCE"].counters["weight_over_limit"] == 0


async def test_accounts_of_one_address_share_its_limits_and_its_bans():
    async with simulating("BINANCE") as paper:
        exchange = paper.simulator.exchanges["BINANCE"]
        rest = Rest(private_codec("BINANCE"), SystemClock(), url=paper.simulator.rest_url("BINANCE"))
        async with (
            rest,
            following(paper, paper.key(), rest=rest) as (told, feed),
            following(paper, paper.key(account="other"), rest=rest) as (other_told, other),
        ):
            exchange.trouble.rate_limited, exchange.trouble.retry_after_s = 1, 40
            for each, words in ((feed, told), (other, other_told)):
                each._intake.lost("asked for by this test")
                await wait_until(lambda words=words: "limits us for" in words.words, what="it is said")
            assert exchange.counters["requests_while_banned"] == 0
            assert (feed.state.name, other.state.name) == (CATCHING_UP, CATCHING_UP)
