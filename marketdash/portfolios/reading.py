"""The ledger as the pure fold takes it, and how far it was folded before. Called through ``queries``.

Writers of a portfolio follow one another, so its entries become visible in the order of their numbers. A
reader looks first how far they reach, and then reads no further: so its queries agree, however many are
recorded meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import Max, Q

from marketdash.instruments.models import Asset
from marketdash.portfolios import saving
from marketdash.portfolios.ledger import POSITION, REVERSAL, Contract, Entry, Leg, Rate, Worth
from marketdash.portfolios.lots import Book
from marketdash.portfolios.models import Entry as EntryRow
from marketdash.portfolios.models import Leg as LegRow
from marketdash.portfolios.models import Portfolio, SavedBook
from marketdash.portfolios.models import Rate as RateRow

_LEG = (
    *("entry_id", "account_id", "asset__code", "amount", "role", "worth", "currency__code"),
    *("worth_source", "instrument", "price", "multiplier", "inverse"),
)
_RATE = ("entry_id", "asset__code", "currency__code", "rate", "source")
_AT_ONCE, _SOME = 5000, 500
START = (-1, -1)

Position = tuple[int, int]
"""(time, number) of an entry: their order."""


class Reach(NamedTuple):
    """The greatest numbers of an entry, and of a rate that was stated after its entry."""

    entries: int
    late: int


def reach(portfolio: Portfolio) -> Reach:
    last = EntryRow.objects.filter(portfolio=portfolio).aggregate(last=Max("pk"))["last"]
    late = RateRow.objects.filter(late=True, entry__portfolio=portfolio).aggregate(last=Max("pk"))["last"]
    return Reach(last or 0, late or 0)


def entries(portfolio: Portfolio, within: Reach, after: Position = START) -> Iterator[Entry]:
    """Those that count, in their order."""
    rows = EntryRow.objects.filter(portfolio=portfolio, pk__lte=within.entries)
    reversed_ids = set(rows.filter(kind=REVERSAL).values_list("corrects_id", flat=True))
    legs, rates = _legs(portfolio, within, after), _rates(portfolio, within, after)
    heads = rows.exclude(kind=REVERSAL).filter(_after("", after)).order_by("at_us", "pk")
    for pk, at_us, kind in heads.values_list("pk", "at_us", "kind").iterator(chunk_size=_AT_ONCE):
        if pk not in reversed_ids:
            yield Entry(pk, at_us, kind, tuple(legs.pop(pk, ())), tuple(rates.pop(pk, ())))


def entry(portfolio: Portfolio, pk: int) -> Entry | None:
    """One that is no reversal, whether it counts or not."""
    head = EntryRow.objects.filter(portfolio=portfolio, pk=pk).exclude(kind=REVERSAL).first()
    if head is None:
        return None
    legs = LegRow.objects.filter(entry=head).order_by("pk").values_list(*_LEG)
    rates = RateRow.objects.filter(entry=head).order_by("pk").values_list(*_RATE)
    return Entry(pk, head.at_us, head.kind, tuple(map(_leg, legs)), tuple(Rate(*rate[1:]) for rate in rates))


def chosen(pks: Sequence[int]) -> Iterator[Entry]:
    """Those of these numbers, reversed or not; with all rates that are known of them now."""
    for at in range(0, len(pks), _SOME):
        some = pks[at : at + _SOME]
        legs, rates = defaultdict(list), defaultdict(list)
        for row in LegRow.objects.filter(entry__in=some).order_by("pk").values_list(*_LEG):
            legs[row[0]].append(_leg(row))
        for entry_id, *rate in RateRow.objects.filter(entry__in=some).order_by("pk").values_list(*_RATE):
            rates[entry_id].append(Rate(*rate))
        for pk, at_us, kind in EntryRow.objects.filter(pk__in=some).values_list("pk", "at_us", "kind"):
            yield Entry(pk, at_us, kind, tuple(legs[pk]), tuple(rates[pk]))


def _after(prefix: str, after: Position) -> Q:
    if after == START:
        return Q()
    at_us, pk = after
    return Q(**{f"{prefix}at_us__gt": at_us}) | Q(**{f"{prefix}at_us": at_us, f"{prefix}pk__gt": pk})


def _of(portfolio: Portfolio, within: Reach, after: Position) -> Q:
    return Q(entry__portfolio=portfolio, entry__pk__lte=within.entries) & _after("entry__", after)


def _legs(portfolio: Portfolio, within: Reach, after: Position) -> dict[int, list[Leg]]:
    found: dict[int, list[Leg]] = defaultdict(list)
    rows = LegRow.objects.filter(_of(portfolio, within, after)).order_by("pk")
    for row in rows.values_list(*_LEG).iterator(chunk_size=_AT_ONCE):
        found[row[0]].append(_leg(row))
    return found


def _leg(row: tuple[Any, ...]) -> Leg:
    _, account, asset, amount, role, worth, currency, source, instrument, price, multiplier, inverse = row
    stated = None if worth is None else Worth(worth, currency, source)
    contract = Contract(price, multiplier, inverse) if role == POSITION else None
    return Leg(account, asset, amount, role, stated, instrument, contract)


def _rates(portfolio: Portfolio, within: Reach, after: Position) -> dict[int, list[Rate]]:
    found: dict[int, list[Rate]] = defaultdict(list)
    rows = RateRow.objects.filter(_of(portfolio, within, after))
    rows = rows.filter(Q(late=False) | Q(pk__lte=within.late)).order_by("pk")
    for entry_id, *rate in rows.values_list(*_RATE).iterator(chunk_size=_AT_ONCE):
        found[entry_id].append(Rate(*rate))
    return found


def saved_book(portfolio: Portfolio, method: str, within: Reach) -> Book | None:
    """What was folded before, unless something was recorded since that belongs before its end."""
    held = SavedBook.objects.filter(
        portfolio=portfolio, base=portfolio.base_id, method=method, rules=saving.RULES
    ).first()
    if held is None or _is_overtaken(held, within) or held.assets != _codes(pk__in=held.assets.values()):
        return None
    return saving.loaded(bytes(held.body))


def _codes(**of: Iterable[Any]) -> dict[str, int]:
    """By which codes assets go now: an administrator may have given them others."""
    return dict(Asset.objects.filter(**of).values_list("code", "pk"))


def _is_overtaken(held: SavedBook, within: Reach) -> bool:
    fresh = EntryRow.objects.filter(portfolio=held.portfolio_id, pk__gt=held.entries, pk__lte=within.entries)
    before = Q(at_us__lt=held.at_us) | Q(at_us=held.at_us, kind=REVERSAL)
    late = RateRow.objects.filter(late=True, pk__gt=held.late, pk__lte=within.late)
    return (
        fresh.filter(before).exists()
        or late.filter(entry__portfolio=held.portfolio_id, entry__at_us__lte=held.at_us).exists()
    )


def _named(book: Book) -> set[str]:
    pools, positions = (asset for _, asset in book.pools), (held.asset for held in book.positions.values())
    return {book.base, *pools, *positions}


def save(portfolio: Portfolio, book: Book, within: Reach) -> None:
    SavedBook.objects.update_or_create(
        portfolio=portfolio,
        base=portfolio.base,
        method=book.method,
        defaults={
            "entries": within.entries,
            "late": within.late,
            "at_us": book.last[0],
            "rules": saving.RULES,
            "assets": _codes(code__in=_named(book)),
            "body": saving.saved(book),
        },
    )
