"""An account's feed where something else is at fault: its sink, its reader, the address, the venue."""

from __future__ import annotations

import pytest

from feeds.private import CATCHING_UP, CHECKING, CONNECTING, DOWN, LIVE, Since
from feeds.venues import PRIVATE, private_codec
from tests.fakes.waiting import wait_until
from tests.feeds.following import QUICK, SYMBOLS, all_told, following, named, simulating

pytestmark = pytest.mark.parametrize("venue", PRIVATE)


async def test_a_sink_that_fails_costs_the_account_nothing(venue: str, caplog):
    async with simulating(venue) as paper, following(paper, paper.key()) as (told, feed):
        kept = told.fill
        told.fill = lambda fill: 1 / 0
        paper.order()
        await wait_until(lambda: feed.counters["sink errors"], what="it was counted")
        told.fill = kept
        paper.order("sell")
        ids = {named(fill) for fill in paper("fills") if fill["side"] == "sell"}
        await wait_until(lambda: ids <= told.trades.keys(), what="later fills are told")
    assert "the sink did not take it" in caplog.text


async def test_a_fault_of_ours_is_said_and_begun_anew(venue: str, caplog):
    answers = iter([lambda: 1 / 0, *[lambda: Since(1, SYMBOLS[venue])] * 9])
    async with simulating(venue) as paper:
        key = paper.key()
        paper.order()
        async with following(paper, key, lambda: next(answers)()) as (told, feed):
            await all_told(told, paper)
            assert feed.counters["crashes"] == 1
            assert DOWN in told.names
            assert "internal error: ZeroDivisionError" in repr(told.events)
    assert "failed, started again" in caplog.text


async def test_a_venue_that_does_not_answer_is_down_in_words(venue: str):
    async with simulating(venue) as paper:
        key, simulator = paper.key(), paper.simulator
    async with following(paper, key, live=False) as (told, feed):
        await wait_until(lambda: feed.state.name == DOWN, what="it is down")
    assert f"{feed.codec.title} does not answer; next try in" in told.words
    assert str(simulator.port) not in told.words


async def test_a_stream_that_makes_no_sense_is_counted_and_does_not_ask_all_the_time(venue: str):
    timing = QUICK._replace(again_s=60)
    async with simulating(venue) as paper, following(paper, paper.key(), timing=timing) as (told, feed):
        (link,) = paper.simulator.privates[venue].links
        for _ in range(200):
            link.send(b'{"channel": <html>502')
        paper.simulator.write()
        await wait_until(lambda: feed.counters["decode errors"] == 200, what="all are counted")
        paper.order()
        if venue != "COINBASE":  # whose stream brings no fills, so that they wait for their turn
            await all_told(told, paper)
        assert CATCHING_UP in told.names[4:]
        assert told.names.count(CATCHING_UP) <= 4
        assert "a message made no sense" in repr(told.events)
    assert feed.counters["reconnects"] == feed.counters["crashes"] == 0


async def test_an_address_that_is_none_is_down_and_tried_again(venue: str, caplog):
    async with (
        simulating(venue) as paper,
        following(paper, paper.key(), ws_url="nowhere", live=False) as (
            told,
            feed,
        ),
    ):
        await wait_until(lambda: told.names.count(DOWN) > 1, what="it was tried again")
        assert feed.state.name in (DOWN, CHECKING, CONNECTING)
        assert "nowhere" not in repr(told.events)


async def test_a_link_that_falls_silent_is_given_up(venue: str):
    codec = private_codec(venue)
    codec.limits = codec.limits._replace(idle_s=1.5)
    async with simulating(venue) as paper, following(paper, paper.key(), codec=codec) as (told, feed):
        # Nothing said, and no ping answered: the other end is gone.
        for link in paper.simulator.privates[venue].links:
            link.mute = True
            link.ws.transport.pause_reading()
        await wait_until(lambda: feed.counters["reconnects"], what="it is given up")
        assert "nothing received for" in repr(told.events)
        await wait_until(lambda: feed.state.name == LIVE, what="the next one is live")
        paper.order()
        await all_told(told, paper)
