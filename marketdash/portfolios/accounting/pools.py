"""Lots of one thing in one account, and which of them goes first. Pure.

A lot is signed: one that was bought has a positive quantity and what it cost; one that was sold short has
a negative quantity and, as a negative cost, what it brought. So one rule serves both: what a lot gained is
``-(value + cost)`` of the part that was closed. A cost of None is unknown, and stays so.

All functions run under :func:`marketdash.portfolios.accounting.exact.precisely`.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from marketdash.portfolios.accounting.exact import ZERO, ratio, share

FIFO, LIFO, HIFO, AVERAGE = "fifo", "lifo", "hifo", "average"
METHODS = {
    FIFO: "First in, first out",
    LIFO: "Last in, first out",
    HIFO: "Highest cost first",
    AVERAGE: "Average cost",
}

Origin = tuple[int, int]
"""(entry, place of the leg in it) that opened a lot."""


class Lot:
    """``unit`` is its cost for one, as it was opened: what :data:`HIFO` orders by. ``arrived`` numbers the
    lots that its pool was given."""

    __slots__ = ("arrived", "cost", "opened_us", "origin", "quantity", "unit")

    def __init__(
        self,
        quantity: Decimal,
        cost: Decimal | None,
        opened_us: int,
        origin: Origin,
        unit: Decimal | None = None,
    ) -> None:
        self.quantity, self.cost, self.unit = quantity, cost, unit
        self.opened_us, self.origin, self.arrived = opened_us, origin, 0

    def part(self, quantity: Decimal) -> Lot:
        """Taken out of this one, which keeps the rest of its cost."""
        cost = None if self.cost is None else share(self.cost, quantity, self.quantity)
        self.quantity -= quantity
        if cost is not None and self.cost is not None:
            self.cost -= cost
        return Lot(quantity, cost, self.opened_us, self.origin, self.unit)


class Closed(NamedTuple):
    """A part of a lot, and what it was closed for. ``quantity`` has the sign of the lot."""

    quantity: Decimal
    cost: Decimal | None
    value: Decimal | None
    opened_us: int
    origin: Origin

    @property
    def gain(self) -> Decimal | None:
        if self.cost is None or self.value is None:
            return None
        return -(self.value + self.cost)


class Pool:
    """``cost`` is that of the lots whose cost is known; ``unknown`` the quantity of the others.

    Where ``asleep`` is not None, it gives the lots, and nobody has asked for them yet: what a page shows
    first are sums.
    """

    __slots__ = ("_heap", "arrivals", "asleep", "cost", "quantity", "unknown")

    def __init__(self) -> None:
        self.quantity = self.cost = self.unknown = ZERO
        self.arrivals = 0
        self.asleep: Callable[[], Iterable[Lot]] | None = None
        self._heap: list[tuple[Any, ...]] = []

    def trade(self, amount: Decimal, value: Decimal | None, opened_us: int, origin: Origin) -> list[Closed]:
        """Close what stands against ``amount``; what is left of it opens a lot."""
        if not self._stands_against(amount):
            self._put(Lot(amount, value, opened_us, origin))
            return []
        closed = []
        for lot in self.take(-amount):
            part = value if lot.quantity == -amount or value is None else share(value, -lot.quantity, amount)
            amount += lot.quantity
            value = None if value is None or part is None else value - part
            closed.append(Closed(lot.quantity, lot.cost, part, lot.opened_us, lot.origin))
        if amount:
            self._put(Lot(amount, value, opened_us, origin))
        return closed

    def carry(self, lot: Lot) -> list[Closed]:
        """A lot that comes from elsewhere. One that meets a short position pays it back at its own cost."""
        if self._stands_against(lot.quantity):
            return self.trade(lot.quantity, lot.cost, lot.opened_us, lot.origin)
        self._put(lot)
        return []

    def take(self, quantity: Decimal) -> list[Lot]:
        """Lots that add up to ``quantity``, or to what there is of its sign, the first to go first."""
        if not self._stands_against(-quantity):
            return []
        self.wake()
        wanted = quantity if abs(quantity) < abs(self.quantity) else self.quantity
        taken = list(self._taken(wanted))
        for lot in taken:
            self._count(lot, -1)
        return taken

    def lots(self) -> list[Lot]:
        """The first to go first."""
        self.wake()
        return self._lots()

    def wake(self) -> None:
        if self.asleep is not None:
            lots, self.asleep = self.asleep(), None
            self._restore(lots)

    def _lots(self) -> list[Lot]:
        return [item[-1] for item in sorted(self._heap)]

    def _restore(self, lots: Iterable[Lot]) -> None:
        """They come in their order, and so are a heap already."""
        self._heap = [(*self._rank(lot), lot) for lot in lots]

    def _stands_against(self, amount: Decimal) -> bool:
        return bool(self.quantity) and (self.quantity > 0) != (amount > 0)

    def _count(self, lot: Lot, sign: int) -> None:
        self.quantity += sign * lot.quantity
        if lot.cost is None:
            self.unknown += sign * lot.quantity
        else:
            self.cost += sign * lot.cost

    def _put(self, lot: Lot) -> None:
        self.wake()
        self._count(lot, 1)
        self.arrivals += 1
        lot.arrived = self.arrivals
        heapq.heappush(self._heap, (*self._rank(lot), lot))

    def _taken(self, wanted: Decimal) -> Iterator[Lot]:
        while wanted:
            lot = self._heap[0][-1]
            if abs(lot.quantity) > abs(wanted):
                yield lot.part(wanted)
                return
            heapq.heappop(self._heap)
            wanted -= lot.quantity
            yield lot

    def _rank(self, lot: Lot) -> tuple[Any, ...]:
        """Oldest first; of equals the one that arrived first. No two are the same."""
        return (lot.opened_us, *lot.origin, lot.arrived)


class LastPool(Pool):
    """Newest first."""

    __slots__ = ()

    def _rank(self, lot: Lot) -> tuple[Any, ...]:
        return (-lot.opened_us, *(-each for each in lot.origin), -lot.arrived)


class HighestPool(Pool):
    """The one with the smallest gain first: the dearest that was bought, the cheapest that was sold short.

    Those of unknown cost come last.
    """

    __slots__ = ()

    def _rank(self, lot: Lot) -> tuple[Any, ...]:
        oldest = super()._rank(lot)
        if lot.cost is None:
            return (1, ZERO, *oldest)
        if lot.unit is None:
            lot.unit = ratio(lot.cost, lot.quantity)
        return (0, -lot.unit if lot.quantity > 0 else lot.unit, *oldest)


class AveragePool(Pool):
    """One lot at the average cost, as old as the oldest in it; beside it one of unknown cost.

    Both shrink together: if a tenth of what is held has no known cost, a tenth of every sale has none.
    """

    __slots__ = ("_known", "_unknown")

    def __init__(self) -> None:
        super().__init__()
        self._known: Lot | None = None
        self._unknown: Lot | None = None

    def _lots(self) -> list[Lot]:
        return [lot for lot in (self._known, self._unknown) if lot is not None]

    def _restore(self, lots: Iterable[Lot]) -> None:
        for lot in lots:
            self._known, self._unknown = (lot, self._unknown) if lot.cost is not None else (self._known, lot)

    def _put(self, lot: Lot) -> None:
        self.wake()
        self._count(lot, 1)
        if lot.cost is None:
            self._unknown = _merged(self._unknown, lot)
        else:
            self._known = _merged(self._known, lot)

    def _taken(self, wanted: Decimal) -> Iterator[Lot]:
        known, unknown = self._known, self._unknown
        if wanted == self.quantity:
            self._known = self._unknown = None
            yield from (lot for lot in (known, unknown) if lot is not None)
        elif known is None or unknown is None:
            yield (known or unknown).part(wanted)  # type: ignore[union-attr]
        else:
            yield from self._of_both(known, unknown, wanted)

    def _of_both(self, known: Lot, unknown: Lot, wanted: Decimal) -> Iterator[Lot]:
        """By quantity, rounded to a place. Both are whole numbers of places, so neither is asked for more."""
        of_known = share(known.quantity, wanted, self.quantity)
        for lot, quantity in ((known, of_known), (unknown, wanted - of_known)):
            if quantity == lot.quantity:
                self._known, self._unknown = (None, unknown) if lot is known else (self._known, None)
                yield lot
            elif quantity:
                yield lot.part(quantity)


def _merged(held: Lot | None, lot: Lot) -> Lot:
    if held is None:
        return Lot(lot.quantity, lot.cost, lot.opened_us, lot.origin)
    held.quantity += lot.quantity
    if held.cost is not None and lot.cost is not None:
        held.cost += lot.cost
    held.opened_us, held.origin = min((held.opened_us, held.origin), (lot.opened_us, lot.origin))
    return held


def scaled(lots: Sequence[Lot], to: Decimal) -> list[Lot]:
    """The same lots, now ``to`` altogether: each its share, the last what is left. One too small to be a lot
    leaves its cost to the next, or at the end to the one before."""
    left, found, homeless = sum((lot.quantity for lot in lots), ZERO), [], ZERO
    for at, lot in enumerate(lots):
        quantity = to if at == len(lots) - 1 else share(to, lot.quantity, left)
        left, to = left - lot.quantity, to - quantity
        if quantity:
            cost = None if lot.cost is None else lot.cost + homeless
            found.append(Lot(quantity, cost, lot.opened_us, lot.origin))
            homeless = ZERO if cost is not None else homeless
        elif lot.cost is not None:
            homeless += lot.cost
    for lot in reversed(found) if homeless else ():
        if lot.cost is not None:
            lot.cost += homeless
            break
    return found


POOLS = {FIFO: Pool, LIFO: LastPool, HIFO: HighestPool, AVERAGE: AveragePool}
