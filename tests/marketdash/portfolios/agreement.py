"""What a book and the oracle say of one ledger, in the same words, so that they can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from marketdash.portfolios.accounting.ledger import Entry
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.accounting.pools import METHODS, Pool
from tests.marketdash.portfolios.oracle import Oracle

BASE = "EUR"


def fraction(value: Any) -> Fraction | None:
    return None if value is None else Fraction(value)


def of_pool(pool: Pool) -> list[Any]:
    found = [(fraction(lot.quantity), fraction(lot.cost), lot.opened_us, lot.origin) for lot in pool.lots()]
    known = [cost for _, cost, _, _ in found if cost is not None]
    unknown = [quantity for quantity, cost, _, _ in found if cost is None]
    assert Fraction(pool.quantity) == sum(lot[0] for lot in found)
    assert (Fraction(pool.cost), Fraction(pool.unknown)) == (sum(known), sum(unknown))
    return sorted(found, key=repr)


def of_book(book: Book) -> dict[str, Any]:
    pools = {key: of_pool(pool) for key, pool in book.pools.items()}
    pools |= {
        (account, "contracts", name): of_pool(position.pool)
        for (account, name), position in book.positions.items()
    }
    return {
        "lots": {key: lots for key, lots in pools.items() if lots},
        "sums": {
            key: [
                fraction(tally.amount),
                fraction(tally.value),
                tally.unknown,
                fraction(tally.unknown_amount),
            ]
            for key, tally in book.tallies.items()
        },
        "gained": {key: Fraction(held.gained) for key, held in book.positions.items() if held.gained},
        "paid": {key: Fraction(held.paid) for key, held in book.positions.items() if held.paid},
    }


def of_oracle(oracle: Oracle) -> dict[str, Any]:
    lots = {
        key: sorted(((lot["quantity"], lot["cost"], lot["opened"], lot["origin"]) for lot in held), key=repr)
        for key, held in oracle.lots.items()
    }
    return {
        "lots": {key: held for key, held in lots.items() if held},
        "sums": dict(oracle.sums),
        "gained": {key: gain for key, gain in oracle.gained.items() if gain},
        "paid": {key: paid for key, paid in oracle.paid.items() if paid},
    }


def check(entries: Sequence[Entry], base: str = BASE) -> None:
    """Every method, to the last digit."""
    for method in METHODS:
        oracle = Oracle(base, method)
        for entry in entries:
            oracle.add(entry)
        assert of_book(Book(base, method).fold(entries)) == of_oracle(oracle), method
