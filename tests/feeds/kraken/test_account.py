"""Kraken's account feed: what is this venue's own in keys, tokens, nonces and markets."""

from __future__ import annotations

import pytest

from feeds.private import CATCHING_UP, CHECKING, DOWN, LIVE, REFUSED, Credentials, Since
from tests.fakes.waiting import wait_until
from tests.feeds.following import QUICK, following, simulating


async def test_a_secret_of_another_key_is_refused_in_words():
    async with simulating("KRAKEN") as paper:
        mixed = Credentials(paper.key().key, paper.key().secret)
        async with following(paper, mixed) as (told, _):
            assert told.names == [CHECKING, REFUSED]
            assert told.words == "the secret does not belong to this key (EAPI:Invalid signature)"


@pytest.mark.parametrize("secret", ["not base64", ""])
async def test_a_secret_that_is_none_is_refused_without_a_request(secret: str):
    async with simulating("KRAKEN") as paper:
        async with following(paper, Credentials(paper.key().key, secret)) as (told, _):
            assert told.names == [CHECKING, REFUSED]
            assert "the private key of Kraken, in base64" in told.words
        assert not paper.simulator.privates["KRAKEN"].desk.counters


async def test_a_key_that_is_revoked_is_refused_at_the_next_look():
    async with simulating("KRAKEN") as paper:
        key = paper.key()
        async with following(paper, key, timing=QUICK._replace(audit_s=0.1)) as (told, feed):
            paper("revoke", key=key.key)
            await wait_until(lambda: feed.state.name == REFUSED, what="it is refused")
            assert "Kraken does not know this key" in told.words


async def test_each_connection_has_a_token_of_its_own_and_a_dead_one_is_replaced_at_once():
    slow = QUICK._replace(denied_s=3600)
    async with simulating("KRAKEN") as paper, following(paper, paper.key(), timing=slow) as (told, feed):
        counters = paper.simulator.privates["KRAKEN"].desk.counters
        assert counters["tokens"] == 1
        paper("expire")
        paper("drop")
        await wait_until(lambda: feed.counters["reconnects"] == 2, what="two links were lost")
        await wait_until(lambda: feed.state.name == LIVE, what="the third one is live")
        assert (counters["tokens"], counters["bad tokens"]) == (3, 1)
        assert "ESession:Invalid session" in repr(told.events)


async def test_tokens_that_are_never_good_are_asked_for_once_a_minute():
    slow = QUICK._replace(denied_s=3600)
    async with simulating("KRAKEN") as paper:
        paper("expire", n=99)
        async with following(paper, paper.key(), timing=slow, live=False) as (told, feed):
            await wait_until(lambda: feed.counters["reconnects"] == 2, what="it was tried twice")
            await wait_until(lambda: feed.state.name == DOWN, what="it waits")
            seconds = int(told.words.split("next try in ")[1].split()[0])
            assert 3600 <= seconds <= 4500


async def test_nothing_is_asked_while_the_venue_limits_us():
    async with simulating("KRAKEN") as paper:
        paper.simulator.exchanges["KRAKEN"].trouble.rate_limited = 1
        async with following(paper, paper.key(), timing=QUICK._replace(denied_s=0), live=False) as (
            told,
            feed,
        ):
            await wait_until(lambda: feed.state.name == DOWN, what="it waits")
            assert "EAPI:Rate limit exceeded; next try in 45 s" in told.words
            assert feed._rest.banned_s > 44
    assert "private_over_limit" not in paper.simulator.exchanges["KRAKEN"].counters


async def test_a_limit_met_while_live_keeps_the_link_and_says_so():
    async with simulating("KRAKEN") as paper, following(paper, paper.key()) as (told, feed):
        paper.simulator.exchanges["KRAKEN"].trouble.rate_limited = 1
        feed._intake.lost("asked for by this test")
        await wait_until(lambda: "asked again in" in told.words, what="it is said")
        assert (feed.state.name, feed.counters["reconnects"]) == (CATCHING_UP, 0)
        before = len(told.fills)
        paper.order()
        await wait_until(lambda: len(told.fills) > before, what="the stream goes on meanwhile")


async def test_nonces_grow_over_a_restart():
    async with simulating("KRAKEN") as paper:
        key = paper.key()
        for _ in range(2):
            async with following(paper, key) as (told, _):
                assert told.names[-1] == LIVE
        assert paper.simulator.privates["KRAKEN"].desk.counters["EAPI:Invalid nonce"] == 0


async def test_a_fill_in_a_market_that_is_gone_is_said_and_hides_no_other():
    async with simulating("KRAKEN") as paper:
        key = paper.key()
        paper.order(symbol=0)
        paper.order(symbol=1)
        paper.simulator.fault("bad_symbol", symbol="KRAKEN:ETH/USD")
        async with following(paper, key, lambda: Since(1)) as (told, feed):
            assert {fill.instrument for fill in told.fills} == {"KRAKEN:BTC/USD"}
            assert told.words == "not recorded, because it means nothing here: XETHZUSD"
            assert feed.state.name == LIVE
