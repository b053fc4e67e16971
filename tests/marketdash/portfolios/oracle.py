"""The same rules written a second time: fractions, plain lists, everything looked for anew at each step.

Nothing is imported from what it judges but the shapes of entries. Slow, and meant to be read beside
``docs/portfolios.md``.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any

from marketdash.portfolios.ledger import Entry, Leg

BOTH_SIDES = ("buy", "sell", "swap", "exercise")
INCOME = ("reward", "interest", "dividend", "airdrop")
CARRIED = ("transfer", "split", "rename")
Value = Fraction | None


def rounded(true: Fraction) -> Fraction:
    return Fraction(round(true * 10**24), 10**24)


# --- what legs were worth -------------------------------------------------------------------------


def unit_of(entry: Entry, asset: str, base: str) -> Value:
    if asset == base:
        return Fraction(1)
    table = {}
    for rate in reversed(entry.rates):
        table[rate.asset, rate.currency] = Fraction(rate.rate)
    if (asset, base) in table:
        return table[asset, base]
    for rate in entry.rates:
        if rate.asset == asset and (rate.currency, base) in table:
            return Fraction(rate.rate) * table[rate.currency, base]
    return None


def own_worth(entry: Entry, leg: Leg, base: str) -> tuple[int, Value]:
    """(0 certain, 1 stated, 2 by a rate, 3 unknown; how much)."""
    if leg.asset == base:
        return 0, Fraction(leg.amount)
    if leg.worth is not None:
        unit = unit_of(entry, leg.worth.currency, base)
        if unit is not None:
            return 1, Fraction(leg.worth.amount) * unit * (1 if leg.amount > 0 else -1)
    unit = unit_of(entry, leg.asset, base)
    if unit is None or (entry.kind == "deposit" and leg.role == "principal"):
        return 3, None
    return 2, Fraction(leg.amount) * unit


def worths(entry: Entry, legs: list[Leg], base: str) -> list[Value]:
    graded = [(3, None) if leg.role == "position" else own_worth(entry, leg, base) for leg in legs]
    found = [value for _, value in graded]
    given = [at for at, leg in enumerate(legs) if leg.role == "principal" and leg.amount < 0]
    got = [at for at, leg in enumerate(legs) if leg.role == "principal" and leg.amount > 0]
    if entry.kind in BOTH_SIDES and given and got:
        of_given, of_got = (max(graded[at][0] for at in side) for side in (given, got))
        judge, judged = (given, got) if of_given <= of_got else (got, given)
        if all(found[at] is not None for at in judge):
            total = -sum(found[at] for at in judge)  # type: ignore[misc]
            judge_by_total(total, judged, graded, found)
    for at, leg in enumerate(legs):
        if leg.role == "fee" and found[at] is None:
            for like, value in zip(legs, found, strict=True):
                if like.role == "principal" and like.asset == leg.asset and value is not None:
                    found[at] = rounded(value * Fraction(leg.amount) / Fraction(like.amount))
                    break
    return found


def judge_by_total(total: Fraction, side: list[int], graded: list[Any], found: list[Value]) -> None:
    open_ = [at for at in side if graded[at][0] != 0]
    rest = total - sum(found[at] for at in side if at not in open_)  # type: ignore[misc]
    if rest * total < 0 or (rest and not total):
        for at in open_:
            found[at] = None
        return
    unknown = [at for at in open_ if found[at] is None]
    if len(open_) == 1:
        found[open_[0]] = rest
    elif not unknown:
        weights = [found[at] for at in open_]
        for number, at in enumerate(open_):
            weight = sum(weights[number:])  # type: ignore[arg-type]
            if not sum(weights):  # type: ignore[arg-type]
                found[at] = None
            elif at == open_[-1]:
                found[at] = rest
            else:
                found[at] = rounded(rest * weights[number] / weight) if weight else Fraction(0)  # type: ignore[operator]
                rest -= found[at]  # type: ignore[operator]
    elif len(unknown) == 1:
        left = rest - sum(found[at] for at in open_ if found[at] is not None)  # type: ignore[misc]
        found[unknown[0]] = left if left == 0 or left * total > 0 else None


# --- lots -----------------------------------------------------------------------------------------


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
        for place, (leg, value) in enumerate(zip(legs, values, strict=True)):
            self.leg(entry, leg, value, (entry.id, place))

    def leg(self, entry: Entry, leg: Leg, value: Value, origin: tuple[int, int]) -> None:
        amount, key = Fraction(leg.amount), (leg.account, leg.asset)
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
        assert leg.contract is not None
        price, size = Fraction(leg.contract.price), Fraction(leg.contract.multiplier)
        amount = Fraction(leg.amount)
        cost = -rounded(amount * size / price) if leg.contract.inverse else amount * size * price
        unit = unit_of(entry, leg.asset, self.base)
        key = (leg.account, "contracts", leg.instrument)
        for quantity, gain in self.match(key, amount, cost, entry.at_us, origin):
            assert gain is not None
            self.gained[leg.account, leg.instrument] += gain
            worth = None if unit is None else gain * unit
            self.count("position", leg.account, leg.instrument, quantity, worth)

    def carry(self, entry: Entry, given: Leg, got: Leg) -> None:
        source, target = (given.account, given.asset), (got.account, got.asset)
        lots = self.take(source, -Fraction(given.amount))
        missing = -Fraction(given.amount) - sum(lot["quantity"] for lot in lots)
        origin = (entry.id, 0)
        if missing:
            lots.append({"quantity": missing, "cost": None, "opened": entry.at_us, "origin": origin})
            self.trade(source, -missing, None, entry.at_us, origin)
        if given.amount != -got.amount:
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
            first = min(enumerate(held), key=lambda item: self.rank(*item))[1]
            if abs(first["quantity"]) <= abs(wanted):
                held.remove(first)
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
