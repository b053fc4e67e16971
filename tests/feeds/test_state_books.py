"""Books that are gapped, repeated, shuffled, corrupt or crossed: what is shown."""

from __future__ import annotations

import pytest

from feeds.events import Ack, LinkSequence
from feeds.state import Resync, StateChange
from tests.fakes.kept import kept
from tests.feeds.making import NAME, delta, quote, snapshot, trade
from tests.feeds.one_market import ASKS, BIDS, LINK, feed, recorded, states

# book: F03, F04, F05, F06, F09


def test_a_gap_hides_the_book_before_anything_else_happens():
    made = recorded()
    feed(made, snapshot(BIDS, ASKS, last=10), delta([("100.0", "5")], first=11, last=11))
    made.events.clear()

    feed(made, delta([("100.0", "6")], first=13, last=13))

    assert made.state.book(NAME) is None
    assert states(made)["book"] == ("syncing", "sequence 13 after 11")
    assert made.resyncs == [Resync("symbol", NAME, LINK, "sequence 13 after 11")]
    assert made.state.counters["gaps"] == 1
    assert [type(event) for event in made.events] == [StateChange]

    feed(made, delta([("100.0", "7")], first=14, last=14))
    assert made.state.book(NAME) is None
    assert len(made.resyncs) == 1

    feed(made, snapshot(BIDS, ASKS, last=20), delta([("100.0", "8")], first=21, last=21))
    assert made.state.book(NAME).best(1)[0] == [("100.0", "8")]
    assert states(made)["book"] == ("live", "")


def test_repeated_deltas_change_nothing_and_ask_for_nothing():
    made = recorded()
    feed(made, snapshot(BIDS, ASKS, last=10))
    first, second = delta([("100.0", "5")], first=11, last=11), delta([("100.0", "6")], first=12, last=12)

    feed(made, first, second, first, second)

    assert made.state.book(NAME).best(1)[0] == [("100.0", "6")]
    assert made.resyncs == []
    assert made.state.counters["duplicates"] == 2


def test_what_is_deleted_from_a_book_that_nobody_reads_is_let_go_within_a_minute():
    made = recorded()
    feed(made, snapshot(BIDS, ASKS, last=10))
    for at in range(11, 1_011):
        feed(made, delta([(f"90.{at}", "1")], first=at, last=at))
    for at in range(1_011, 2_011):
        feed(made, delta([(f"90.{at - 1_000}", "0")], first=at, last=at))
    before = kept([made.state], ("feeds",))

    for _ in range(60):
        made.state.tick()

    assert kept([made.state], ("feeds",)) < before / 2
    assert made.state.book(NAME).best(9)[0] == BIDS


def test_shuffled_deltas_end_in_a_resync_and_never_in_a_wrong_book():
    made = recorded()
    feed(made, snapshot(BIDS, ASKS, last=10))

    feed(made, *(delta([("100.0", str(at))], first=at, last=at) for at in (11, 13, 12, 14)))

    assert made.state.book(NAME) is None
    assert len(made.resyncs) == 1


@pytest.mark.parametrize("bad", [("101.0", "1"), ("105.0", "1"), ("NaN", "1"), ("100.0", "-1"), ("0", "1")])
def test_a_book_that_is_crossed_or_not_of_numbers_is_never_readable(bad):
    made = recorded()
    feed(made, snapshot(BIDS, ASKS))
    assert made.state.book(NAME) is not None

    feed(made, delta([bad]))

    assert made.state.book(NAME) is None
    assert states(made)["book"][0] == "syncing"
    assert len(made.resyncs) == 1
    assert sum(made.state.counters[name] for name in ("crossed", "refused")) == 1


def test_a_broken_book_of_a_venue_with_one_sequence_for_all_resyncs_the_link():
    made = recorded(resync_scope="link")
    feed(made, snapshot(BIDS, ASKS), delta([("101.0", "1")]))

    assert made.state.book(NAME) is None
    assert made.resyncs == [Resync("link", "", LINK, "crossed book")]


def test_a_gap_in_a_links_sequence_drops_all_its_books_and_marks_its_bars():
    made = recorded(resync_scope="link")
    feed(made, LinkSequence(0), snapshot(BIDS, ASKS), LinkSequence(1), trade(1))
    assert made.state.book(NAME) is not None

    feed(made, LinkSequence(3), quote())

    assert made.state.book(NAME) is None
    assert made.resyncs == [Resync("link", "", LINK, "link sequence 3 after 1")]
    assert [states(made)[name][0] for name in ("ticker", "trade", "book")] == ["live", "stale", "syncing"]
    assert made.state.bars(NAME, 1)[-1].incomplete


def test_a_repeated_frame_of_a_link_brings_no_older_price_back():
    made = recorded(resync_scope="link")
    feed(made, LinkSequence(5), quote("100.0"), LinkSequence(6), quote("100.1", "100.2"))

    feed(made, LinkSequence(5), quote("100.0"))
    assert made.state.ticker(NAME)["bid"] == "100.1"
    assert made.resyncs == []

    feed(made, LinkSequence(7), quote("99.0"))
    assert made.state.ticker(NAME)["bid"] == "99.0"


def test_a_link_that_counts_anew_proves_nothing_of_before():
    """Taken for a repetition, it would be ignored until it had counted as far, with its old book shown."""
    made = recorded(resync_scope="link")
    feed(made, LinkSequence(0), LinkSequence(0), LinkSequence(1), snapshot(BIDS, ASKS))
    assert made.state.book(NAME) is not None

    feed(made, LinkSequence(0))
    assert made.state.book(NAME) is None
    assert made.resyncs == [Resync("link", "", LINK, "link sequence 0 after 1")]

    feed(made, LinkSequence(1), snapshot(BIDS, ASKS))
    assert made.state.book(NAME) is not None


def test_a_new_link_begins_its_own_sequence():
    made = recorded(resync_scope="link")
    feed(made, LinkSequence(5))
    made.state.link_down(LINK, "gone")

    feed(made, LinkSequence(0), LinkSequence(1))

    assert made.resyncs == []


def test_a_book_is_syncing_only_while_it_is_being_brought():
    made = recorded()
    made.state.link_down(LINK, "no route to the venue")
    assert states(made)["book"] == ("down", "no route to the venue"), "there never was one"

    feed(made, Ack(True, "", "book", NAME, 1))
    assert states(made)["book"] == ("syncing", "waiting for data")
    feed(made, snapshot(BIDS, ASKS))
    assert states(made)["book"] == ("live", "")

    made.state.link_down(LINK, "silent for 5 s")
    assert states(made)["book"] == ("stale", "silent for 5 s")
    feed(made, Ack(True, "", "book", NAME, 1))
    assert states(made)["book"] == ("syncing", "waiting for data")
