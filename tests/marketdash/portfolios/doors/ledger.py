"""What a ledger comes to, by somebody who read ``docs/portfolios.md`` and no code: in fractions.

A lot is a quantity (owed below 0), what it cost (what it brought below 0) or None, and how old it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from marketdash.portfolios.accounting.drafts import Draft, DraftLeg

Known = Fraction | None
NOTHING = Fraction(0)


@dataclass
class Lot:
    quantity: Fraction
    cost: Known
    age: tuple[Any, ...]
    arrived: int = 0

    @property
    def order(self) -> tuple[Any, ...]:
        """Of lots that are as old as each other, as parts of one are, by when they came."""
        return *self.age, self.arrived


@dataclass
class Lots:
    """Of one thing in one account; the first to go is the first by the method."""

    method: str
    held: list[Lot] = field(default_factory=list)
    arrivals: int = 0

    @property
    def quantity(self) -> Fraction:
        return sum((lot.quantity for lot in self.held), NOTHING)

    @property
    def cost(self) -> Fraction:
        return sum((lot.cost for lot in self.held if lot.cost is not None), NOTHING)

    @property
    def unknown(self) -> Fraction:
        return sum((lot.quantity for lot in self.held if lot.cost is None), NOTHING)

    def first(self) -> Lot:
        if self.method == "fifo":
            return min(self.held, key=lambda lot: lot.order)
        if self.method == "lifo":
            return max(self.held, key=lambda lot: lot.order)
        return min(self.held, key=_smallest_gain)

    def take(self, wanted: Fraction) -> list[Lot]:
        """At most all there is; ``wanted`` has its sign."""
        if not self.held or wanted * self.quantity <= 0:
            return []
        wanted = min(wanted, self.quantity, key=abs)
        if self.method == "average":
            return self._of_all(wanted / self.quantity)
        taken = []
        while wanted:
            lot = self.first()
            part = min(lot.quantity, wanted, key=abs)
            taken.append(_cut(lot, part / lot.quantity))
            self.held = [each for each in self.held if each.quantity]
            wanted -= part
        return taken

    def _of_all(self, part: Fraction) -> list[Lot]:
        """What is known first, where they meet a debt on their way."""
        taken = [_cut(lot, part) for lot in sorted(self.held, key=lambda lot: lot.cost is None)]
        self.held = [each for each in self.held if each.quantity]
        return taken

    def put(self, lot: Lot) -> None:
        beside = [each for each in self.held if (each.cost is None) == (lot.cost is None)]
        if self.method != "average" or not beside:
            self.arrivals += 1
            self.held.append(replace(lot, arrived=self.arrivals))
            return
        (one,) = beside
        one.quantity, one.age = one.quantity + lot.quantity, min(one.age, lot.age)
        one.cost = None if one.cost is None or lot.cost is None else one.cost + lot.cost

    def trade(self, lot: Lot) -> list[Known]:
        """What each part gained that it closes; the rest stays."""
        gains: list[Known] = []
        for closed in self.take(-lot.quantity):
            part = _cut(lot, -closed.quantity / lot.quantity)
            unknown = closed.cost is None or part.cost is None
            gains.append(None if unknown else -part.cost - closed.cost)  # type: ignore[operator]
        if lot.quantity:
            self.put(lot)
        return gains


def _smallest_gain(lot: Lot) -> tuple[Any, ...]:
    """The dearest bought, the cheapest sold; unknown last, of equals the older."""
    if lot.cost is None:
        return True, 0, lot.order
    one = lot.cost / lot.quantity
    return False, -one if lot.quantity > 0 else one, lot.order


def _cut(lot: Lot, part: Fraction) -> Lot:
    cut = Lot(lot.quantity * part, None if lot.cost is None else lot.cost * part, lot.age)
    lot.quantity -= cut.quantity
    if lot.cost is not None and cut.cost is not None:
        lot.cost -= cut.cost
    return cut


@dataclass
class Contracts:
    lots: Lots
    settles: str
    multiplier: Fraction = Fraction(1)
    inverse: bool = False
    gained: Fraction = NOTHING
    paid: Fraction = NOTHING

    def worth(self, quantity: Fraction, price: Fraction) -> Fraction:
        """Of the settling asset; of an inverse one less the dearer, because it is a debt in coins."""
        size = quantity * self.multiplier
        return -size / price if self.inverse else size * price


class Ledger:
    """Folds drafts in their order. ``sums``: the parts of each, None for one that nobody knows."""

    def __init__(self, base: str, method: str, drafts: Iterable[Draft] = ()) -> None:
        self.base, self.method = base, method
        self.lots: dict[tuple[int, str], Lots] = defaultdict(lambda: Lots(method))
        self.contracts: dict[tuple[str, int], Contracts] = {}
        self.sums: dict[str, list[Known]] = defaultdict(list)
        for number, draft in enumerate(sorted(drafts, key=lambda each: each.at_us)):
            self._add(draft, number)

    def _add(self, draft: Draft, number: int) -> None:
        main = [leg for leg in draft.legs if leg.role == "principal"]
        worths = _worths(draft, main, self.base)
        if draft.kind in ("transfer", "split", "rename"):
            for given, got in zip(main[::2], main[1::2], strict=True):
                self._carry(draft, given, got, number)
            main = []
        premium = self._exercised(draft, number) if draft.kind == "exercise" else None
        for place, leg in enumerate(main):
            worth = worths[place]
            if premium is not None and leg.asset != premium[0]:
                worth = None if worth is None else worth + premium[1]
            self._main(draft, leg, worth, (draft.at_us, number, place))
        self._beside(draft, worths, number)

    def _main(self, draft: Draft, leg: DraftLeg, worth: Known, age: tuple[int, ...]) -> None:
        pool, amount = self.lots[leg.account, leg.asset], Fraction(leg.amount)
        if draft.kind == "withdrawal":
            left = amount + sum((lot.quantity for lot in pool.take(-amount)), NOTHING)
            if left:
                self.sums["realised"] += pool.trade(Lot(left, None, age))
            return
        self.sums["realised"] += pool.trade(Lot(amount, worth, age))
        kinds = dict.fromkeys(("reward", "interest", "dividend", "airdrop"), "income")
        if (what := (kinds | {"funding": "funding"}).get(draft.kind)) is not None:
            self.sums[what].append(worth)

    def _beside(self, draft: Draft, worths: Sequence[Known], number: int) -> None:
        """Money that a derivative paid, contracts, and fees at last."""
        for place, leg in enumerate(draft.legs):
            age = (draft.at_us, number, 100 + place)
            worth = _own(draft, leg, self.base)[1]
            if leg.role == "paid":
                self.sums["realised"] += self.lots[leg.account, leg.asset].trade(
                    Lot(Fraction(leg.amount), worth, age)
                )
                self._contracts(leg).paid += Fraction(leg.amount)
            elif leg.role == "position" and draft.kind != "exercise":
                unit = _unit(draft, leg.asset, self.base)
                self.sums["realised"] += [
                    None if unit is None else each * unit for each in self._close(leg, age)
                ]
        for place, leg in enumerate(draft.legs):
            if leg.role == "fee":
                worth = _fee(draft, leg, worths, self.base)
                lot = Lot(Fraction(leg.amount), worth, (draft.at_us, number, 200 + place))
                self.sums["realised"] += self.lots[leg.account, leg.asset].trade(lot)
                self.sums["fees"].append(worth)

    def _carry(self, draft: Draft, given: DraftLeg, got: DraftLeg, number: int) -> None:
        """With date and cost, in another number of pieces."""
        out, into = Fraction(given.amount), Fraction(got.amount)
        moved = self.lots[given.account, given.asset].take(-out)
        missing = -out - sum((lot.quantity for lot in moved), NOTHING)
        if missing:
            age = (draft.at_us, number, 0)
            moved.append(Lot(missing, None, age))
            self.lots[given.account, given.asset].trade(Lot(-missing, None, age))
        for lot in moved:
            there = Lot(lot.quantity * into / -out, lot.cost, lot.age)
            self.sums["realised"] += self.lots[got.account, got.asset].trade(there)

    def _exercised(self, draft: Draft, number: int) -> tuple[str, Fraction] | None:
        """What the option settles in, and what its premium adds to what is delivered, in the currency."""
        (leg,) = [leg for leg in draft.legs if leg.role == "position"]
        gain = sum(self._close(leg, (draft.at_us, number, 0)), NOTHING)
        unit = _unit(draft, leg.asset, self.base)
        assert unit is not None
        return leg.asset, -gain * unit

    def _contracts(self, leg: DraftLeg) -> Contracts:
        key = leg.instrument, leg.account
        return self.contracts.setdefault(key, Contracts(Lots(self.method), leg.asset))

    def _close(self, leg: DraftLeg, age: tuple[int, ...]) -> list[Fraction]:
        held, amount = self._contracts(leg), Fraction(leg.amount)
        held.multiplier, held.inverse = Fraction(leg.multiplier), leg.inverse
        gains = held.lots.trade(Lot(amount, held.worth(amount, Fraction(leg.price or 0)), age))
        found = [each for each in gains if each is not None]
        held.gained += sum(found, NOTHING)
        return found


def _unit(draft: Draft, asset: str, base: str) -> Known:
    """Of one, then: as stated, directly or through one other currency."""
    if asset == base:
        return Fraction(1)
    said = {(rate.asset, rate.currency): Fraction(rate.rate) for rate in draft.rates}
    if (asset, base) in said:
        return said[asset, base]
    ways = [
        rate * said[via, base] for (what, via), rate in said.items() if what == asset and (via, base) in said
    ]
    return ways[0] if ways else None


def _own(draft: Draft, leg: DraftLeg, base: str) -> tuple[int, Known]:
    """How good the word is, the best first, and what it says."""
    amount = Fraction(leg.amount)
    if leg.asset == base:
        return 1, amount
    if leg.worth is not None and (unit := _unit(draft, leg.currency, base)) is not None:
        return 2, Fraction(leg.worth) * unit * (1 if amount > 0 else -1)
    unit = _unit(draft, leg.asset, base)
    if unit is None or (draft.kind == "deposit" and leg.role == "principal"):
        return 4, None
    return 3, amount * unit


def _worths(draft: Draft, main: Sequence[DraftLeg], base: str) -> list[Known]:
    """Of two legs of a trade the one that is known better decides, of equals the one that was given."""
    said = [_own(draft, leg, base) for leg in main]
    if draft.kind not in ("buy", "sell", "swap", "exercise") or len(main) != 2:
        return [worth for _, worth in said]
    given, got = (0, 1) if Fraction(main[0].amount) < 0 else (1, 0)
    sure = given if said[given][0] <= said[got][0] else got
    worth = said[sure][1]
    return [worth if at == sure or worth is None else -worth for at in range(2)]


def _fee(draft: Draft, leg: DraftLeg, worths: Sequence[Known], base: str) -> Known:
    own = _own(draft, leg, base)[1]
    if own is not None:
        return own
    main = [each for each in draft.legs if each.role == "principal"]
    for each, worth in zip(main, worths, strict=True):
        if each.asset == leg.asset and worth is not None:
            return worth * Fraction(leg.amount) / Fraction(each.amount)
    return None
