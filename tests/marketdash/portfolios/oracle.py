"""The same rules written a second time: fractions, plain lists, everything looked for anew at each step.

Nothing is imported from what it judges but the shapes of entries. Slow, and meant to be read beside
``docs/portfolios.md``.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any

from marketdash.portfolios.accounting.ledger import Entry, Leg
from tests.marketdash.portfolios.oracle_worths import Value, rounded, unit_of, worths

INCOME = ("reward", "interest", "dividend", "airdrop")
CARRIED = ("transfer", "split", "rename")


class Oracle:
    """``lots``: key → a list of dicts, in the order in which they arrived."""

    def __init__(self, base: str, method: str) -> None:
        self.base, self.method = base, method
        self.lots: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        self.sums: dict[Any, list[Any]] = defaultdict(lambda: [Fraction(0), Fraction(0), 0, Fraction(0)])
        self.gained: dict[Any, Fraction] = defaultdict(Fraction)
        self.paid: dict[Any, Fraction] = defaultdict(Fraction)

    def add(self, entry: Entry) -> None:
        order = ("principal", "paid", "position", "fee")
        legs = [leg for role in order for leg in entry.legs if leg.role == role]
        values = worths(entry, legs, self.base)
        place = 0
        if entry.kind in CARRIED:
            pairs = [leg for leg in legs if leg.role == "principal"]
            for at in range(0, len(pairs), 2):
                self.carry(entry, pairs[at], pairs[at + 1])
            rest = [at for at, leg in enumerate(legs) if leg.role != "principal"]
            legs, values = [legs[at] for at in rest], [values[at] for at in rest]
        if entry.kind == "exercise":
            self.into_what_is_delivered(entry, legs, values)
        for place, (leg, value) in enumerate(zip(legs, values, strict=True)):
            self.leg(entry, leg, value, (entry.id, place))

    def into_what_is_delivered(self, entry: Entry, legs: list[Leg], values: list[Value]) -> None:
        """Looks ahead: what contracts will gain, which is then no gain of theirs, changes a worth."""
        options = [leg for leg in legs if leg.role == "position"]
        sides = [at for at, leg in enumerate(legs) if leg.role == "principal"]
        if len(options) != 1 or len(sides) != 2:
            return
        others = [at for at in sides if legs[at].asset != options[0].asset]
        if len(others) != 1:
            return
        (option,), (at,) = options, others
        place = legs.index(option)
        unit, gains = unit_of(entry, option.asset, self.base), self.close(entry, option, (entry.id, place))
        for quantity, gain in gains:
            worth = Fraction(0) if gain == 0 else None if unit is None else -gain * unit
            self.count("premium", option.account, option.instrument, quantity, worth)
        whole = sum(gain for _, gain in gains)
        if whole:
            before = values[at]
            values[at] = None if before is None or unit is None else before - whole * unit
        legs[place] = option._replace(role="done")

    def leg(self, entry: Entry, leg: Leg, value: Value, origin: tuple[int, int]) -> None:
        amount, key = Fraction(leg.amount), (leg.account, leg.asset)
        if leg.role == "done":
            return
        if leg.role == "position":
            self.position(entry, leg, origin)
            return
        if leg.role == "principal" and entry.kind == "withdrawal":
            gone = self.take(key, -amount)
            amount += sum(lot["quantity"] for lot in gone)
            if amount:
                self.trade(key, amount, None, entry.at_us, origin)
            return
        self.trade(key, amount, value, entry.at_us, origin)
        what = {"fee": "fee", "paid": None}.get(leg.role, {"funding": "funding"}.get(entry.kind))
        if leg.role == "principal" and entry.kind in INCOME:
            what = "income"
        if leg.role == "paid":
            self.paid[leg.account, leg.instrument] += amount
        if what:
            self.count(what, leg.account, leg.instrument or leg.asset, amount, value)

    def position(self, entry: Entry, leg: Leg, origin: tuple[int, int]) -> None:
        unit = unit_of(entry, leg.asset, self.base)
        for quantity, gain in self.close(entry, leg, origin):
            worth = None if unit is None else gain * unit
            self.count("position", leg.account, leg.instrument, quantity, worth)

    def close(self, entry: Entry, leg: Leg, origin: tuple[int, int]) -> list[tuple[Fraction, Fraction]]:
        assert leg.contract is not None
        price, size = Fraction(leg.contract.price), Fraction(leg.contract.multiplier)
        amount = Fraction(leg.amount)
        cost = -rounded(amount * size / price) if leg.contract.inverse else amount * size * price
        key = (leg.account, "contracts", leg.instrument)
        ended = [
            (quantity, gain or Fraction(0))
            for quantity, gain in self.match(key, amount, cost, entry.at_us, origin)
        ]
        self.gained[leg.account, leg.instrument] += sum(gain for _, gain in ended)
        return ended

    def carry(self, entry: Entry, given: Leg, got: Leg) -> None:
        source, target = (given.account, given.asset), (got.account, got.asset)
        lots = self.take(source, -Fraction(given.amount))
        missing = -Fraction(given.amount) - sum(lot["quantity"] for lot in lots)
        origin = (entry.id, 0)
        if missing:
            lots.append({"quantity": missing, "cost": None, "opened": entry.at_us, "origin": origin})
            self.trade(source, -missing, None, entry.at_us, origin)
        if given.amount != got.amount.copy_negate():
            lots = resized(lots, Fraction(got.amount))
        for lot in lots:
            if any(held["quantity"] * lot["quantity"] < 0 for held in self.lots[target]):
                self.trade(target, lot["quantity"], lot["cost"], lot["opened"], lot["origin"])
            else:
                self.put(target, lot)

    def trade(self, key: Any, amount: Fraction, value: Value, opened: int, origin: Any) -> None:
        for quantity, gain in self.match(key, amount, value, opened, origin):
            self.count("gain", *key, quantity, gain)

    def match(
        self, key: Any, amount: Fraction, value: Value, opened: int, origin: Any
    ) -> list[tuple[Fraction, Value]]:
        closed = []
        for lot in self.take(key, -amount):
            quantity, part = lot["quantity"], value
            if value is not None and quantity != -amount:
                part = rounded(value * -quantity / amount)
            amount += quantity
            if value is not None and part is not None:
                value -= part
            unknown = part is None or lot["cost"] is None
            closed.append((quantity, None if unknown else -part - lot["cost"]))  # type: ignore[operator]
        if amount:
            self.put(key, {"quantity": amount, "cost": value, "opened": opened, "origin": origin})
        return closed

    def put(self, key: Any, lot: dict[str, Any]) -> None:
        """``unit`` stays with a lot and its parts; a lot of another size has another."""
        lot = {"unit": None if lot["cost"] is None else lot["cost"] / lot["quantity"], **lot}
        same = [each for each in self.lots[key] if (each["cost"] is None) == (lot["cost"] is None)]
        if self.method == "average" and same:
            (held,) = same
            held["quantity"] += lot["quantity"]
            held["cost"] = None if lot["cost"] is None else held["cost"] + lot["cost"]
            held["opened"], held["origin"] = min(
                (held["opened"], held["origin"]), (lot["opened"], lot["origin"])
            )
        else:
            self.lots[key].append(lot)

    def take(self, key: Any, wanted: Fraction) -> list[dict[str, Any]]:
        """Lots of the sign of ``wanted``, in order of going, as many as there are."""
        held, taken = self.lots[key], []
        if any(lot["quantity"] * wanted < 0 for lot in held):
            return []
        if self.method == "average":
            return self.take_average(key, wanted)
        while held and wanted:
            at, first = min(enumerate(held), key=lambda item: self.rank(*item))
            if abs(first["quantity"]) <= abs(wanted):
                del held[at]  # itself: another one may be equal to it
                taken.append(first)
            else:
                taken.append(cut(first, wanted))
            wanted -= taken[-1]["quantity"]
        return taken

    def take_average(self, key: Any, wanted: Fraction) -> list[dict[str, Any]]:
        held = sorted(self.lots[key], key=lambda lot: lot["cost"] is None)
        whole = sum(lot["quantity"] for lot in held)
        if abs(wanted) >= abs(whole):
            self.lots[key] = []
            return held
        parts = [rounded(held[0]["quantity"] * wanted / whole), Fraction(0)] if len(held) == 2 else [wanted]
        if len(held) == 2:
            parts[1] = wanted - parts[0]
        taken = [cut(lot, part) for lot, part in zip(held, parts, strict=True) if part]
        self.lots[key] = [lot for lot in self.lots[key] if lot["quantity"]]
        return taken

    def rank(self, at: int, lot: dict[str, Any]) -> Any:
        age = (lot["opened"], *lot["origin"], at)
        if self.method == "lifo":
            return tuple(-each for each in age)
        if self.method == "hifo":
            if lot["cost"] is None:
                return (1, 0, *age)
            return (0, -lot["unit"] if lot["quantity"] > 0 else lot["unit"], *age)
        return age

    def count(self, what: str, account: int, thing: str, amount: Fraction, value: Value) -> None:
        sums = self.sums[what, account, thing]
        sums[0] += amount
        if value is None:
            sums[2] += 1
            sums[3] += amount
        else:
            sums[1] += value


def cut(lot: dict[str, Any], quantity: Fraction) -> dict[str, Any]:
    """A part, with its share of the cost, out of a lot that stays."""
    part = dict(lot, quantity=quantity)
    if lot["cost"] is not None:
        part["cost"] = (
            lot["cost"] if quantity == lot["quantity"] else rounded(lot["cost"] * quantity / lot["quantity"])
        )
        lot["cost"] -= part["cost"]
    lot["quantity"] -= quantity
    return part


def resized(lots: list[dict[str, Any]], to: Fraction) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    homeless = Fraction(0)
    for at, lot in enumerate(lots):
        whole = sum(each["quantity"] for each in lots[at:])
        quantity = to if at == len(lots) - 1 else rounded(to * lot["quantity"] / whole)
        to -= quantity
        if quantity:
            made = {name: lot[name] for name in ("opened", "origin")}
            made.update(quantity=quantity, cost=lot["cost"])
            if lot["cost"] is not None:
                made["cost"] += homeless
                homeless = Fraction(0)
            found.append(made)
        elif lot["cost"] is not None:
            homeless += lot["cost"]
    known = [lot for lot in found if lot["cost"] is not None]
    if homeless and known:
        known[-1]["cost"] += homeless
    return found
