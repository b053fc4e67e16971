"""Books that are gapped, repeated, shuffled, corrupt, crossed or waiting for a snapshot: what is shown."""

from __future__ import annotations

import pytest

from feeds.codec import Subscription
from feeds.events import (
    Ack,
    LinkSequence,
)
from feeds.state import Resync, StateChange
from tests.feeds.making import NAME, PlainCodec, delta, quote, snapshot, trade
from tests.feeds.replaying import Recorded

LINK = "link.0"
BIDS, ASKS = [("100.0", "1"), ("99.0", "2")], [("101.0", "1"), ("102.0", "2")]


def recorded(*channels: str, **codec) -> Recorded:
    made = Recorded(PlainCodec(**codec))
    made.watch(["BTC/USD"], depth=10, channels=channels or ("ticker", "trade", "book"), link=LINK)
    made.events.clear()
    return made


def feed(made: Recorded, *events, link: str = LINK) -> None:
    for event in events:
        made.state.apply(event, link)


def states(made: Recorded) -> dict[str, tuple[str, str]]:
    return {name: made.state.topic_state(name, NAME)[:2] for name in ("ticker", "trade", "book")}


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


# snapshots by REST


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


def test_a_venue_of_which_nothing_can_be_read_is_asked_for_no_book():
    made = recorded("book", snapshots="rest")
    feed(made, Ack(True, "", "book", NAME, 0), snapshot(BIDS, ASKS, last=11))

    made.state.unreadable("book", NAME)
    assert waiting(made) == []

    feed(made, delta([("100.0", "5")], first=13, last=14))
    assert waiting(made) == [NAME]


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
