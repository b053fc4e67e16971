"""A book against the venue's picture of it: no false alarm whatever is late or old, and a ghost is found."""

from __future__ import annotations

from bisect import bisect_right
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.audit import CLEARED, DOUBTED, FAILED, UNCLEAR, Audit, Witness
from feeds.events import BookDelta, BookSnapshot
from feeds.keeper import Keeper, Rules
from tests.feeds.making import T0_US, PlainCodec, delta, snapshot

MANY = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
BEFORE_S, AFTER_S, BELIEVED_S = 5.0, 5.0, 30.0


def keeper(bids: list, asks: list, depth: int = 0, **differences: Any) -> Keeper:
    made = Keeper(Rules.of(PlainCodec(truncate=True, **differences)))
    assert made.snapshot(snapshot(bids, asks), depth) == ""
    return made


def watched(made: Keeper) -> Witness:
    made.witness = Witness(made.book)
    return made.witness


def picture(bids: list, asks: list, *, depth: int = 20, newest_us: int = 0) -> BookSnapshot:
    return snapshot(bids, asks, depth=depth)._replace(exchange_us=newest_us)


def said(witness: Witness, shown: BookSnapshot) -> list[str]:
    return [str(each) for each in witness.differences(shown)]


BIDS, ASKS = [("99.5", "1.50000000"), ("98.0", "2")], [("101.0", "0.12345678"), ("102.5", "3")]


def test_the_same_book_in_other_digits_does_not_differ():
    witness = watched(keeper(BIDS, ASKS))

    rounded = picture([("99.50000", "1.500"), ("98.00000", "2.000")], [("101", "0.123"), ("102.5", "3.000")])

    assert said(witness, rounded) == []


def test_ghosts_missing_levels_and_wrong_quantities_are_told():
    witness = watched(keeper(BIDS, ASKS))

    shown = picture([("99.50000", "1.400"), ("97.00000", "1.000")], [("100.5", "0.010"), ("102.5", "3.000")])

    assert said(witness, shown) == [
        "bid 99.5: 1.50000000 here, 1.400 there",
        "bid 98: 2 here, nothing there",
        "bid 97: nothing here, 1.000 there",
        "ask 100.5: nothing here, 0.010 there",
        "ask 101: 0.12345678 here, nothing there",
    ]


def test_less_than_the_venue_writes_is_no_difference():
    """What is nothing in three digits may be left out there, or be written as zero or one."""
    witness = watched(keeper([("99", "1"), ("98", "0.00005100")], [("101", "0.0004"), ("102", "0.1239")]))

    shown = picture([("99", "1.000")], [("101", "0.001"), ("101.5", "0.000"), ("102", "0.123")])

    assert said(witness, shown) == []


def test_what_moved_since_says_nothing():
    made = keeper(BIDS, ASKS)
    witness = watched(made)
    made.delta(delta([("99.5", "9")], [("101.0", "0")]))
    made.delta(delta([("97.0", "5")], [("101.0", "0.5")]))

    shown = picture([("99.5", "1.5"), ("98", "2.0")], [("102.5", "3.0")])

    assert said(witness, shown) == []


def test_nothing_is_said_beyond_a_picture_that_was_cut():
    witness = watched(keeper([("99", "1"), ("98", "1"), ("97", "1")], [("101", "1")]))

    cut = picture([("99", "1"), ("98.5", "1")], [("101", "1")], depth=2)

    assert said(witness, cut) == ["bid 98.5: nothing here, 1 there"]


def test_nothing_is_said_beyond_a_book_that_was_cut():
    full = watched(keeper([("99", "1"), ("98", "1"), ("97", "1")], [("101", "1")], depth=2))
    short = watched(keeper([("99", "1"), ("98", "1")], [("101", "1")], depth=3))

    shown = picture([("99", "1"), ("98", "1"), ("97", "1"), ("96", "1")], [("101", "1")])

    assert said(full, shown) == []
    assert said(short, shown) == ["bid 97: nothing here, 1 there", "bid 96: nothing here, 1 there"]


def test_a_side_that_is_short_for_a_moment_is_not_whole():
    made = keeper([("99", "1"), ("98", "1")], [("101", "1")], depth=2)
    witness = watched(made)
    made.delta(delta([("98", "0")]))

    assert said(witness, picture([("99", "1"), ("97", "1")], [("101", "1")])) == []


@pytest.mark.parametrize("bids", [[], [("99", "1")]])
def test_a_few_levels_of_many_are_not_all_there_is(bids):
    """Busy servers were seen to answer so (veox/python3-krakenex issue 20)."""
    held = [(str(99 - at), "1") for at in range(5)]
    witness = watched(keeper(held, [("101", "1")]))

    assert said(witness, picture(bids, [("101", "1")])) == []
    assert said(witness, picture(held[:3], [("101", "1")])) == [
        "bid 96: 1 here, nothing there",
        "bid 95: 1 here, nothing there",
    ]


def test_a_difference_has_to_be_seen_twice_in_a_picture_that_is_new_enough():
    ghost, gone = keeper([("99", "1"), ("98", "1")], ASKS), [("99", "1")]
    new, old = (picture(gone, ASKS, newest_us=T0_US + us) for us in (1_000_000, 999_999))
    fine = picture([("99", "1"), ("98", "1")], ASKS)

    def verdicts(*pictures: tuple[BookSnapshot, bool]) -> list[str]:
        audit = Audit(watched(ghost), 0)
        return [audit.verdict(shown, late=late) for shown, late in pictures]

    assert verdicts((new, True), (new, False)) == [DOUBTED, FAILED]
    assert verdicts((new, False), (fine, False)) == [DOUBTED, CLEARED]
    assert verdicts((new, False), (old, False), (old, True)) == [DOUBTED, DOUBTED, FAILED]
    assert verdicts((old, False), (picture([("98", "1")], ASKS), True)) == [DOUBTED, CLEARED]


def test_what_contradicts_a_checksum_needs_a_date():
    made = keeper([("99", "1"), ("98", "1"), ("97", "1")], ASKS)
    shown, deeper = picture([("99", "1"), ("97", "1")], ASKS), picture([("99", "1"), ("98", "1")], ASKS)
    dated = shown._replace(exchange_us=T0_US + 1_000_000)

    def last(second: BookSnapshot) -> str:
        audit = Audit(watched(made), 2)
        audit.verdict(second, late=True)
        return audit.verdict(second, late=True)

    assert (last(shown), last(deeper), last(dated)) == (UNCLEAR, FAILED, FAILED)


# A venue in time. Bids stand at prices 1 to 40 and asks above, each update sets one level.


class Venue:
    """``at``: milliseconds → what the book was from then on. Its stream shows the best ``depth`` levels."""

    def __init__(self, steps: list[tuple[int, int, int]], depth: int, lost: int = -1) -> None:
        self.depth, self.lost = depth, lost
        self.times, self.books = [0], [dict.fromkeys(range(2, 80, 3), (2000, 0))]
        self.messages: list[tuple[int, BookDelta]] = []
        for number, (gap_ms, price, qty) in enumerate(steps):
            at_ms, book = self.times[-1] + gap_ms, dict(self.books[-1])
            book.pop(price, None)
            if qty:
                book[price] = (qty, at_ms)
            self.messages.append((at_ms, self._message(self.books[-1], book, price, at_ms, number)))
            self.times.append(at_ms)
            self.books.append(book)

    def at(self, ms: int) -> dict[int, tuple[int, int]]:
        return self.books[max(0, bisect_right(self.times, ms) - 1)]

    def _sides(self, book: dict, count: int) -> tuple[dict, dict]:
        bids, asks = sorted((p for p in book if p <= 40), reverse=True), sorted(p for p in book if p > 40)
        return {p: book[p] for p in bids[:count]}, {p: book[p] for p in asks[:count]}

    def _message(self, before: dict, after: dict, moved: int, at_ms: int, number: int) -> BookDelta:
        """Changed levels and those that come into view; what is pushed out is not announced."""
        told = []
        for was, now in zip(self._sides(before, self.depth), self._sides(after, self.depth), strict=True):
            rows = [(price, now[price][0]) for price in now if now[price] != was.get(price)]
            gone = [(moved, 0)] if moved in was and moved not in after and number != self.lost else []
            told.append([(str(price), f"{qty / 10_000:.8f}") for price, qty in gone + rows])
        return replace(delta(*told), exchange_us=T0_US + at_ms * 1000)

    def snapshot(self) -> BookSnapshot:
        sides = self._sides(self.books[0], self.depth)
        return snapshot(*([(str(p), f"{q / 10_000:.8f}") for p, (q, _) in side.items()] for side in sides))

    def picture(self, ms: int, count: int) -> BookSnapshot:
        """Whole seconds and three decimals."""
        sides = self._sides(self.at(ms), count)
        newest_s = max((at // 1000 for side in sides for _, at in side.values()), default=0)
        rows = ([(f"{p}.00000", f"{q // 10 / 1000:.3f}") for p, (q, _) in side.items()] for side in sides)
        return picture(*rows, depth=count, newest_us=T0_US + newest_s * 1_000_000)


STEPS = st.lists(
    st.tuples(st.integers(0, 3000), st.integers(1, 80), st.sampled_from([0, 0, 2000, 3000, 5, 12345])),
    min_size=1,
    max_size=60,
)


class Stream:
    """What reaches us: in order, each message up to five seconds late."""

    def __init__(self, venue: Venue, delays: list[int]) -> None:
        self.keeper = Keeper(Rules.of(PlainCodec(truncate=True)))
        self.keeper.snapshot(venue.snapshot(), venue.depth)
        self._due, newest_ms = [], 0
        for number, (at_ms, message) in enumerate(venue.messages):
            newest_ms = max(newest_ms, at_ms + delays[number % len(delays)])
            self._due.append((newest_ms, message))

    def until(self, ms: int) -> None:
        while self._due and self._due[0][0] <= ms:
            assert self.keeper.delta(self._due.pop(0)[1]) == ""


def audited(venue: Venue, stream: Stream, began_ms: int, ages: list[int], *, patient: bool) -> Audit | None:
    """The audit if it failed. ``ages``: how old each answer is; ``patient``: it is asked until it is late."""
    stream.until(began_ms)
    audit, asked_ms = Audit(watched(stream.keeper), 0), began_ms + round(BEFORE_S * 1000)
    for number in range(12 if patient else 4):
        late = patient and asked_ms - began_ms >= BELIEVED_S * 1000
        shown = venue.picture(asked_ms + 300 - ages[number % len(ages)], 15)
        asked_ms += 300 + round(AFTER_S * 1000)
        stream.until(asked_ms)
        verdict = audit.verdict(shown, late=late)
        if verdict != DOUBTED:
            return audit if verdict == FAILED else None
    return None


DELAYS = st.lists(st.integers(0, 5000), min_size=1, max_size=12)
BEGINNINGS, DEPTHS = st.integers(0, 60_000), st.sampled_from([3, 8, 40])


@MANY
@given(STEPS, DELAYS, BEGINNINGS, DEPTHS, st.lists(st.integers(0, 30_000), min_size=1, max_size=6))
def test_a_true_book_is_never_convicted(steps, delays, began_ms, depth, ages):
    venue = Venue(steps, depth)

    failed = audited(venue, Stream(venue, delays), began_ms, ages, patient=True)

    assert failed is None, [str(each) for each in failed.found]


@MANY
@given(STEPS, DELAYS, BEGINNINGS, DEPTHS, st.lists(st.integers(0, 600_000), min_size=1, max_size=6))
def test_not_even_by_an_answer_from_a_cache_of_any_age(steps, delays, began_ms, depth, ages):
    """Before it is late only what the answer itself shows to be new is believed."""
    venue = Venue(steps, depth)

    assert audited(venue, Stream(venue, delays), began_ms, ages, patient=False) is None


@MANY
@given(STEPS, DELAYS, DEPTHS, st.sampled_from(range(26, 60, 3)), st.integers(0, 60), st.integers(0, 30_000))
def test_a_ghost_that_stays_is_found(steps, delays, depth, price, at, later_ms):
    """However the market moves on, as long as it does not touch that level again."""
    steps = [step for step in steps if step[1] != price]
    lost = min(at, len(steps))
    steps.insert(lost, (100, price, 0))
    venue = Venue(steps, depth, lost)
    stream = Stream(venue, delays)
    began_ms = venue.times[lost + 1] + 5000 + later_ms

    failed = audited(venue, stream, began_ms, [0], patient=True)

    book = stream.keeper.book
    side, worst = (book.bids, min) if price <= 40 else (book.asks, max)
    held = [int(text) for text, _ in side.best(depth)]
    shown = list(venue._sides(venue.at(10**9), 15)[price > 40])
    assume(price in held and worst([price, *shown]) != price)
    assert ("bid" if price <= 40 else "ask", Decimal(price)) in {each.place for each in failed.found}
