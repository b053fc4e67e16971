"""What an entry would do to a ledger, before it is there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from marketdash.portfolios.accounting.basis import Move, valued
from marketdash.portfolios.accounting.exact import ZERO, precisely
from marketdash.portfolios.accounting.ledger import (
    CARRIES,
    DEPOSIT,
    FEE,
    PAID,
    POSITION,
    PRINCIPAL,
    WITHDRAWAL,
    Entry,
)
from marketdash.portfolios.accounting.lots import GAIN, POSITION_GAIN, Book, Outcome

AFTER_ALL = 2**62
"""The number of an entry that has none yet: after every other of its time."""


class Change(NamedTuple):
    """Of an asset, or of the contracts of an instrument."""

    account: int
    asset: str
    before: Decimal
    after: Decimal
    is_contract: bool = False

    @property
    def owes(self) -> bool:
        """It owes afterwards, and more than before. Contracts may be short: nothing is owed then."""
        return not self.is_contract and self.after < 0 and self.after < self.before


class Preview(NamedTuple):
    """``outcomes`` are of the entry itself. ``realised`` is what all realised gain becomes more by, that of
    later entries included; ``unknown`` by how many parts more nobody can say. Where ``is_brief`` neither is
    worked out: quantities alone."""

    changes: list[Change]
    outcomes: list[Outcome]
    realised: Decimal | None
    unknown: int
    is_brief: bool = False


def folded(
    book: Book, entries: Iterable[Entry], entry: Entry, without: int | None
) -> tuple[Book, list[Outcome]]:
    """The book as it would be, and what the entry did on its way; ``without`` is the one that it replaces.
    ``book`` ends before both, and is folded further by the ``entries`` behind it."""
    outcomes, waiting = None, True
    for each in entries:
        if waiting and (each.at_us, each.id) > (entry.at_us, entry.id):
            outcomes, waiting = book.apply(entry), False
        if each.id != without:
            book.apply(each)
    return book, book.apply(entry) if outcomes is None else outcomes


def compared(before: Book, after: Book, outcomes: list[Outcome]) -> Preview:
    changes = _changes(_contracts(before), _contracts(after), is_contract=True)
    changes += _changes(before.holdings(), after.holdings())
    was, now = ((book.tally(GAIN), book.tally(POSITION_GAIN)) for book in (before, after))
    with precisely():
        realised = sum((each.value for each in now), ZERO) - sum((each.value for each in was), ZERO)
    unknown = sum(each.unknown for each in now) - sum(each.unknown for each in was)
    return Preview(changes, outcomes, realised, unknown)


def brief(before: Book, entry: Entry, replaced: Entry | None) -> Preview:
    """Of a ledger too long to be folded for it: quantities are sums, whatever the order. ``replaced`` is what
    counts no more then."""
    held, contracts = before.holdings(), dict(_contracts(before))
    with precisely():
        for each, sign in ((entry, 1), (replaced, -1)):
            for leg in each.legs if each is not None else ():
                of, thing = (contracts, leg.instrument) if leg.role == POSITION else (held, leg.asset)
                key = leg.account, thing
                of[key] = of.get(key, ZERO) + sign * leg.amount
    changes = _changes(_contracts(before), contracts, is_contract=True)
    return Preview(changes + _changes(before.holdings(), held), [], None, 0, is_brief=True)


_Quantities = Mapping[tuple[int, str], Decimal]


def _contracts(book: Book) -> _Quantities:
    return {key: held.pool.quantity for key, held in book.positions.items() if held.pool.quantity}


def _changes(old: _Quantities, new: _Quantities, is_contract: bool = False) -> list[Change]:
    return [
        Change(*key, old.get(key, ZERO), new.get(key, ZERO), is_contract)
        for key in sorted({*old, *new})
        if old.get(key, ZERO) != new.get(key, ZERO)
    ]


def unvalued(entry: Entry, base: str) -> list[str]:
    """Assets of which nothing says what they were worth, where a rate would; those that were paid first.

    What contracts gain is turned into the currency by a rate of what they settle in.
    """
    with precisely():
        return unknown_of(entry, valued(entry, base))


def unknown_of(entry: Entry, moves: Iterable[Move]) -> list[str]:
    """As :func:`unvalued`, of what its legs were found to be worth."""
    needs_none = entry.kind in CARRIES or entry.kind in (DEPOSIT, WITHDRAWAL)
    roles = (FEE,) if needs_none else (PRINCIPAL, PAID, POSITION, FEE)
    found = [move for move in moves if move.role in roles and _is_unknown(move)]
    found.sort(key=lambda move: (move.role == FEE, move.amount > 0))
    return list(dict.fromkeys(move.asset for move in found))


def _is_unknown(move: Move) -> bool:
    return (move.unit if move.role == POSITION else move.value) is None
