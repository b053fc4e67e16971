"""What would be owed without some entries: sold or spent by those that stay, and brought in by none. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from marketdash.portfolios.accounting.exact import ZERO, precisely
from marketdash.portfolios.accounting.ledger import POSITION, Entry


@dataclass
class Owed:
    """Of an asset in an account: the most that is owed beyond what is now, how many entries that stay go into
    that, the first of them, and what is there after all."""

    account: int
    asset: str
    entries: int = 0
    first_us: int = 0
    most: Decimal = ZERO
    last: Decimal = ZERO


def without(entries: Iterable[Entry], gone: Collection[int]) -> list[Owed]:
    """In the order of accounts and codes. Contracts may be short, and owe nothing."""
    now: defaultdict[tuple[int, str], Decimal] = defaultdict(Decimal)
    then: defaultdict[tuple[int, str], Decimal] = defaultdict(Decimal)
    found: dict[tuple[int, str], Owed] = {}
    with precisely():
        for entry in entries:
            moved = _moved(entry)
            for key, amount in moved.items():
                now[key] += amount
                if entry.id not in gone:
                    then[key] += amount
                    if amount < 0 and then[key] < min(now[key], ZERO):
                        _add(found.setdefault(key, Owed(*key)), entry, -then[key])
    for key, each in found.items():
        each.last = then[key]
    return [found[key] for key in sorted(found)]


def _add(owed: Owed, entry: Entry, amount: Decimal) -> None:
    owed.entries += 1
    owed.first_us = owed.first_us or entry.at_us
    owed.most = max(owed.most, amount)


def _moved(entry: Entry) -> dict[tuple[int, str], Decimal]:
    found: defaultdict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for leg in entry.legs:
        if leg.role != POSITION:
            found[leg.account, leg.asset] += leg.amount
    return found
