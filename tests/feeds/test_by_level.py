"""Books of venues that tell one act in several messages: crossed between them, they are not shown."""

from __future__ import annotations

import json

from feeds.merge import BookSlot
from tests.feeds.making import NAME, PlainCodec, delta, snapshot
from tests.feeds.one_market import LINK
from tests.feeds.replaying import Recorded

BEFORE = snapshot([("1", "1")], [("2", "1"), ("3", "1")])
CROSSING, BEHIND_IT = delta([("2", "5")]), delta([], [("2", "0")])


def made(**differences: object) -> Recorded:
    found = Recorded(PlainCodec(by_level=True, **differences))
    found.watch(["BTC/USD"], depth=100, channels=["book"], link=LINK)
    return found


def summed(value: int):
    return delta(checksum=value)


def feed(told: Recorded, *events: object) -> None:
    for event in events:
        told.state.apply(event, LINK)


def best(told: Recorded) -> object:
    book = told.state.book(NAME)
    return book and tuple(book.best(5))


def test_a_book_that_is_crossed_between_two_messages_is_not_shown_and_not_lost() -> None:
    for checked in ({}, {"checksum_levels": 10, "checksum": lambda bids, asks: 7}):
        told = made(**checked)
        feed(told, BEFORE, CROSSING)

        assert best(told) is None
        assert told.state.topic_state("book", NAME).state == "live"
        assert (told.resyncs, told.state.counters["crossed"]) == ([], 0)

        feed(told, BEHIND_IT)
        assert best(told) == ([("2", "5"), ("1", "1")], [("3", "1")])


def test_a_book_that_is_crossed_when_its_checksum_comes_is_brought_again() -> None:
    told = made(checksum_levels=10, checksum=lambda bids, asks: 7)
    feed(told, BEFORE, CROSSING, summed(7))

    assert best(told) is None
    assert told.state.topic_state("book", NAME).state == "syncing"
    assert [resync.reason for resync in told.resyncs] == ["crossed book"]


def test_a_checksum_of_its_own_is_proven_and_a_wrong_one_loses_the_book() -> None:
    told = made(checksum_levels=10, checksum=lambda bids, asks: len(bids) * 100 + len(asks))
    feed(told, BEFORE, summed(102))
    assert best(told) == ([("1", "1")], [("2", "1"), ("3", "1")])

    feed(told, summed(103))
    assert best(told) is None and told.state.counters["checksum"] == 1


def test_who_comes_between_two_messages_waits_and_who_was_there_keeps_what_it_had() -> None:
    slot = BookSlot(NAME)
    told = made()
    told.state._emit = slot.put
    feed(told, BEFORE)
    assert json.loads(slot.take(told.state))["state"] == "live"

    feed(told, CROSSING)
    assert slot.take(told.state) is None, "nothing new to say"
    assert json.loads(slot.keyframe(told.state))["state"] == "syncing"

    feed(told, BEHIND_IT)
    row = json.loads(slot.take(told.state))
    assert (row["state"], row["bids"], row["asks"]) == ("live", [["2", "5"], ["1", "1"]], [["3", "1"]])


def test_changes_of_before_and_after_a_crossing_come_together() -> None:
    slot = BookSlot(NAME)
    told = made()
    told.state._emit = slot.put
    feed(told, BEFORE)
    slot.take(told.state)
    feed(told, CROSSING)
    slot.take(told.state)
    feed(told, BEHIND_IT)

    row = json.loads(slot.take(told.state))
    assert "state" not in row and (row["bids"], row["asks"]) == ([["2", "5"]], [["2", "0"]])
