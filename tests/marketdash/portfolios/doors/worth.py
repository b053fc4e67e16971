"""What a ledger is worth at the prices of one moment, by ``docs/portfolios.md``: in fractions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from tests.marketdash.portfolios.doors.ledger import NOTHING, Contracts, Known, Ledger

MOST_STEPS = 4


class Price(NamedTuple):
    """Of one market, as its venue tells it. ``last`` and ``change`` say what it was a day ago."""

    bid: str
    ask: str
    last: str = ""
    change: str = ""
    live: bool = True

    @property
    def now(self) -> Fraction:
        return (Fraction(self.bid) + Fraction(self.ask)) / 2

    @property
    def then(self) -> Known:
        return Fraction(self.last) - Fraction(self.change) if self.last and self.change else None


Prices = Mapping[str, Price]
"""By the name of the market, such as ``BTC/EUR``; a derivative's by its own."""


class Path(NamedTuple):
    assets: tuple[str, ...]
    markets: tuple[str, ...]


class Told(NamedTuple):
    """What all doors are to say; None is what nobody can."""

    sums: dict[str, Known]
    unknown: dict[str, int]
    lines: dict[str, dict[str, Known]]
    paths: dict[str, Path | None]
    lists: dict[str, list[str]]


def paths(asset: str, base: str, prices: Prices, gone: Path | None = None) -> Iterator[Path]:
    """All that there are, without going in circles."""
    gone = gone or Path((asset,), ())
    if asset == base:
        yield gone
        return
    for name in prices if len(gone.markets) < MOST_STEPS else ():
        sides = name.split("/")
        if asset in sides and len(sides) == 2:
            other = sides[1 - sides.index(asset)]
            if other not in gone.assets:
                further = Path((*gone.assets, other), (*gone.markets, name))
                yield from paths(other, base, prices, further)


def best(asset: str, base: str, prices: Prices) -> list[Path]:
    """The fewest rates that are not live, then the fewest steps."""
    found = list(paths(asset, base, prices))
    ranks = {path: (sum(not prices[name].live for name in path.markets), len(path.markets)) for path in found}
    return [path for path in found if ranks[path] == min(ranks.values())]


def along(path: Path, prices: Prices, of: str = "now") -> Known:
    """One of its first asset in its last; None where a price on it is not known."""
    rate = Fraction(1)
    for asset, name in zip(path.assets, path.markets, strict=False):
        price = getattr(prices[name], of)
        if price is None:
            return None
        rate = rate * price if name.split("/")[0] == asset else rate / price
    return rate


class Worth:
    """A ledger at prices of which no two paths are equally good."""

    def __init__(self, ledger: Ledger, prices: Prices) -> None:
        self.ledger, self.prices = ledger, prices

    def path(self, asset: str) -> Path | None:
        found = best(asset, self.ledger.base, self.prices)
        assert len(found) < 2, found
        return found[0] if found else None

    def rate(self, asset: str) -> Known:
        path = self.path(asset)
        return None if path is None else along(path, self.prices)

    def live(self, asset: str) -> bool:
        path = self.path(asset)
        return path is not None and all(self.prices[name].live for name in path.markets)

    def told(self) -> Told:
        assets = sorted({asset for (_, asset), lots in self.ledger.lots.items() if lots.quantity})
        lines = {asset: self._holding(asset) for asset in assets}
        contracts = self.ledger.contracts.items()
        lines |= {
            f"{name} {account}": self._contract(name, held)
            for (name, account), held in contracts
            if held.lots.quantity or held.gained != held.paid
        }
        total = _sum(line["value"] for line in lines.values())
        for line in lines.values():
            value = line["value"]
            line["weight"] = None if value is None or total <= 0 else value / total
        return Told(*self._sums(lines, total), lines, self._paths(assets), self._lists(lines, assets))

    def _holding(self, asset: str) -> dict[str, Known]:
        pools = [lots for (_, of), lots in self.ledger.lots.items() if of == asset and lots.quantity]
        quantity, cost = _sum(each.quantity for each in pools), _sum(each.cost for each in pools)
        known = _sum(each.quantity - each.unknown for each in pools)
        has_cost = any(lot.cost is not None for each in pools for lot in each.held)
        one_way = len({each.quantity > 0 for each in pools}) == 1
        rate = self.rate(asset)
        path = self.path(asset)
        then = along(path, self.prices, "then") if path is not None and self.live(asset) else None
        gain = None if rate is None or not has_cost else known * rate - cost
        return {
            "quantity": quantity,
            "cost": cost,
            "unknown": _sum(abs(each.unknown) for each in pools),
            "average": cost / known if known and one_way else None,
            "price": rate,
            "value": None if rate is None else quantity * rate,
            "gain": gain,
            "gain_pct": None if gain is None or not cost or not one_way else gain / abs(cost) * 100,
            "day": None if rate is None or then is None else quantity * (rate - then),
        }

    def _contract(self, name: str, held: Contracts) -> dict[str, Known]:
        """``value`` is all that is still to come, and so is what it was worth a day ago."""
        quantity, price = held.lots.quantity, self.prices.get(name.partition(":")[2])
        size, cost, rate = quantity * held.multiplier, held.lots.cost, self.rate(held.settles)
        opened = None if not quantity else -size / cost if held.inverse else cost / size
        gain = self._unrealised(held, price.now if price else None)
        value = None if gain is None or rate is None else (held.gained - held.paid + gain) * rate
        return {
            "quantity": quantity,
            "opened": opened,
            "mark": price.now if price else None,
            "value": value,
            "gain": None if gain is None or rate is None else gain * rate,
            "day": self._since(held, price, value),
        }

    def _since(self, held: Contracts, price: Price | None, value: Known) -> Known:
        path, then = self.path(held.settles), self._unrealised(held, price.then if price else None)
        if held.lots.quantity and not (price and price.live):
            return None
        rate = along(path, self.prices, "then") if path is not None and self.live(held.settles) else None
        if value is None or then is None or rate is None:
            return None
        return value - (held.gained - held.paid + then) * rate

    def _unrealised(self, held: Contracts, price: Known) -> Known:
        if not held.lots.quantity:
            return NOTHING
        return None if price is None else held.worth(held.lots.quantity, price) - held.lots.cost

    def _sums(
        self, lines: Mapping[str, Mapping[str, Known]], total: Fraction
    ) -> tuple[dict[str, Known], dict[str, int]]:
        moving = {name: line for name, line in lines.items() if name != self.ledger.base}
        parts = {what: self.ledger.sums[what] for what in ("realised", "income", "fees", "funding")}
        parts["unrealised"] = [line["gain"] for line in moving.values()]
        parts["day"] = [line["day"] for line in moving.values()]
        sums = {what: _figure(found) for what, found in parts.items()}
        unknown = {what: sum(each is None for each in found) for what, found in parts.items()}
        day = sums["day"] or NOTHING
        before = total - day
        percent = None if unknown["day"] or before <= 0 else day / before * 100
        return {"total": total, "day_pct": percent, **sums}, unknown

    def _paths(self, assets: list[str]) -> dict[str, Path | None]:
        return {asset: self.path(asset) for asset in assets}

    def _lists(self, lines: Mapping[str, Mapping[str, Known]], assets: list[str]) -> dict[str, list[str]]:
        old = [asset for asset in assets if self.path(asset) and not self.live(asset)]
        for (name, account), held in self.ledger.contracts.items():
            line = lines.get(f"{name} {account}")
            price = self.prices.get(name.partition(":")[2])
            is_old = bool(held.lots.quantity) and not (price and price.live)
            if line and line["value"] is not None and (is_old or not self.live(held.settles)):
                old.append(name)
        missing = {name.split(" ")[0] for name, line in lines.items() if line["value"] is None}
        return {
            "missing": sorted(missing),
            "stale": sorted(set(old)),
            "uncosted": [asset for asset in assets if lines[asset]["unknown"]],
        }


def _sum(parts: Iterator[Known] | list[Known]) -> Fraction:
    return sum((part for part in parts if part is not None), NOTHING)


def _figure(parts: list[Known]) -> Known:
    """Nobody can say it where there is something, and none of it is known."""
    return None if parts and all(part is None for part in parts) else _sum(parts)
