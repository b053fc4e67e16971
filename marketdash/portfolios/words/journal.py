"""Entries of a ledger as people read them, the newest first, each with where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from marketdash.numerals import ENGLISH, Style
from marketdash.portfolios.accounting import ledger
from marketdash.portfolios.accounting.ledger import FEE, REVERSAL
from marketdash.portfolios.models import Entry, Leg, Portfolio, Rate
from marketdash.portfolios.words import shown

MOST = 25
_ROLES = {FEE: "fee", ledger.PAID: "paid", ledger.POSITION: "contracts"}


class Part(NamedTuple):
    """A leg: ``amount`` signed, ``what`` it is of, ``about``: role, account and worth where they say more."""

    amount: str
    way: str
    what: str
    about: str


class Told(NamedTuple):
    """``counts``: it is neither a reversal nor reversed. ``standing`` says which entry it has to do with."""

    pk: int
    at: datetime
    at_us: int
    kind: str
    account: str
    account_pk: int
    parts: list[Part]
    rates: list[str]
    source: str
    reference: str
    note: str
    recorded: datetime
    counts: bool
    standing: str


class Page(NamedTuple):
    """``older``: what to ask with for the next one; empty at the end."""

    entries: list[Told]
    older: str


def page(
    portfolio: Portfolio,
    before: str = "",
    most: int = MOST,
    style: Style = ENGLISH,
    among: QuerySet[Entry] | None = None,
) -> Page:
    """``before`` is the ``older`` of another page, or nothing; what it cannot be is nothing. ``among``: those
    that are meant, all where there is none."""
    rows = _rows(portfolio)
    if among is not None:
        rows = rows.filter(pk__in=among.values("pk"))
    at_us, _, pk = before.partition(".")
    if at_us.isdecimal() and pk.isdecimal() and max(len(at_us), len(pk)) < 18:
        rows = rows.filter(Q(at_us__lt=int(at_us)) | Q(at_us=int(at_us), pk__lt=int(pk)))
    found = list(rows.order_by("-at_us", "-pk")[: most + 1])
    told = [_told(row, style) for row in found[:most]]
    return Page(told, f"{told[-1].at_us}.{told[-1].pk}" if len(found) > most else "")


def one(portfolio: Portfolio, pk: int, style: Style = ENGLISH) -> Told | None:
    row = _rows(portfolio).filter(pk=pk).first()
    return None if row is None else _told(row, style)


def some(portfolio: Portfolio, pks: Sequence[int], style: Style = ENGLISH) -> dict[int, Told]:
    """By number."""
    return {row.pk: _told(row, style) for row in _rows(portfolio).filter(pk__in=pks)}


def _rows(portfolio: Portfolio) -> QuerySet[Entry]:
    """The same few queries, however many entries and legs."""
    reversals = Entry.objects.filter(corrects=OuterRef("pk"), kind=REVERSAL)
    found = Entry.objects.filter(portfolio=portfolio).annotate(is_reversed=Exists(reversals))
    related = ("legs__asset", "legs__account", "legs__currency", "rates__asset", "rates__currency")
    return found.select_related("account").prefetch_related(*related)


def _told(row: Entry, style: Style) -> Told:
    return Told(
        row.pk,
        datetime.fromtimestamp(row.at_us // 1_000_000, UTC),
        row.at_us,
        row.get_kind_display(),
        row.account.name,
        row.account_id,
        list(_parts(row, style)),
        [_rate(rate, style) for rate in row.rates.all()],
        row.get_source_display(),
        row.reference,
        row.note,
        row.recorded,
        row.kind != REVERSAL and not row.is_reversed,  # type: ignore[attr-defined]
        _standing(row),
    )


def _standing(row: Entry) -> str:
    if row.kind == REVERSAL:
        return f"takes back entry {row.corrects_id}"
    words = [f"in place of entry {row.corrects_id}"] if row.corrects_id else []
    if row.is_reversed:  # type: ignore[attr-defined]
        words.append("reversed, counts no more")
    return ", ".join(words)


def _parts(row: Entry, style: Style) -> Iterable[Part]:
    for leg in row.legs.all():
        about = [leg.account.name if leg.account_id != row.account_id else "", _worth(leg, style)]
        what = leg.instrument if leg.role == ledger.POSITION else leg.asset.code
        yield part(leg.role, leg.amount, what, ", ".join(filter(None, about)), style)


def part(role: str, amount: Decimal, what: str, about: str, style: Style = ENGLISH) -> Part:
    """Of a leg in that role."""
    sign, way = ("+", "up") if amount > 0 else ("", "down")
    words = ", ".join(filter(None, [_ROLES.get(role, ""), about]))
    return Part(f"{sign}{shown.quantity(amount, style)}", way, what, words)


def _rate(rate: Rate, style: Style) -> str:
    value = f"1 {rate.asset.code} = {shown.quantity(rate.rate, style)} {rate.currency.code}"
    return f"{value}, {rate.source}" if rate.source else value


def _worth(leg: Leg, style: Style) -> str:
    if leg.role == ledger.POSITION and leg.price is not None:
        return f"at {shown.quantity(leg.price, style)}"
    if leg.worth is None or leg.currency is None:
        return ""
    return f"worth {shown.quantity(leg.worth, style)} {leg.currency.code}"
