"""Books that wait for a snapshot by REST: it is spliced onto what came meanwhile, or another is asked for."""

from __future__ import annotations

from feeds.codec import Subscription
from feeds.events import (
    Ack,
)
from feeds.state import Resync, StateChange
from tests.feeds.making import NAME, delta, quote, snapshot, trade
from tests.feeds.one_market import ASKS, BIDS, LINK, feed, recorded
from tests.feeds.replaying import Recorded


def rest() -> Recorded:
    return recorded(snapshots="rest")


def waiting(made: Recorded) -> list[str]:
    return [subscription.instrument for subscription in made.state.needs_snapshot()]


def test_deltas_wait_for_the_snapshot_and_are_spliced_onto_it():
    made = rest()
    assert waiting(made) == []
    feed(made, *(delta([("100.0", str(at))], first=at, last=at + 1) for at in (9, 11, 13)))
    assert made.state.book(NAME) is None
    assert waiting(made) == [NAME]

    feed(made, snapshot(BIDS, ASKS, last=11))

    assert waiting(made) == []
    assert made.state.book(NAME).best(1)[0] == [("100.0", "13")]
    assert made.state.book(NAME).last == 14
    feed(made, delta([("100.0", "15")], first=15, last=15))
    assert made.state.book(NAME).best(1)[0] == [("100.0", "15")]


def test_a_snapshot_older_than_the_first_delta_is_asked_for_again():
    made = rest()
    feed(made, delta([("100.0", "9")], first=20, last=21))

    feed(made, snapshot(BIDS, ASKS, last=18))
    assert waiting(made) == [NAME]
    assert made.state.book(NAME) is None
    assert made.state.counters["old snapshots"] == 1

    feed(made, snapshot(BIDS, ASKS, last=19))
    assert made.state.book(NAME).best(1)[0] == [("100.0", "9")]


def test_a_gap_among_the_waiting_deltas_is_never_spliced_over():
    made = rest()
    feed(made, delta([("100.0", "9")], first=20, last=21), delta([("100.0", "8")], first=25, last=26))

    feed(made, snapshot(BIDS, ASKS, last=21))
    assert made.state.book(NAME) is None
    assert waiting(made) == [NAME]

    feed(made, snapshot(BIDS, ASKS, last=24))
    assert made.state.book(NAME).best(1)[0] == [("100.0", "8")]


def test_a_message_that_made_no_sense_needs_no_next_one_to_fetch_the_book():
    made = recorded("book", snapshots="rest")
    feed(made, Ack(True, "", "book", NAME, 0), delta([("100.0", "5")], first=10, last=11))
    feed(made, snapshot(BIDS, ASKS, last=11), delta([("100.0", "6")], first=12, last=12))
    assert made.state.book(NAME) is not None

    made.state.unreadable("book", NAME)
    assert waiting(made) == [NAME]

    feed(made, snapshot(BIDS, ASKS, last=12))  # from before what could not be read
    assert made.state.book(NAME) is None

    feed(made, snapshot(BIDS, ASKS, last=13))
    assert made.state.book(NAME).last == 13


def test_a_venue_of_which_nothing_can_be_read_is_asked_for_one_more_book_and_no_other():
    made = recorded("book", snapshots="rest")
    feed(made, Ack(True, "", "book", NAME, 0), snapshot(BIDS, ASKS, last=11))

    made.state.unreadable("book", NAME)
    assert waiting(made) == [NAME], "in a quiet market the next message may be a long way off"

    feed(made, snapshot(BIDS, ASKS, last=12))
    made.state.unreadable("book", NAME)
    assert waiting(made) == []

    feed(made, delta([("100.0", "5")], first=14, last=15))
    assert waiting(made) == [NAME]


def test_a_level_that_crossed_while_a_snapshot_was_awaited_does_not_come_with_it():
    """What came after it covers it again: at the end nothing is crossed, and the level is wrong."""
    made = recorded("book", snapshots="rest")
    feed(made, delta([("101.5", "1")], first=10, last=11))  # beyond the best ask, which is 101.0
    feed(made, delta([("99.0", "7")], first=12, last=12, asks=[("101.0", "0"), ("101.5", "0")]))

    feed(made, snapshot(BIDS, ASKS, last=10))
    assert made.state.book(NAME) is None

    feed(made, snapshot(BIDS, ASKS, last=10))
    assert made.state.book(NAME) is None, "nor with the next one from before it"

    feed(made, snapshot([("99.0", "7")], [("102.0", "1")], last=12))
    assert made.state.book(NAME).best(1) == ([("99.0", "7")], [("102.0", "1")])


def test_what_the_venue_sends_says_more_than_where_a_lost_book_stood():
    """A number that was broken on its way must not shut all snapshots out."""
    made = recorded("book", snapshots="rest")
    feed(made, delta([("100.0", "5")], first=10, last=11), snapshot(BIDS, ASKS, last=11))
    feed(made, delta([("100.0", "6")], first=12, last=10**12))
    made.state.unreadable("book", NAME)

    feed(made, delta([("100.0", "7")], first=14, last=15), snapshot(BIDS, ASKS, last=14))

    assert made.state.book(NAME).best(1)[0] == [("100.0", "7")]


def test_a_snapshot_that_comes_first_waits_for_its_delta():
    made = rest()
    feed(made, Ack(True, "", "book", NAME, 1))
    assert waiting(made) == [NAME]
    feed(made, snapshot(BIDS, ASKS, last=21))

    feed(made, delta([("100.0", "8")], first=25, last=26))

    assert made.state.book(NAME) is None
    assert made.resyncs == [Resync("symbol", NAME, LINK, "sequence 25 after 21")]
    assert waiting(made) == [NAME]
    feed(made, snapshot(BIDS, ASKS, last=25))
    assert made.state.book(NAME).best(1)[0] == [("100.0", "8")]


def test_a_late_snapshot_does_not_take_a_running_book_back():
    made = rest()
    feed(made, delta([("100.0", "9")], first=10, last=11), snapshot(BIDS, ASKS, last=10))

    feed(made, snapshot([("90.0", "1")], ASKS, last=9))

    assert made.state.book(NAME).best(1)[0] == [("100.0", "9")]


def test_a_book_that_became_thin_is_fetched_again_while_it_runs_on():
    made = rest()
    bids = [(f"{price}.0", "1") for price in range(100, 60, -1)]
    feed(made, delta([("50.0", "1")], first=10, last=10), snapshot(bids, ASKS, last=10, depth=40))
    feed(made, delta([(price, "0") for price, _ in bids[5:]], first=11, last=11))

    assert len(made.state.book(NAME).best(1000)[0]) == 5
    feed(made, delta([("99.5", "1")], first=12, last=12))
    assert waiting(made) == [NAME]

    feed(made, snapshot([*bids[:5], ("50.0", "1"), ("49.0", "1")], ASKS, last=11, depth=40))
    assert waiting(made) == []
    assert [price for price, _ in made.state.book(NAME).best(1000)[0]] == [
        *("100.0", "99.5", "99.0", "98.0", "97.0", "96.0", "50.0", "49.0"),
    ]


def test_preferred_books_are_fetched_first():
    made = rest()
    others = [Subscription("book", f"FAKE:{name}", name, 10) for name in ("A", "B")]
    made.state.watch(others, LINK)
    made.state.confirm(others)
    feed(made, delta([("100.0", "1")], first=1, last=1))
    made.state.preferred = frozenset({"FAKE:B"})

    assert waiting(made) == ["FAKE:B", NAME, "FAKE:A"]


def test_a_planned_roll_over_changes_no_state_and_loses_no_book():
    made = rest()
    feed(made, delta([("100.0", "9")], first=10, last=10), snapshot(BIDS, ASKS, last=9), quote(), trade(1))
    made.events.clear()

    feed(made, delta([("100.0", "10")], first=10, last=11), link="link.0~2")
    made.state.splice(LINK, "link.0~2")
    feed(made, delta([("100.0", "11")], first=12, last=12), trade(1), trade(2), link="link.0~2")
    made.state.link_down(LINK, "rolled over")

    assert not [event for event in made.events if type(event) is StateChange]
    assert made.state.book(NAME).best(1)[0] == [("100.0", "11")]
    assert [item.trade_id for item in made.state.trades(NAME)] == ["1", "2"]


def test_numbers_that_are_counted_over_all_instruments_splice_by_what_came_before():
    """The first of them may begin before the snapshot, or after a hole that is no loss."""
    made = rest()
    feed(made, delta([("100.0", "9")], first=20, last=25, previous=12))

    feed(made, snapshot(BIDS, ASKS, last=11))
    assert made.state.book(NAME) is None, "something between 11 and 12 is missing"

    feed(made, snapshot(BIDS, ASKS, last=15))
    assert made.state.book(NAME).best(1)[0] == [("100.0", "9")]
    feed(made, delta([("100.0", "8")], first=40, last=41, previous=25))
    assert made.state.book(NAME).best(1)[0] == [("100.0", "8")]


def test_the_first_change_after_a_snapshot_may_have_begun_before_it():
    made = rest()
    feed(made, delta([("100.0", "9")], first=8, last=9, previous=7))
    feed(made, snapshot(BIDS, ASKS, last=15))

    feed(made, delta([("100.0", "8")], first=12, last=18, previous=9))
    assert made.state.book(NAME).last == 18
    feed(made, delta([("100.0", "7")], first=19, last=30, previous=17))

    assert made.state.book(NAME) is None, "from then on each follows the one before"
    assert made.state.counters["gaps"] == 1
