"""A link whose next message is long on its way: nothing of it looks live, and nothing is lost."""

from __future__ import annotations

import pytest

from feeds.codec import Subscription
from feeds.events import Ack
from tests.feeds.making import NAME, delta, quote, snapshot, trade
from tests.feeds.one_market import ASKS, BIDS, LINK, feed, recorded, states

WORDS = "nothing received for 5.1 s"


def test_what_was_live_is_stale_until_the_link_brings_something():
    made = recorded()
    feed(made, quote(), trade(1), snapshot(BIDS, ASKS))

    made.state.link_late(LINK, WORDS)

    assert set(states(made).values()) == {("stale", WORDS)}
    assert made.state.book(NAME) is None

    feed(made, delta([("100.0", "7")], []))
    made.state.link_on_time(LINK)

    assert set(states(made).values()) == {("live", "")}
    assert made.state.book(NAME).best(1)[0] == [("100.0", "7")]


def test_what_waits_for_its_data_goes_on_waiting():
    made = recorded("book")

    made.state.link_late(LINK, WORDS)

    assert states(made)["book"] == ("syncing", "waiting for data")
    feed(made, snapshot(BIDS, ASKS))
    assert states(made)["book"] == ("stale", WORDS)


def test_other_links_are_not_late():
    made = recorded()
    feed(made, quote(), trade(1), snapshot(BIDS, ASKS))

    made.state.link_late("link.1", WORDS)

    assert set(states(made).values()) == {("live", "")}


def test_another_link_takes_over_from_a_late_one():
    made = recorded()
    feed(made, quote(), trade(1), snapshot(BIDS, ASKS))
    made.state.link_late(LINK, WORDS)

    made.state.splice(LINK, "link.0~1")

    assert set(states(made).values()) == {("live", "")}


def test_a_late_link_that_is_down_is_down_for_its_own_reason():
    made = recorded()
    feed(made, quote(), trade(1), snapshot(BIDS, ASKS))
    made.state.link_late(LINK, WORDS)

    made.state.link_down(LINK, "gone")
    feed(made, Ack(True, "", "trade", NAME, 1), link="link.0")

    assert states(made)["ticker"] == ("stale", "gone")
    assert states(made)["trade"] == ("live", "")


@pytest.mark.parametrize("late", [True, False])
def test_what_traded_while_it_was_late_is_missing_once_it_is_down(late: bool):
    made = recorded()
    feed(made, Ack(True, "", "trade", NAME, 1), trade(1, s=50))  # a minute begins at 40 s
    made.clock.advance(70)
    if late:
        made.state.link_late(LINK, WORDS)
    made.clock.advance(60)

    made.state.link_down(LINK, "gone")
    made.state.confirm([Subscription("trade", NAME, "BTC/USD")])
    feed(made, trade(2, s=135))

    assert made.state.bars(NAME, 1)[0].incomplete is late
