"""The matching engine against what any exchange promises, over random orders."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.simulator.matching import ASK, BID, Change, Fill, MatchingBook

sides = st.sampled_from([BID, ASK])
limits = st.tuples(st.just("limit"), sides, st.integers(90, 110), st.integers(1, 50))
markets = st.tuples(st.just("market"), sides, st.just(0), st.integers(1, 80))
cancels = st.tuples(st.just("cancel"), st.just(0), st.just(0), st.integers(1, 60))
actions = st.lists(st.one_of(limits, limits, limits, markets, cancels), max_size=120)


def _play(book: MatchingBook, action: tuple[str, int, int, int]) -> tuple[int, int, int]:
    """(quantity that came, that traded, that was cancelled)."""
    kind, side, price, amount = action
    if kind == "limit":
        _, fills = book.limit(side, price, amount)
        return amount, sum(fill.qty for fill in fills), 0
    if kind == "market":
        traded = sum(fill.qty for fill in book.market(side, amount))
        return traded, traded, 0
    return 0, 0, book.cancel(amount)


def _resting(book: MatchingBook) -> int:
    return sum(sum(side.totals.values()) for side in book.sides)


@given(actions)
def test_book_is_never_crossed(played: list[tuple[str, int, int, int]]) -> None:
    book = MatchingBook()

    for action in played:
        _play(book, action)
        bids, asks = book.sides
        assert not bids.keys or not asks.keys or bids.best() < asks.best()


@given(actions)
def test_quantity_is_conserved(played: list[tuple[str, int, int, int]]) -> None:
    book, came, gone = MatchingBook(), 0, 0

    for action in played:
        arrived, traded, cancelled = _play(book, action)
        came, gone = came + arrived, gone + 2 * traded + cancelled

    assert _resting(book) == came - gone
    assert _resting(book) == sum(
        qty for side in book.sides for level in side.levels.values() for qty in level.values()
    )


@given(actions)
@settings(max_examples=50)
def test_changes_rebuild_the_book(played: list[tuple[str, int, int, int]]) -> None:
    book, copy = MatchingBook(), ({}, {})

    for action in played:
        _play(book, action)
        for side, price, qty in book.take_changes():
            copy[side][price] = qty

    for side in (BID, ASK):
        assert {price: qty for price, qty in copy[side].items() if qty} == book.sides[side].totals


@given(actions)
@settings(max_examples=50)
def test_prices_are_sorted_by_distance_from_the_touch(played: list[tuple[str, int, int, int]]) -> None:
    book = MatchingBook()

    for action in played:
        _play(book, action)

    for side, backwards in zip(book.sides, (True, False), strict=True):
        prices = [price for price, _ in side.top(0)]
        assert prices == sorted(side.totals, reverse=backwards)


def test_earlier_order_at_a_price_is_filled_first() -> None:
    book = MatchingBook()
    first, _ = book.limit(ASK, 100, 5)
    second, _ = book.limit(ASK, 100, 5)
    better, _ = book.limit(ASK, 99, 1)

    _, fills = book.limit(BID, 100, 8)

    assert fills == [Fill(99, 1, better), Fill(100, 5, first), Fill(100, 2, second)]
    assert book.sides[ASK].top(0) == [(100, 3)]


def test_order_matches_only_up_to_its_limit_and_rests() -> None:
    book = MatchingBook()
    book.limit(ASK, 100, 5)
    book.limit(ASK, 102, 5)
    book.take_changes()

    order, fills = book.limit(BID, 101, 7)

    assert [fill.qty for fill in fills] == [5]
    assert book.orders[order] == (BID, 101)
    assert book.take_changes() == [Change(ASK, 100, 0), Change(BID, 101, 2)]


def test_order_that_may_not_rest_leaves_nothing() -> None:
    book = MatchingBook()
    book.limit(ASK, 100, 5)

    assert book.limit(BID, 100, 9, rest=False)[0] == 0
    assert _resting(book) == 0


@pytest.mark.parametrize(("price", "qty"), [(0, 1), (1, 0), (-1, 1)])
def test_order_without_price_or_quantity_is_refused(price: int, qty: int) -> None:
    with pytest.raises(ValueError, match="order: price and quantity must be positive"):
        MatchingBook().limit(BID, price, qty)
