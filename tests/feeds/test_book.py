"""The book against a naive oracle, and what it refuses to show."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.book import APPLIED, DUPLICATE, GAP, Book
from tests.feeds.making import delta, snapshot

BID_PRICES = [f"{cents / 100:.2f}" for cents in range(1, 60)]
ASK_PRICES = [f"{cents / 100:.2f}" for cents in range(60, 120)]
quantities = st.sampled_from(["0.00000000", "0", "1.25", "7.00000000", "0.00000001"])


def changes(prices):
    return st.lists(st.tuples(st.sampled_from(prices), quantities), max_size=12)


def oracle(levels, steps, *, worst_first, depth=0):
    """Every level in a dictionary, sorted by Decimal each time; cut to ``depth`` after each step."""
    held = {}
    for step in (levels, *steps):
        held.update(step)
        held = {price: qty for price, qty in held.items() if Decimal(qty) != 0}
        kept = sorted(held, key=Decimal, reverse=worst_first)[: depth or None]
        held = {price: held[price] for price in kept}
    return list(held.items())


@pytest.mark.parametrize(("ordered", "depth"), [(False, 0), (True, 0), (True, 10)])
@given(
    bids=changes(BID_PRICES),
    asks=changes(ASK_PRICES),
    steps=st.lists(st.tuples(changes(BID_PRICES), changes(ASK_PRICES), st.booleans()), max_size=12),
)
def test_a_book_is_what_the_oracle_says_however_often_it_is_read(ordered, depth, bids, asks, steps):
    book = Book(snapshot(bids, asks), ordered=ordered, depth=depth)

    for more_bids, more_asks, read in steps:
        assert book.apply(delta(more_bids, more_asks)) == APPLIED
        if read:
            assert book.problem() == ""

    assert book.problem() == ""
    assert book.best(1000) == (
        oracle(bids, [step[0] for step in steps], worst_first=True, depth=depth),
        oracle(asks, [step[1] for step in steps], worst_first=False, depth=depth),
    )


def test_a_lesser_number_is_a_repetition_unless_it_is_of_a_later_time():
    book = Book(snapshot([("100.0", "1")], [], last=1000))
    told = delta([("100.0", "2")], first=6, last=7, previous=5)

    assert book.apply(told) == DUPLICATE
    assert book.apply(replace(told, exchange_us=told.exchange_us + 9_000_000)) == DUPLICATE
    assert book.apply(replace(told, exchange_us=told.exchange_us + 11_000_000)) == GAP
    assert book.problem() == ""
    assert book.best(9)[0] == [("100.0", "1")]


def test_prices_that_are_one_float_stay_two_levels():
    low, high = "0.123456789012345671", "0.123456789012345672"
    book = Book(snapshot([], [(high, "1"), (low, "2")]))

    assert book.problem() == ""
    assert book.best(9)[1] == [(low, "2"), (high, "1")]

    book.apply(delta(asks=[(high, "5"), ("0.1234567890123456715", "3"), (low, "0")]))

    assert book.problem() == ""
    assert book.best(9)[1] == [("0.1234567890123456715", "3"), (high, "5")]


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("read", [False, True])
@pytest.mark.parametrize(
    "bad",
    [
        ("NaN", "1"),
        ("1E999", "1"),
        ("-1", "1"),
        ("0.00", "1"),
        ("1", "-1"),
        ("1", "inf"),
        ("", "1"),
        ("1", ""),
    ]
    # What takes away at a price that cannot be was meant for another one.
    + [("0.00", "0"), ("NaN", "0"), ("1 2", "1"), ("1", "1 2")]
    + [("1e5", "1"), ("1_0", "1"), ("1", "1E999"), ("1", "NaN"), ("\u0663", "1")],
)
def test_a_number_that_is_not_proper_breaks_the_book(bad, read, ordered):
    book = Book(snapshot([("1.0", "1")], [("2.0", "1")]), ordered=ordered)
    if read:
        assert book.problem() == ""

    book.apply(delta(bids=[bad]))

    assert book.problem() == "refused"


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("read", [False, True])
@pytest.mark.parametrize("change", [("1.00", "5"), ("1", "0"), ("01.0", "5")])
def test_one_price_in_two_spellings_breaks_the_book(change, read, ordered):
    book = Book(snapshot([("1.0", "1"), ("0.5", "1")], [("2.0", "1")]), ordered=ordered)
    if read:
        assert book.problem() == ""

    book.apply(delta(bids=[change]))

    assert book.problem() == "refused"


@pytest.mark.parametrize("ask", ["1.0", "0.9"])
def test_a_locked_or_crossed_book_is_a_problem_until_it_is_not(ask):
    book = Book(snapshot([("1.0", "1")], [("2.0", "1")]))

    book.apply(delta(asks=[(ask, "1")]))
    assert book.problem() == "crossed"

    book.apply(delta(asks=[(ask, "0")]))
    assert book.problem() == ""


def test_a_delta_follows_its_range():
    book = Book(snapshot([("1", "1")], [], last=10))

    assert book.apply(delta([("1", "2")], first=9, last=10)) == DUPLICATE
    assert book.apply(delta([("1", "3")], first=12, last=13)) == GAP
    assert book.apply(delta([("1", "4")], first=8, last=12)) == APPLIED
    assert book.apply(delta([("1", "5")], first=13, last=13)) == APPLIED
    assert book.problem() == ""
    assert (book.best(1)[0], book.last) == ([("1", "5")], 13)


def test_a_delta_follows_its_predecessor():
    book = Book(snapshot([("1", "1")], [], last=10))

    assert book.apply(delta([("1", "2")], last=9, previous=8)) == DUPLICATE
    assert book.apply(delta([("1", "3")], last=15, previous=12)) == GAP
    assert book.apply(delta([("1", "4")], last=15, previous=10)) == APPLIED
    # After maintenance numbers may begin again below, as long as they link.
    assert book.apply(delta([("1", "5")], last=3, previous=15)) == APPLIED


def test_levels_beyond_a_limited_snapshot_are_kept_and_not_shown():
    bids = [("9", "1"), ("8", "1"), ("7", "1")]
    book = Book(snapshot(bids, [("10", "1")], depth=3))
    book.apply(delta([("6", "1"), ("9", "0")]))

    assert book.problem() == ""
    assert book.known_to() == ("7", "")
    assert book.best(9)[0] == [("8", "1"), ("7", "1")]
    assert not book.thin(1)

    book.apply(delta([("8", "0"), ("7", "0")]))

    assert book.problem() == ""
    assert book.best(9)[0] == []
    assert book.thin(1)


def test_deletions_nobody_reads_do_not_pile_up():
    book = Book(snapshot([], []))
    for at in range(1, 40_000):
        book.apply(delta([(str(at), "1")]))
        book.apply(delta([(str(at), "0")]))

    assert len(book.bids._levels) < 10_000


def test_changes_nobody_reads_do_not_pile_up_behind_a_reader():
    book = Book(snapshot([("1", "1")], []))
    assert book.problem() == ""
    for at in range(30_000):
        book.apply(delta([("1", str(at + 1))]))

    assert book.problem() == ""
    assert book.best(1)[0] == [("1", "30000")]
    assert not book.bids._pending


def test_what_nobody_reads_is_tidied():
    unread, left = Book(snapshot([("1", "1")], [])), Book(snapshot([("1", "1")], []))
    assert left.problem() == ""
    for at in range(2, 1_000):
        for book in (unread, left):
            book.apply(delta([(str(at), "1")]))
            book.apply(delta([(str(at), "0")]))

    for book in (unread, left):
        book.tidy()

        assert book.bids._levels == {"1": "1"} and not book.bids._pending
        assert book.problem() == "" and book.best(2) == ([("1", "1")], [])


@pytest.mark.parametrize("bad", [("1e3", "0"), ("1", "0.0.0"), ("1 2", "0"), ("0", "0")])
def test_a_book_is_as_broken_after_it_was_tidied(bad):
    book = Book(snapshot([("1", "1")], []))
    book.apply(delta([bad]))

    book.tidy()

    assert book.problem() == "refused"


def test_a_checksum_is_worked_out_again_only_when_the_best_moved():
    asked = []
    book = Book(snapshot([(str(at), "1") for at in range(1, 30)], [("99", "1")]), ordered=True)

    for price in ("3", "29", "2", "25", "24"):
        book.apply(delta([(price, "7")]))
        book.checksum(5, lambda bids, asks: asked.append((bids[0], asks)) or 1)

    assert len(asked) == 3
