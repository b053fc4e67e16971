"""What nobody can say of a ledger, and what would say it: a rate, or what a deposit cost. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from marketdash.portfolios.basis import Move, valued
from marketdash.portfolios.exact import precisely
from marketdash.portfolios.ledger import CONTRACTS, DEPOSIT, POSITION, PRINCIPAL, Entry
from marketdash.portfolios.lots import POSITION_GAIN, Book, Outcome
from marketdash.portfolios.preview import unknown_of


class Lack(NamedTuple):
    """``assets``: a rate of each says what it was worth then, one may say it of others too. ``cost``: of what
    came in, which is no rate's to say."""

    entry: int
    at_us: int
    kind: str
    assets: tuple[str, ...]
    cost: tuple[str, ...]


def lacks(entries: Iterable[Entry], base: str, method: str) -> list[Lack]:
    """Of a whole ledger, in its order. Contracts that gain nothing yet lack nothing: those are folded."""
    book, found = Book(base, method), []
    with precisely():
        for entry in entries:
            moves = valued(entry, base)
            assets = unknown_of(entry, moves)
            if entry.kind in CONTRACTS and not _gains(book.apply(entry)):
                moved = {move.asset for move in moves if move.value is None and move.role != POSITION}
                assets = [asset for asset in assets if asset in moved]
            cost = _of_deposit(entry, moves)
            if assets or cost:
                found.append(Lack(entry.id, entry.at_us, entry.kind, tuple(assets), cost))
    return found


def _gains(outcomes: Iterable[Outcome]) -> bool:
    """Something of which nobody can say how much it is in the currency."""
    return any(each.what == POSITION_GAIN and each.value is None for each in outcomes)


def uncosted(entry: Entry, base: str) -> tuple[str, ...]:
    """What a deposit brought, where nobody says what it had cost."""
    with precisely():
        return _of_deposit(entry, valued(entry, base))


def _of_deposit(entry: Entry, moves: Iterable[Move]) -> tuple[str, ...]:
    if entry.kind != DEPOSIT:
        return ()
    unknown = (move.asset for move in moves if move.role == PRINCIPAL and move.value is None)
    return tuple(dict.fromkeys(unknown))
