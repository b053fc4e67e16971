"""The fold: entries in their order → lots, gains, fees, funding, income. Pure.

A :class:`Book` is the state and :meth:`Book.apply` one step, so a live page goes on where a page load ended.
Nothing here knows a price of today: what is unrealised follows from a pool and a price.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from marketdash.portfolios.accounting.basis import Move, cost_of, delivering, valued
from marketdash.portfolios.accounting.exact import ZERO, precisely, share
from marketdash.portfolios.accounting.ledger import (
    CARRIES,
    EXERCISE,
    FEE,
    FUNDING,
    INCOMES,
    PAID,
    POSITION,
    PRINCIPAL,
    WITHDRAWAL,
    Contract,
    Entry,
)
from marketdash.portfolios.accounting.pools import POOLS, Closed, Lot, Origin, Pool, scaled

GAIN, FEE_PAID, FUNDED, EARNED, POSITION_GAIN = "gain", "fee", "funding", "income", "position"
PREMIUM = "premium"
"""What an option had cost goes into the cost of what it delivers, or is taken off what that brought."""


class OutOfOrder(ValueError):
    """An entry from before the last one: fold anew from an earlier state."""


class Tally:
    """A sum in the base currency, and beside it what could not be said: how often and how much of the thing.

    ``amount`` counts all of the thing, in its own unit.
    """

    __slots__ = ("amount", "unknown", "unknown_amount", "value")

    def __init__(self) -> None:
        self.amount = self.value = self.unknown_amount = ZERO
        self.unknown = 0

    def add(self, amount: Decimal, value: Decimal | None) -> None:
        self.amount += amount
        if value is None:
            self.unknown += 1
            self.unknown_amount += amount
        else:
            self.value += value


class Outcome(NamedTuple):
    """What one entry did: ``what`` to how much of which ``thing``; ``closed`` where it ended a part of a lot.

    ``value`` is in the base currency, None where unknown.
    """

    what: str
    account: int
    thing: str
    amount: Decimal
    value: Decimal | None
    closed: Closed | None = None


Told: TypeAlias = Callable[[Entry, Sequence[Move], Sequence[Outcome]], None]


class Position:
    """Contracts of one instrument in one account. Its pool, ``gained`` and ``paid`` are in ``asset``.

    What it gained is fixed by the lots, what was ``paid`` by the exchange in its own time: the difference,
    with what is unrealised, is still to come.
    """

    __slots__ = ("asset", "contract", "gained", "paid", "pool")

    def __init__(self, pool: Pool) -> None:
        self.pool, self.asset = pool, ""
        self.contract: Contract | None = None
        self.gained = self.paid = ZERO


class Book:
    """All that follows from a ledger so far. Keys are (account, asset) and (account, instrument)."""

    def __init__(self, base: str, method: str) -> None:
        self.base, self.method = base, method
        self.last = (-1, -1)
        self.pools: dict[tuple[int, str], Pool] = {}
        self.positions: dict[tuple[int, str], Position] = {}
        self.tallies: dict[tuple[str, int, str], Tally] = {}

    def fold(self, entries: Iterable[Entry], told: Told | None = None) -> Book:
        """All of them, in order; itself. ``told`` hears of each what its legs were worth and what it did."""
        with precisely():
            for entry in entries:
                self._apply(entry, told)
        return self

    def apply(self, entry: Entry) -> list[Outcome]:
        """One more. Raises :class:`OutOfOrder`."""
        with precisely():
            return self._apply(entry)

    def holdings(self) -> dict[tuple[int, str], Decimal]:
        """What is there of each asset, nothing left out but zeros."""
        return {key: pool.quantity for key, pool in self.pools.items() if pool.quantity}

    def tally(self, what: str) -> Tally:
        """Of all accounts and things together; ``amount`` makes sense only where they are one thing."""
        whole = Tally()
        with precisely():
            for (each, _, _), tally in self.tallies.items():
                if each == what:
                    whole.amount += tally.amount
                    whole.value += tally.value
                    whole.unknown += tally.unknown
                    whole.unknown_amount += tally.unknown_amount
        return whole

    def pool(self, account: int, asset: str) -> Pool:
        key = account, asset
        found = self.pools.get(key)
        if found is None:
            found = self.pools[key] = POOLS[self.method]()
        return found

    def _apply(self, entry: Entry, told: Told | None = None) -> list[Outcome]:
        at = entry.at_us, entry.id
        if at <= self.last:
            raise OutOfOrder(f"entry {entry.id}: expected one after {self.last}, found {at}")
        self.last = at
        step, moves = _Step(self, entry), valued(entry, self.base)
        step.run(moves)
        for outcome in step.outcomes:
            self._count(outcome)
        if told is not None:
            told(entry, moves, step.outcomes)
        return step.outcomes

    def _count(self, outcome: Outcome) -> None:
        key = outcome.what, outcome.account, outcome.thing
        tally = self.tallies.get(key)
        if tally is None:
            tally = self.tallies[key] = Tally()
        tally.add(outcome.amount, outcome.value)


class _Step:
    """One entry on its way into a book."""

    __slots__ = ("at", "book", "entry", "outcomes")

    def __init__(self, book: Book, entry: Entry) -> None:
        self.book, self.entry, self.at = book, entry, 0
        self.outcomes: list[Outcome] = []

    @property
    def origin(self) -> Origin:
        return self.entry.id, self.at

    def run(self, moves: list[Move]) -> None:
        if self.entry.kind in CARRIES:
            principal = [move for move in moves if move.role == PRINCIPAL]
            for given, got in zip(principal[::2], principal[1::2], strict=True):
                self._carry(given, got)
            moves = [move for move in moves if move.role != PRINCIPAL]
        moved = self._deliver(moves) if self.entry.kind == EXERCISE else None
        for self.at, move in enumerate(moves):
            if self.at != moved:
                _STEPS[move.role](self, move)

    def _deliver(self, moves: list[Move]) -> int | None:
        """The contracts, before what they deliver: the place of their leg, where it is plain what that is."""
        places = delivering(moves)
        if places is None:
            return None
        self.at, what = places
        contracts, delivered = moves[self.at], moves[what]
        gain = ZERO
        for closed in self._close(contracts):
            part = closed.gain or ZERO
            value = ZERO if not part else None if contracts.unit is None else -part * contracts.unit
            self._told(PREMIUM, contracts, closed, value)
            gain += part
        if gain:
            unknown = delivered.value is None or contracts.unit is None
            value = None if unknown else delivered.value - gain * contracts.unit  # type: ignore[operator]
            moves[what] = delivered._replace(value=value)
        return self.at

    def principal(self, move: Move) -> None:
        kind = self.entry.kind
        if kind == WITHDRAWAL:
            self._leave(move)
            return
        self._trade(move)
        if kind in INCOMES:
            self._note(EARNED, move, move.value)
        elif kind == FUNDING:
            self._note(FUNDED, move, move.value)

    def paid(self, move: Move) -> None:
        self._trade(move)
        self._position(move).paid += move.amount

    def fee(self, move: Move) -> None:
        """Paid, or a rebate. What it is paid in leaves its own lots, at what the fee was worth."""
        self._trade(move)
        self._note(FEE_PAID, move, move.value)

    def position(self, move: Move) -> None:
        for closed in self._close(move):
            gain = closed.gain or ZERO
            self._told(POSITION_GAIN, move, closed, None if move.unit is None else gain * move.unit)

    def _close(self, move: Move) -> list[Closed]:
        """What of the contracts ends; the position has gained it."""
        held = self._position(move)
        assert move.contract is not None
        held.contract, held.asset = move.contract, move.asset
        worth = cost_of(move.amount, move.contract)
        ended = held.pool.trade(move.amount, worth, self.entry.at_us, self.origin)
        held.gained += sum((closed.gain or ZERO for closed in ended), ZERO)
        return ended

    def _told(self, what: str, move: Move, closed: Closed, value: Decimal | None) -> None:
        told = Outcome(what, move.account, move.instrument, closed.quantity, value, closed)
        self.outcomes.append(told)

    def _position(self, move: Move) -> Position:
        key = move.account, move.instrument
        found = self.book.positions.get(key)
        if found is None:
            found = self.book.positions[key] = Position(POOLS[self.book.method]())
            found.asset = move.asset
        return found

    def _trade(self, move: Move) -> None:
        pool = self.book.pool(move.account, move.asset)
        self._gained(move, pool.trade(move.amount, move.value, self.entry.at_us, self.origin))

    def _gained(self, move: Move, closed: Iterable[Closed]) -> None:
        for each in closed:
            self.outcomes.append(Outcome(GAIN, move.account, move.asset, each.quantity, each.gain, each))

    def _note(self, what: str, move: Move, value: Decimal | None) -> None:
        thing = move.instrument or move.asset
        self.outcomes.append(Outcome(what, move.account, thing, move.amount, value))

    def _leave(self, move: Move) -> None:
        """Taken out of the portfolio: no sale, so no gain. More than there was is owed at an unknown cost."""
        taken = self.book.pool(move.account, move.asset).take(-move.amount)
        left = move.amount + sum((lot.quantity for lot in taken), ZERO)
        if left:
            self._trade(move._replace(amount=left, value=None))

    def _carry(self, given: Move, got: Move) -> None:
        """Lots keep their date and cost. What was not there to be carried arrives at an unknown cost."""
        lots = self.book.pool(given.account, given.asset).take(-given.amount)
        missing = -given.amount - sum((lot.quantity for lot in lots), ZERO)
        if missing:
            lots.append(Lot(missing, None, self.entry.at_us, self.origin))
            self._trade(given._replace(amount=-missing, value=None))
        pool = self.book.pool(got.account, got.asset)
        for lot in lots if got.amount == -given.amount else scaled(lots, got.amount):
            self._gained(got, pool.carry(lot))


_STEPS = {PRINCIPAL: _Step.principal, PAID: _Step.paid, POSITION: _Step.position, FEE: _Step.fee}


def unrealised(pool: Pool, value: Decimal) -> tuple[Decimal, Decimal]:
    """Of what is held, were it closed now for ``value``: the gain of the lots whose cost is known, and the
    quantity of the others, of which nobody can say."""
    with precisely():
        if not pool.unknown:
            return value - pool.cost, ZERO
        known = pool.quantity - pool.unknown
        of_known = share(value, known, pool.quantity) if known else ZERO
        return of_known - pool.cost, pool.unknown
