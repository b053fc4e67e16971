"""What the state shows, hides and asks for when the data is whole, broken, repeated or out of order."""

from __future__ import annotations

import pytest

from feeds.codec import Subscription
from feeds.events import (
    Ack,
    Heartbeat,
    InstrumentStatus,
    Quote,
    Trade,
    Unknown,
    VenueStatus,
)
from feeds.state import StateChange
from tests.feeds.making import NAME, T0_NS, delta, quote, snapshot, stats, trade
from tests.feeds.one_market import ASKS, BIDS, LINK, feed, recorded, states

# states


def test_a_topic_is_syncing_until_data_proves_it():
    made = recorded("ticker", "book")
    assert states(made)["ticker"] == ("syncing", "waiting for data")

    feed(made, quote(), snapshot(BIDS, ASKS))

    assert states(made) == {"ticker": ("live", ""), "book": ("live", ""), "trade": ("down", "not followed")}
    changes = [event for event in made.events if type(event) is StateChange]
    assert [change[:4] for change in changes] == [("ticker", NAME, "live", ""), ("book", NAME, "live", "")]


def test_an_agreed_subscription_makes_a_quiet_tape_live_but_no_price():
    made = recorded()

    feed(made, *(Ack(True, "", name, NAME, 1) for name in ("ticker", "trade", "book")))

    assert [states(made)[name][0] for name in ("ticker", "trade", "book")] == ["syncing", "live", "syncing"]


def test_a_refused_subscription_is_down_in_the_venues_own_words():
    made = recorded()

    feed(made, Ack(False, "Currency pair not supported", "book", NAME, 1))

    assert states(made)["book"] == ("down", "Currency pair not supported")


def test_a_lost_link_leaves_nothing_that_looks_live():
    made = recorded()
    feed(made, quote(), trade(1), snapshot(BIDS, ASKS))

    made.state.link_down(LINK, "silent for 5 s")

    assert states(made) == {
        "ticker": ("stale", "silent for 5 s"),
        "trade": ("stale", "silent for 5 s"),
        "book": ("stale", "silent for 5 s"),
    }
    assert made.state.book(NAME) is None
    assert made.state.ticker(NAME)["bid"] == "100.0"

    feed(made, quote(), delta([("100.0", "3")]))
    assert states(made)["ticker"] == ("live", "")
    assert made.state.book(NAME) is None


def test_another_links_loss_changes_nothing():
    made = recorded()
    feed(made, quote())

    made.state.link_down("link.1", "gone")

    assert states(made)["ticker"] == ("live", "")


def test_a_halted_venue_halts_every_topic_and_hides_the_book():
    made = recorded()
    feed(made, quote(), trade(1), snapshot(BIDS, ASKS))

    feed(made, VenueStatus("FAKE", "halted", "maintenance", T0_NS))
    assert set(states(made).values()) == {("halted", "maintenance")}
    assert made.state.book(NAME) is None

    feed(made, quote(), VenueStatus("FAKE", "online", "", T0_NS))
    assert set(states(made).values()) == {("live", "")}
    assert made.state.book(NAME) is not None


@pytest.mark.parametrize("status", ["halted", "delisted"])
def test_a_halted_or_delisted_instrument_says_so(status):
    made = recorded()
    feed(made, quote())

    feed(made, InstrumentStatus(NAME, status, "announced", T0_NS))

    assert states(made)["ticker"] == (status, "announced")
    feed(made, InstrumentStatus(NAME, "trading", "", T0_NS))
    assert states(made)["ticker"] == ("live", "")


def test_a_delisted_instrument_stays_delisted_when_the_link_is_lost():
    made = recorded()
    feed(made, quote(), InstrumentStatus(NAME, "delisted", "announced", T0_NS))

    made.state.link_down(LINK, "gone")

    assert states(made)["ticker"] == ("delisted", "announced")


def test_unwatched_is_forgotten():
    made = recorded()
    feed(made, quote(), trade(1), snapshot(BIDS, ASKS))
    wanted = [Subscription(name, NAME, "BTC/USD", 10) for name in ("ticker", "trade", "book")]

    made.state.unwatch(wanted[2:])
    assert made.state.book(NAME) is None
    assert states(made)["ticker"] == ("live", "")

    made.state.unwatch(wanted)
    feed(made, quote())
    assert states(made)["ticker"] == ("down", "not followed")
    assert made.state.ticker(NAME) == {}
    assert made.state.counters["unknown:instrument"] == 1


def test_watching_again_leaves_a_live_topic_alone_and_another_depth_does_not():
    made = recorded()
    feed(made, quote(), snapshot(BIDS, ASKS))

    made.watch(["BTC/USD"], depth=10, channels=("ticker", "book"), link=LINK)
    assert states(made)["book"] == ("live", "")

    made.watch(["BTC/USD"], depth=100, channels=("book",), link=LINK)
    assert states(made)["book"] == ("syncing", "waiting for data")
    assert made.state.book(NAME) is None


# ticker


def test_a_row_holds_what_is_known_and_the_newest_price():
    made = recorded()
    assert made.state.ticker(NAME) == {}

    feed(made, stats(last="99.0", volume="7"), stats(change="-1.0"), quote("100.0", ""))
    row = made.state.ticker(NAME)
    assert (row["last"], row["volume"], row["change"]) == ("99.0", "7", "-1.0")
    assert (row["bid"], row["ask"]) == ("100.0", "")

    feed(made, trade(1, price="100.1", s=1))
    assert made.state.ticker(NAME)["last"] == "100.1"
    assert made.state.received_ns("ticker", NAME) == T0_NS
    assert made.state.received_ns("trade", NAME) == T0_NS + 10**9


def test_a_confidence_is_of_the_value_that_it_came_with():
    made = recorded()
    feed(made, stats(last="99.0"))
    assert "confidence" not in made.state.ticker(NAME)

    feed(made, stats(last="99.5", confidence="0.25"), stats(change="-1.0"))
    row = made.state.ticker(NAME)
    assert (row["last"], row["confidence"], row["change"]) == ("99.5", "0.25", "-1.0")

    for told in (
        stats(last="99.6"),
        stats(last="99.7", confidence="-0.1"),
        stats(last="NaN", confidence="1"),
    ):
        feed(made, told)
        assert made.state.ticker(NAME)["confidence"] == "", "taken back, so that no reader keeps the old one"
    assert made.state.counters["refused"] == 2


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "1E999", "-5", "0.000", "1e5", "x" * 300])
def test_a_price_that_is_no_proper_number_is_never_shown(bad):
    made = recorded()

    feed(made, quote(bad, "101"), stats(last=bad, change="+1.5", change_pct="-NaN"))
    row = made.state.ticker(NAME)

    assert (row["bid"], row["ask"], row["last"], row["change"], row["change_pct"]) == (
        *("", "101", "", "+1.5", ""),
    )
    assert made.state.counters["refused"] == 3
    assert made.state.ticker(NAME) == row
    assert made.state.counters["refused"] == 3


def test_a_crossed_quote_is_never_shown():
    made = recorded()

    feed(made, quote("101", "100"))

    assert made.state.ticker(NAME)["bid"] == made.state.ticker(NAME)["ask"] == ""
    assert made.state.counters["crossed"] == 1


@pytest.mark.parametrize(
    ("price", "qty"), [("NaN", "1"), ("0", "1"), ("-1", "1"), ("1E999", "1"), ("1", "-1")]
)
def test_a_trade_that_is_no_proper_number_is_refused(price, qty):
    made = recorded()

    feed(made, trade(1, price=price, qty=qty))

    assert not made.state.trades(NAME)
    assert made.state.bars(NAME, 1) == []
    assert made.state.counters["refused"] == 1


@pytest.mark.parametrize(
    ("price", "qty"), [("100.0", "NaN"), ("100.0", "-1"), ("100.0", ""), ("0", "1"), ("1E999", "1")]
)
def test_nor_is_one_that_follows_a_proper_one(price, qty):
    """A price that was looked at is not looked at again; the quantity is, and one that was refused."""
    made = recorded()
    feed(made, trade(1), trade(2, price=price, qty=qty), trade(3, price=price, qty=qty), trade(4))

    assert [t.trade_id for t in made.state.trades(NAME)] == ["1", "4"]
    assert made.state.counters["refused"] == 2
    [bar] = made.state.bars(NAME, 1)
    assert (bar.high, bar.low, bar.volume, bar.trades) == ("100.0", "100.0", "3.0", 2)


# trades and the rest


def test_a_trade_counts_once_however_often_it_comes():
    made = recorded()

    feed(made, *(trade(at, replayed=True) for at in (1, 2)), trade(2), trade(3), trade(1))

    assert [item.trade_id for item in made.state.trades(NAME)] == ["1", "2", "3"]
    assert made.state.bars(NAME, 1)[0].trades == 3
    assert made.state.counters["duplicates"] == 2


def test_a_trade_repeated_hours_later_counts_once():
    made = recorded()
    feed(made, *(trade(at, s=at) for at in range(1, 5000)))

    feed(made, trade(3, s=3))

    assert made.state.counters["duplicates"] == 1
    assert len(made.state.trades(NAME)) == 1000


def test_events_come_out_after_they_took_effect():
    made, seen = recorded(), []
    made.state._emit = lambda event: seen.append(
        (type(event), made.state.ticker(NAME).get("bid"), len(made.state.trades(NAME)))
    )

    feed(made, quote("100.0"), trade(1))

    assert (Quote, "100.0", 0) in seen
    assert (Trade, "100.0", 1) in seen


def test_what_nobody_asked_for_is_counted_and_ignored():
    made = recorded()
    strange = "FAKE:<img src=x onerror=alert(1)>"

    feed(made, quote(name=strange), Heartbeat("FAKE", 0, T0_NS), Unknown("channel x"), Unknown("channel x"))

    assert made.events == []
    assert made.state.counters == {"unknown:instrument": 1, "unknown:channel x": 2}


def test_a_venue_that_invents_names_fills_no_memory():
    made = recorded()

    feed(made, *(Unknown(f"channel {at}") for at in range(5000)))

    assert len(made.state.counters) <= 201
    assert sum(made.state.counters.values()) == 5000


def test_a_figure_that_is_gone_goes_where_a_venue_tells_all_of_them_each_time():
    """What was high a day ago is no high of the last 24 hours: its venue says null."""
    for whole in (False, True):
        made = recorded("ticker")
        made.state.codec.whole_figures = whole
        feed(made, stats(high="110", low="90"), stats(high="", low="95"))

        told = made.state.ticker(NAME)
        assert (told["high"], told["low"]) == ("" if whole else "110", "95")
