"""What an entry would do to a ledger, before it is there. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from marketdash.portfolios.basis import valued
from marketdash.portfolios.exact import ZERO, precisely
from marketdash.portfolios.ledger import CARRIES, DEPOSIT, FEE, PRINCIPAL, WITHDRAWAL, Entry
from marketdash.portfolios.lots import GAIN, POSITION_GAIN, Book, Outcome

AFTER_ALL = 2**62
"""The number of an entry that has none yet: after every other of its time."""


class Change(NamedTuple):
    account: int
    asset: str
    before: Decimal
    after: Decimal

    @property
    def owes(self) -> bool:
        """It owes afterwards, and more than before."""
        return self.after < 0 and self.after < self.before


class Preview(NamedTuple):
    """``outcomes`` are of the entry itself. ``realised`` is what all realised gain becomes more by, that of
    later entries included; ``unknown`` by how many parts more nobody can say."""

    changes: list[Change]
    outcomes: list[Outcome]
    realised: Decimal
    unknown: int


def folded(
    entries: Iterable[Entry], entry: Entry, without: int | None, base: str, method: str
) -> tuple[Book, list[Outcome]]:
    """The book as it would be, and what the entry did on its way; ``without`` is the one that it replaces."""
    book, outcomes, waiting = Book(base, method), None, True
    for each in entries:
        if waiting and (each.at_us, each.id) > (entry.at_us, entry.id):
            outcomes, waiting = book.apply(entry), False
        if each.id != without:
            book.apply(each)
    return book, book.apply(entry) if outcomes is None else outcomes


def compared(before: Book, after: Book, outcomes: list[Outcome]) -> Preview:
    old, new = before.holdings(), after.holdings()
    changes = [
        Change(account, asset, old.get((account, asset), ZERO), new.get((account, asset), ZERO))
        for account, asset in sorted({*old, *new})
        if old.get((account, asset)) != new.get((account, asset))
    ]
    was, now = ((book.tally(GAIN), book.tally(POSITION_GAIN)) for book in (before, after))
    with precisely():
        realised = sum((each.value for each in now), ZERO) - sum((each.value for each in was), ZERO)
    unknown = sum(each.unknown for each in now) - sum(each.unknown for each in was)
    return Preview(changes, outcomes, realised, unknown)


def unvalued(entry: Entry, base: str) -> list[str]:
    """Assets of which nothing says what they were worth, where a rate would; those that were paid first."""
    needs_none = entry.kind in CARRIES or entry.kind in (DEPOSIT, WITHDRAWAL)
    roles = (FEE,) if needs_none else (PRINCIPAL, FEE)
    with precisely():
        moves = [move for move in valued(entry, base) if move.value is None and move.role in roles]
    moves.sort(key=lambda move: (move.role == FEE, move.amount > 0))
    return list(dict.fromkeys(move.asset for move in moves))
