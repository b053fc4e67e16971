"""Which lot goes first where two are nearly the same, or quite: whoever compares two files finds the same."""

from __future__ import annotations

from decimal import Decimal

import pytest

from marketdash.portfolios.accounting.exact import precisely
from marketdash.portfolios.accounting.ledger import Entry
from marketdash.portfolios.accounting.lots import EARNED, GAIN, Book
from tests.marketdash.portfolios.writing import entry, leg, rate


def left(book: Book, account: int) -> list[tuple[int, int]]:
    """(entry, place of the leg in it) of each lot that is left."""
    return [lot.origin for lot in book.pool(account, "BTC").lots()]


@pytest.mark.parametrize(
    ("lesser", "dearer"),
    [
        (("1", "60000.1"), ("1", "60000.2")),
        (("3", "100"), ("1", "33.333333333333333333333334")),
        (("1", "33.333333333333333333333333"), ("3", "100")),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_the_dearest_is_told_from_one_that_is_hardly_cheaper(
    lesser: tuple[str, str], dearer: tuple[str, str], is_first: bool
) -> None:
    buys = [entry("buy", leg("BTC", amount), leg("EUR", f"-{cost}")) for amount, cost in (lesser, dearer)]
    ordered = [each._replace(id=at, at_us=at) for at, each in enumerate(buys if is_first else buys[::-1])]
    sale = entry("sell", leg("BTC", f"-{dearer[0]}"), leg("EUR", "70000"))

    book = Book("EUR", "hifo").fold([*ordered, sale])

    with precisely():
        assert book.tally(GAIN).value == 70000 - Decimal(dearer[1])


def bought_at_once(*accounts: int) -> list[Entry]:
    """One coin each for 100, in the order of their numbers, all in one moment."""
    made = [entry("buy", leg("BTC", "1", account=each), leg("EUR", "-100")) for each in accounts]
    return [each._replace(at_us=made[0].at_us) for each in made]


@pytest.mark.parametrize(("method", "stays"), [("fifo", 1), ("hifo", 1), ("lifo", 0)])
def test_of_one_moment_the_older_entry_is_the_older_lot_however_they_arrived(method: str, stays: int) -> None:
    older, newer = buys = bought_at_once(3, 1)
    moved = [entry("transfer", leg("BTC", "-1", account=each), leg("BTC", "1", account=2)) for each in (1, 3)]
    sale = entry("sell", leg("BTC", "-1", account=2), leg("EUR", "500"))

    book = Book("EUR", method).fold([older, newer, *moved, sale])

    assert left(book, 2) == [(buys[stays].id, 0)]


@pytest.mark.parametrize(("method", "stays"), [("fifo", 1), ("lifo", 0)])
def test_of_one_entry_lots_are_in_the_order_of_its_legs(method: str, stays: int) -> None:
    both = entry("deposit", leg("BTC", "1", worth="100"), leg("BTC", "1", worth="300"))
    sale = entry("sell", leg("BTC", "-1"), leg("EUR", "500"))

    book = Book("EUR", method).fold([both, sale])

    assert left(book, 1) == [(both.id, stays)]


def test_what_closes_the_last_lot_brings_all_of_its_worth() -> None:
    """Also where that has more places than a share of it would."""
    buys = [entry("buy", leg("BTC", "1"), leg("EUR", "-10")) for _ in range(2)]
    smallest = "0.000000000000000001"
    sale = entry("sell", leg("BTC", "-2"), leg("USD", smallest), rate("USD", "0.900000000001"))

    book = Book("EUR", "fifo").fold([*buys, sale])

    with precisely():
        assert book.tally(GAIN).value == Decimal(smallest) * Decimal("0.900000000001") - 20


def test_what_arrives_where_something_is_owed_pays_it_back_at_its_own_cost() -> None:
    short = entry("sell", leg("BTC", "-1", account=2), leg("EUR", "300"))
    bought = entry("buy", leg("BTC", "3"), leg("EUR", "-300"))
    moved = entry("transfer", leg("BTC", "-2"), leg("BTC", "2", account=2))

    book = Book("EUR", "fifo").fold([short, bought, moved])

    assert book.tally(GAIN).value == 300 - 100 and not book.tally(GAIN).unknown
    assert [(lot.quantity, lot.cost) for lot in book.pool(2, "BTC").lots()] == [(1, 100)]


def test_a_lot_too_small_for_a_split_leaves_its_cost() -> None:
    dust, whole = "0.000000000000000000000001", "1.000000000000000000000001"
    buys = [
        entry("buy", leg("BTC", amount), leg("EUR", f"-{cost}")) for amount, cost in ((dust, 5), (1, 100))
    ]
    split = entry("split", leg("BTC", f"-{whole}"), leg("BTC", "0.001"))

    book = Book("EUR", "fifo").fold([*buys, split])

    assert [(lot.quantity, lot.cost) for lot in book.pool(1, "BTC").lots()] == [(Decimal("0.001"), 105)]
    assert book.pool(1, "BTC").cost == 105


def test_after_a_split_the_dearest_is_the_dearest_of_now() -> None:
    split_ones = [
        entry("buy", leg("BTC", "1"), leg("EUR", "-100")),
        entry("split", leg("BTC", "-1"), leg("BTC", "10")),
    ]
    dearest = entry("buy", leg("BTC", "1"), leg("EUR", "-50"))
    sale = entry("sell", leg("BTC", "-1"), leg("EUR", "60"))

    book = Book("EUR", "hifo").fold([*split_ones, dearest, sale])

    assert book.tally(GAIN).value == 60 - 50 and left(book, 1) == [(split_ones[0].id, 0)]


def test_of_two_rates_the_first_that_was_stated_counts() -> None:
    twice = entry("reward", leg("NEW", "1"), rate("NEW", "5"), rate("NEW", "7"))
    through = (rate("BNB", "2", "USD"), rate("BNB", "3", "BTC"), rate("USD", "1"), rate("BTC", "1"))

    book = Book("EUR", "fifo").fold([twice, entry("reward", leg("BNB", "1"), *through)])

    assert [book.tallies[EARNED, 1, code].value for code in ("NEW", "BNB")] == [5, 2]


def test_by_weights_of_nothing_nobody_can_say_what_cost_how_much() -> None:
    swap = entry("swap", leg("EUR", "-100"), leg("BTC", "1", worth="0"), leg("ETH", "1", worth="0"))

    book = Book("EUR", "fifo").fold([swap])

    assert [lot.cost for code in ("BTC", "ETH") for lot in book.pool(1, code).lots()] == [None, None]
