"""What rows become: pieces of entries with their legs, rows that do nothing, rows that are refused. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from marketdash.portfolios.accounting.ledger import FEE, PAID, POSITION
from marketdash.portfolios.imports.declared import Rule


class Wrong(ValueError):
    """A row that is refused; ``field`` is the file's column, ``code`` an asset that is not known."""

    def __init__(self, line: int, field: str, words: str, code: str = "") -> None:
        super().__init__(f"line {line}, {field}: {words}")
        self.line, self.field, self.words, self.code = line, field, words, code


class Part(NamedTuple):
    """A leg. ``code`` is the asset as the file calls it: what it means may change, the file does not."""

    code: str
    asset: str
    amount: Decimal
    role: str
    instrument: str = ""
    price: Decimal | None = None
    multiplier: str = "1"
    inverse: bool = False
    worth: Decimal | None = None
    currency: str = ""


class Piece(NamedTuple):
    """``key`` identifies it, with its group where it has one."""

    line: int
    rule: Rule
    at_us: int
    parts: tuple[Part, ...]
    key: tuple[str, ...]
    group: tuple[str, ...]
    note: str


class Left(NamedTuple):
    """A row that does nothing, and why."""

    line: int
    why: str


class Known(NamedTuple):
    """What codes mean: ``asset`` of the file's code, or None; ``size`` of a contract by its full name.
    ``kept`` are codes that nobody knows and that mean themselves; ``over`` those that may not, and why."""

    asset: Callable[[str], str | None]
    size: Callable[[str], str | None] = lambda name: None
    kept: Collection[str] = ()
    over: Mapping[str, str] = {}


def order(part: Part) -> tuple[int, bool, str]:
    """Principals first, what comes in before what goes out."""
    return ({POSITION: 0, PAID: 2, FEE: 3}.get(part.role, 1), part.amount < 0, part.code)


def summed(parts: Iterable[Part]) -> list[Part]:
    """Of one asset and role one leg; what comes to nothing is none. Contracts stay as they are."""
    sums: dict[tuple[object, ...], Part] = {}
    for part in parts:
        key = (part.code, part.role, part.instrument, part.price)
        if key in sums:
            part = part._replace(amount=sums[key].amount + part.amount, worth=None, currency="")
        sums[key] = part
    return sorted((part for part in sums.values() if part.amount), key=order)
