"""What may be read of portfolios, by whom, and the ledger as the pure fold takes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from marketdash import access
from marketdash.portfolios.ledger import POSITION, REVERSAL, Contract, Entry, Leg, Rate, Worth
from marketdash.portfolios.lots import Book
from marketdash.portfolios.models import Entry as EntryRow
from marketdash.portfolios.models import Leg as LegRow
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.models import Rate as RateRow

_LEG = (
    "entry_id",
    "account_id",
    "asset__code",
    "amount",
    "role",
    "worth",
    "currency__code",
    "worth_source",
    "instrument",
    "price",
    "multiplier",
    "inverse",
)
_AT_ONCE = 5000


def portfolios(user: Any) -> QuerySet[Portfolio]:
    """Those that somebody may see. Whoever asks for one asks for it here."""
    return access.owned(Portfolio.objects.select_related("base"), user)


def entries(portfolio: Portfolio) -> Iterator[Entry]:
    """Those that count, in their order: neither reversals nor what they reversed. Three queries."""
    rows = EntryRow.objects.filter(portfolio=portfolio)
    reversed_ids = set(rows.filter(kind=REVERSAL).values_list("corrects_id", flat=True))
    rates = _rates(portfolio)
    legs = _legs(portfolio)
    heads = rows.exclude(kind=REVERSAL).order_by("at_us", "pk").values_list("pk", "at_us", "kind")
    for pk, at_us, kind in heads.iterator(chunk_size=_AT_ONCE):
        if pk not in reversed_ids:
            yield Entry(pk, at_us, kind, tuple(legs.pop(pk, ())), tuple(rates.pop(pk, ())))


def book(portfolio: Portfolio, method: str = "") -> Book:
    """All lots, gains and sums, by the portfolio's method or another."""
    return Book(portfolio.base.code, method or portfolio.method).fold(entries(portfolio))


def _legs(portfolio: Portfolio) -> dict[int, list[Leg]]:
    found: dict[int, list[Leg]] = defaultdict(list)
    rows = LegRow.objects.filter(entry__portfolio=portfolio).order_by("pk")
    for row in rows.values_list(*_LEG).iterator(chunk_size=_AT_ONCE):
        found[row[0]].append(_leg(row))
    return found


def _leg(row: tuple[Any, ...]) -> Leg:
    _, account, asset, amount, role, worth, currency, source, instrument, price, multiplier, inverse = row
    stated = None if worth is None else Worth(worth, currency, source)
    contract = Contract(price, multiplier, inverse) if role == POSITION else None
    return Leg(account, asset, amount, role, stated, instrument, contract)


def _rates(portfolio: Portfolio) -> dict[int, list[Rate]]:
    found: dict[int, list[Rate]] = defaultdict(list)
    rows = RateRow.objects.filter(entry__portfolio=portfolio).order_by("pk")
    columns = ("entry_id", "asset__code", "currency__code", "rate", "source")
    for entry_id, *rate in rows.values_list(*columns).iterator(chunk_size=_AT_ONCE):
        found[entry_id].append(Rate(*rate))
    return found
