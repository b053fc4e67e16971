"""One thing that a portfolio holds or held: its open lots, and what was bought and sold of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from marketdash.numerals import Style
from marketdash.portfolios import reading
from marketdash.portfolios.accounting.basis import price_of
from marketdash.portfolios.accounting.exact import ONE, share
from marketdash.portfolios.accounting.ledger import (
    CONTRACTS,
    EXERCISE,
    POSITION,
    PRINCIPAL,
    REVERSAL,
    TRADES,
    Entry,
)
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.accounting.pools import Lot
from marketdash.portfolios.models import Entry as Row
from marketdash.portfolios.models import Leg, Portfolio
from marketdash.portfolios.words import shown
from marketdash.portfolios.words.shown import Cell

MOST_MARKS, MOST_LOTS = 2000, 200


class Thing(NamedTuple):
    """An asset by its code, or contracts by the full name of their instrument."""

    name: str
    is_contract: bool = False


class Mark(NamedTuple):
    """A trade on the chart. ``up``: bought. ``words`` say all of it."""

    entry: int
    at_us: int
    up: bool
    words: str


class LotRow(NamedTuple):
    at: datetime
    account: str
    quantity: str
    cost: Cell
    each: Cell
    entry: int


def touches(portfolio: Portfolio, thing: Thing) -> QuerySet[Row]:
    """Entries with a leg of it, whether they count or not."""
    legs = Leg.objects.filter(entry=OuterRef("pk"))
    mine = legs.filter(instrument=thing.name) if thing.is_contract else _of_asset(legs, thing.name)
    return Row.objects.filter(Exists(mine), portfolio=portfolio)


def _of_asset(legs: QuerySet[Leg], code: str) -> QuerySet[Leg]:
    """Contracts settle in an asset, and are none of it."""
    return legs.filter(asset__code=code).exclude(role=POSITION)


def marks(portfolio: Portfolio, thing: Thing, style: Style) -> list[Mark]:
    """The newest, oldest of them first."""
    over = Row.objects.filter(corrects=OuterRef("pk"), kind=REVERSAL)
    kinds = CONTRACTS if thing.is_contract else TRADES | {EXERCISE}
    rows = touches(portfolio, thing).filter(~Exists(over), kind__in=kinds).order_by("-at_us", "-pk")
    found = reading.chosen(list(rows.values_list("pk", flat=True)[:MOST_MARKS]))
    made = (mark for entry in found if (mark := _mark(entry, thing, style)) is not None)
    return sorted(made, key=lambda mark: (mark.at_us, mark.entry))


def _mark(entry: Entry, thing: Thing, style: Style) -> Mark | None:
    for leg in entry.legs:
        is_it = leg.role == POSITION and leg.instrument == thing.name
        if not thing.is_contract:
            is_it = leg.role == PRINCIPAL and leg.asset == thing.name
        if is_it:
            verb = "Bought" if leg.amount > 0 else "Sold"
            words = f"{verb} {shown.quantity(leg.amount.copy_abs(), style)} {thing.name}"
            at = f" at {shown.unit(leg.contract.price, style)}" if leg.contract else ""
            terms = at or _for(entry, thing, style)
            return Mark(entry.id, entry.at_us, leg.amount > 0, words + terms)
    return None


def _for(entry: Entry, thing: Thing, style: Style) -> str:
    """``for 100 USDT, 50 each``, where it was one thing."""
    others = [leg for leg in entry.legs if leg.role == PRINCIPAL and leg.asset != thing.name]
    same = [leg for leg in entry.legs if leg.role == PRINCIPAL and leg.asset == thing.name]
    if len(others) != 1 or len(same) != 1:
        return ""
    (other,) = others
    paid = other.amount.copy_abs()
    each = share(paid, ONE, same[0].amount.copy_abs())
    return f" for {shown.quantity(paid, style)} {other.asset}, {shown.unit(each, style)} each"


def lots(book: Book, thing: Thing, accounts: Mapping[int, str], style: Style) -> tuple[list[LotRow], int]:
    """Those that go first by the portfolio's method, of each account; and how many more there are."""
    found = list(_contracts(book, thing) if thing.is_contract else _assets(book, thing))
    rows = [
        LotRow(
            datetime.fromtimestamp(lot.opened_us // 1_000_000, UTC),
            accounts.get(account, ""),
            shown.quantity(lot.quantity, style),
            shown.money(cost, book.base, style),
            shown.unit(each, style),
            lot.origin[0],
        )
        for account, lot, cost, each in found[:MOST_LOTS]
    ]
    return rows, len(found) - len(rows)


_Costed = tuple[int, Lot, Decimal | None, Decimal | None]


def _assets(book: Book, thing: Thing) -> Iterator[_Costed]:
    for (account, asset), pool in sorted(book.pools.items(), key=lambda item: item[0]):
        for lot in pool.lots() if asset == thing.name else ():
            each = None if lot.cost is None else share(lot.cost, ONE, lot.quantity)
            yield account, lot, lot.cost, each


def _contracts(book: Book, thing: Thing) -> Iterator[_Costed]:
    """Of one the price; what they cost is no sum of the portfolio's currency."""
    for (account, name), held in sorted(book.positions.items(), key=lambda item: item[0]):
        for lot in held.pool.lots() if name == thing.name else ():
            yield account, lot, None, price_of(lot.quantity, lot.cost, held.contract)


def told(found: Iterable[Mark]) -> list[dict[str, object]]:
    """For the chart."""
    return [{"ts": each.at_us, "up": each.up, "words": each.words} for each in found]
