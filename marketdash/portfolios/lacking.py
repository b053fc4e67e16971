"""What nobody can say of a ledger, and what would say it: a rate, or what a deposit cost. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from marketdash.portfolios.basis import valued
from marketdash.portfolios.exact import precisely
from marketdash.portfolios.ledger import CONTRACTS, DEPOSIT, FEE, PAID, PRINCIPAL, Entry
from marketdash.portfolios.lots import POSITION_GAIN, Book
from marketdash.portfolios.preview import unvalued


class Lack(NamedTuple):
    """``assets``: a rate of each says what it was worth then, one may say it of others too. ``cost``: of what
    came in, which is no rate's to say."""

    entry: int
    at_us: int
    kind: str
    assets: tuple[str, ...]
    cost: tuple[str, ...]


def lacks(entries: Iterable[Entry], base: str, method: str) -> list[Lack]:
    """Of a whole ledger, in its order. Contracts that gain nothing yet lack nothing."""
    book, found = Book(base, method), []
    for entry in entries:
        gained = [each for each in book.apply(entry) if each.what == POSITION_GAIN]
        assets = unvalued(entry, base)
        if entry.kind in CONTRACTS and not any(each.value is None for each in gained):
            assets = [asset for asset in assets if asset in _moved(entry, base)]
        cost = uncosted(entry, base)
        if assets or cost:
            found.append(Lack(entry.id, entry.at_us, entry.kind, tuple(assets), cost))
    return found


def _moved(entry: Entry, base: str) -> set[str]:
    """What of it came or went without a worth."""
    with precisely():
        moves = valued(entry, base)
    return {move.asset for move in moves if move.value is None and move.role in (PRINCIPAL, PAID, FEE)}


def uncosted(entry: Entry, base: str) -> tuple[str, ...]:
    """What a deposit brought, where nobody says what it had cost."""
    if entry.kind != DEPOSIT:
        return ()
    with precisely():
        moves = [move for move in valued(entry, base) if move.role == PRINCIPAL and move.value is None]
    return tuple(dict.fromkeys(move.asset for move in moves))
