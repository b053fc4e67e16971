"""What nobody can say of a ledger, and what would say it: a rate, or what a deposit cost. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from marketdash.portfolios.accounting.basis import Move, valued
from marketdash.portfolios.accounting.exact import precisely
from marketdash.portfolios.accounting.ledger import CONTRACTS, DEPOSIT, POSITION, PRINCIPAL, Entry
from marketdash.portfolios.accounting.lots import POSITION_GAIN, PREMIUM, Outcome, Told
from marketdash.portfolios.accounting.preview import unknown_of


class Lack(NamedTuple):
    """``assets``: a rate of each says what it was worth then, one may say it of others too. ``cost``: of what
    came in, which is no rate's to say."""

    entry: int
    at_us: int
    kind: str
    assets: tuple[str, ...]
    cost: tuple[str, ...]


def into(found: list[Lack]) -> Told:
    """To be told of a ledger while it is folded, in its order: what it lacks is put there."""

    def hear(entry: Entry, moves: Sequence[Move], outcomes: Sequence[Outcome]) -> None:
        if any(move.value is None for move in moves) and (lack := _of(entry, moves, outcomes)):
            found.append(lack)

    return hear


def _of(entry: Entry, moves: Sequence[Move], outcomes: Iterable[Outcome]) -> Lack | None:
    """Contracts that gain nothing yet lack nothing."""
    assets = unknown_of(entry, moves)
    if entry.kind in CONTRACTS and not _gains(outcomes):
        moved = {move.asset for move in moves if move.value is None and move.role != POSITION}
        assets = [asset for asset in assets if asset in moved]
    cost = _of_deposit(entry, moves)
    return Lack(entry.id, entry.at_us, entry.kind, tuple(assets), cost) if assets or cost else None


def _gains(outcomes: Iterable[Outcome]) -> bool:
    """Something of which nobody can say how much it is in the currency."""
    return any(each.what in (POSITION_GAIN, PREMIUM) and each.value is None for each in outcomes)


def uncosted(entry: Entry, base: str) -> tuple[str, ...]:
    """What a deposit brought, where nobody says what it had cost."""
    with precisely():
        return _of_deposit(entry, valued(entry, base))


def _of_deposit(entry: Entry, moves: Iterable[Move]) -> tuple[str, ...]:
    if entry.kind != DEPOSIT:
        return ()
    unknown = (move.asset for move in moves if move.role == PRINCIPAL and move.value is None)
    return tuple(dict.fromkeys(unknown))
