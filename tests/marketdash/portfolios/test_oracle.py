"""Lots and gains of random ledgers agree with an oracle in fractions; and what has to hold of every ledger.

The long run, a hundred thousand of them, is in ``tests/faults/test_ledgers.py``.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, seed, settings
from hypothesis import strategies as st

from marketdash.portfolios.accounting.exact import ZERO, precisely
from marketdash.portfolios.accounting.ledger import Entry, Leg, Rate
from marketdash.portfolios.accounting.lots import GAIN, Book, OutOfOrder
from marketdash.portfolios.accounting.pools import METHODS
from marketdash.portfolios.accounting.saving import loaded, saved
from tests.marketdash.portfolios import agreement, writing
from tests.marketdash.portfolios.random_ledgers import KINDS, ledgers

methods = st.sampled_from(sorted(METHODS))


@seed(20261126)
@settings(max_examples=250)
@given(ledgers)
def test_every_method_agrees_with_the_oracle(entries: list[Entry]) -> None:
    agreement.check(entries)


def test_two_parts_of_one_lot_that_are_alike_are_two_lots() -> None:
    """As a hundred thousand ledgers found: an oracle that takes them for one has one more than there is."""
    moved = writing.leg("EUR", "-5.59"), writing.leg("EUR", "5.59", account=2)
    entries = [
        writing.entry("reward", writing.leg("EUR", "12")),
        *(writing.entry("transfer", *moved) for _ in range(2)),
        writing.entry("sell", writing.leg("EUR", "-11", account=2), writing.leg("BTC", "1", account=2)),
    ]

    agreement.check(entries)

    left = Book("EUR", "lifo").fold(entries).holdings()
    assert left == {(1, "EUR"): Decimal("0.82"), (2, "EUR"): Decimal("0.18"), (2, "BTC"): 1}


@seed(1)
@settings(max_examples=50)
@given(ledgers, methods)
def test_what_legs_add_up_to_is_what_is_held(entries: list[Entry], method: str) -> None:
    sums: dict[Any, Decimal] = defaultdict(Decimal)
    with precisely():
        for leg in (leg for entry in entries for leg in entry.legs):
            key = leg.account, leg.instrument if leg.role == "position" else leg.asset
            sums[key] += leg.amount

    book = Book("EUR", method).fold(entries)

    held = book.holdings() | {key: position.pool.quantity for key, position in book.positions.items()}
    assert {key: left for key, left in held.items() if left} == {
        key: left for key, left in sums.items() if left
    }


@seed(2)
@settings(max_examples=50)
@given(ledgers, st.data())
def test_a_fold_goes_on_where_another_ended(entries: list[Entry], data: Any) -> None:
    method, at = data.draw(methods), data.draw(st.integers(0, len(entries)))
    whole = Book("EUR", method).fold(entries)

    grown = Book("EUR", method).fold(entries[:at])
    for entry in entries[at:]:
        grown.apply(entry)

    assert agreement.of_book(grown) == agreement.of_book(whole)


@seed(7)
@settings(max_examples=80)
@given(ledgers, st.data())
def test_a_book_that_was_saved_goes_on_as_if_it_had_not_been(entries: list[Entry], data: Any) -> None:
    method, at = data.draw(methods), data.draw(st.integers(0, len(entries)))
    whole = Book("EUR", method).fold(entries)

    half = loaded(saved(Book("EUR", method).fold(entries[:at])))

    assert agreement.of_book(half.fold(entries[at:])) == agreement.of_book(whole)
    assert saved(half) == saved(whole)


def known(entries: list[Entry], rates: tuple[Rate, ...]) -> list[Entry]:
    """Those that trade or earn, with a rate for every asset: all costs are known."""
    kept = [entry for entry in entries if entry.kind in ("buy", "sell", "swap", "reward", "interest", "fee")]
    return [
        entry._replace(rates=rates, legs=tuple(leg._replace(worth=None) for leg in entry.legs))
        for entry in kept
    ]


@seed(3)
@settings(max_examples=60)
@given(ledgers, st.decimals("0.0001", "99999", places=8, allow_nan=False))
def test_the_method_moves_gains_between_realised_and_unrealised(entries: list[Entry], price: Decimal) -> None:
    """And changes neither what is held nor the sum of both."""
    rates = tuple(Rate(code, "EUR", price * at, "test") for at, code in enumerate(("USD", "BTC", "ETH"), 1))
    mine = known(entries, rates)
    assume(mine)
    books = {method: Book("EUR", method).fold(mine) for method in METHODS}

    with precisely():
        sums = {method: whole_gain(book, price) for method, book in books.items()}
        held = {method: book.holdings() for method, book in books.items()}

    assert len({tuple(sorted(each.items())) for each in held.values()}) == 1
    assert len(set(sums.values())) == 1, sums


def whole_gain(book: Book, price: Decimal) -> Decimal:
    assert all(not pool.unknown for pool in book.pools.values())
    open_ = sum((pool.quantity * price - pool.cost for pool in book.pools.values()), ZERO)
    return book.tally(GAIN).value + open_


@seed(4)
@settings(max_examples=50)
@given(ledgers, methods)
def test_there_and_back_changes_no_lot_and_gains_nothing(entries: list[Entry], method: str) -> None:
    book = Book("EUR", method).fold(entries)
    before = agreement.of_book(book)
    held = [(key, amount) for key, amount in book.holdings().items() if not book.pools.get((9, key[1]))]
    for at, ((account, asset), amount) in enumerate(held):
        for step, (source, target) in enumerate(((account, 9), (9, account))):
            legs = (Leg(source, asset, -amount), Leg(target, asset, amount))
            book.apply(Entry(10_000 + 2 * at + step, 10**12, "transfer", legs))

    assert agreement.of_book(book) == before


@seed(5)
@settings(max_examples=50)
@given(ledgers, methods, st.sampled_from(["2", "10", "0.5", "3", "0.001"]))
def test_a_split_keeps_cost_and_dates(entries: list[Entry], method: str, by: str) -> None:
    book = Book("EUR", method).fold(entries)
    key = max(book.holdings(), key=lambda each: abs(book.holdings()[each]), default=None)
    assume(key is not None)
    pool = book.pools[key]
    cost, count, unknown = pool.cost, len(pool.lots()), bool(pool.unknown)
    dates = sorted(lot.opened_us for lot in pool.lots())
    with precisely():
        legs = (Leg(*key, -pool.quantity), Leg(*key, pool.quantity * Decimal(by)))
    outcomes = book.apply(Entry(10_000, 10**12, "split", legs))

    assert not outcomes
    assert (pool.cost, bool(pool.unknown), pool.quantity) == (cost, unknown, legs[1].amount)
    if by in ("2", "10", "3"):  # nothing that is a lot becomes too small to be one
        assert (len(pool.lots()), sorted(lot.opened_us for lot in pool.lots())) == (count, dates)


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("worth", ["", "3"])
def test_what_is_worth_nothing_has_no_part_with_a_worth(sign: str, worth: str) -> None:
    """Five and something were got for what was worth nothing: nobody can say what the something was worth."""
    against = "" if sign else "-"
    sure = "EUR" if not worth else "USD"
    legs = (
        writing.leg("BTC", f"{against}1", worth="0"),
        writing.leg(sure, f"{sign}5", worth=worth),
        writing.leg("ETH", f"{sign}1"),
    )
    swap = writing.entry("swap", *legs)

    agreement.check([swap])

    (lot,) = Book("EUR", "fifo").fold([swap]).pool(1, "ETH").lots()
    assert lot.cost is None


def test_an_entry_from_before_the_last_one_is_refused() -> None:
    entry = Entry(2, 5, "deposit", (Leg(1, "EUR", Decimal(1)),))
    book = Book("EUR", "fifo").fold([entry])

    for earlier in (entry, entry._replace(id=1), entry._replace(at_us=4, id=3)):
        with pytest.raises(OutOfOrder, match="expected one after"):
            book.apply(earlier)
    assert book.holdings() == {(1, "EUR"): Decimal(1)}


@seed(6)
@settings(max_examples=300)
@given(ledgers)
def test_random_ledgers_reach_what_they_are_made_for(entries: list[Entry]) -> None:
    REACHED.update(entry.kind for entry in entries)
    book = Book("EUR", "hifo").fold(entries)
    REACHED.update(
        name
        for name, is_so in {
            "short": any(pool.quantity < 0 for pool in book.pools.values()),
            "unknown": any(pool.unknown for pool in book.pools.values()),
            "mixed": any(pool.unknown and pool.cost for pool in book.pools.values()),
            "many lots": any(len(pool.lots()) > 3 for pool in book.pools.values()),
            "gain": bool(book.tally(GAIN).value),
            "gain unknown": bool(book.tally(GAIN).unknown),
        }.items()
        if is_so
    )


REACHED: set[str] = set()


def test_all_of_it_was_reached() -> None:
    test_random_ledgers_reach_what_they_are_made_for()

    assert {*KINDS, "short", "unknown", "mixed", "many lots", "gain", "gain unknown"} <= REACHED
