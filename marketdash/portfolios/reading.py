"""The ledger as the pure fold takes it, and how far it was folded before. Called through ``queries``.

Writers of a portfolio follow one another, so its entries become visible in the order of their numbers. A
reader looks first how far they reach, and then reads no further: so its queries agree, however many are
recorded meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, count
from typing import Any, NamedTuple

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.sql.constants import MULTI

from marketdash.instruments.models import Asset
from marketdash.portfolios.accounting import lacking, saving
from marketdash.portfolios.accounting.lacking import Lack
from marketdash.portfolios.accounting.ledger import POSITION, REVERSAL, Contract, Entry, Leg, Rate, Worth
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.models import Entry as EntryRow
from marketdash.portfolios.models import Leg as LegRow
from marketdash.portfolios.models import Portfolio, SavedBook
from marketdash.portfolios.models import Rate as RateRow

_LEG = (
    *("entry_id", "account_id", "asset__code", "amount", "role", "worth", "currency__code"),
    *("worth_source", "instrument", "price", "multiplier", "inverse"),
)
_RATE = ("entry_id", "asset__code", "currency__code", "rate", "source")
AT_ONCE, _SOME = 2000, 500
START = (-1, -1)

Position = tuple[int, int]
"""(time, number) of an entry: their order."""


class Reach(NamedTuple):
    """The greatest numbers of an entry, and of a rate that was stated after its entry."""

    entries: int
    late: int


def reach(portfolio: Portfolio) -> Reach:
    late = Portfolio.objects.filter(pk=portfolio.pk).values_list("late_rates", flat=True).first()
    last = EntryRow.objects.filter(portfolio=portfolio).aggregate(last=Max("pk"))["last"]
    return Reach(last or 0, late or 0)


def is_longer(portfolio: Portfolio, most: int) -> bool:
    """Whether it has more entries than so many, which are counted no further."""
    rows = EntryRow.objects.filter(portfolio=portfolio).order_by("pk")
    return rows[most : most + 1].exists()


def newest() -> Subquery:
    """The number of its newest entry, in a query for portfolios."""
    return Subquery(EntryRow.objects.filter(portfolio=OuterRef("pk")).order_by("-pk").values("pk")[:1])


def entries(portfolio: Portfolio, within: Reach, after: Position = START) -> Iterator[Entry]:
    """Those that count, in their order. They are read some thousands at a time, and no more are held."""
    while heads := _heads(portfolio, within, after):
        yield from _whole(portfolio, within, heads)
        if len(heads) < AT_ONCE:
            return
        after = heads[-1][1], heads[-1][0]


def _heads(portfolio: Portfolio, within: Reach, after: Position) -> list[tuple[Any, ...]]:
    rows = _rows(portfolio, within).exclude(kind=REVERSAL).filter(_after(after)).order_by("at_us", "pk")
    return list(_as_stored(rows.values_list("pk", "at_us", "kind")[:AT_ONCE]))


def _whole(portfolio: Portfolio, within: Reach, heads: Sequence[tuple[Any, ...]]) -> Iterator[Entry]:
    """With their legs and rates; without those that were reversed."""
    of, over = _of(portfolio, heads), _reversed(portfolio, within, heads)
    legs, rates = _legs(of), _rates(of, within)
    for pk, at_us, kind in heads:
        if pk not in over:
            yield Entry(pk, at_us, kind, tuple(legs.pop(pk, ())), tuple(rates.pop(pk, ())))


def _reversed(portfolio: Portfolio, within: Reach, heads: Sequence[tuple[Any, ...]]) -> set[int]:
    span = heads[0][1], heads[-1][1]  # a reversal is of the time of what it reverses
    rows = _rows(portfolio, within).filter(kind=REVERSAL, at_us__range=span)
    return set(rows.values_list("corrects_id", flat=True))


def counting(portfolio: Portfolio, within: Reach, after: Position = START) -> QuerySet[EntryRow]:
    """The rows of those that count, in their order."""
    rows = _rows(portfolio, within)
    reversals = rows.filter(kind=REVERSAL, corrects=OuterRef("pk"))
    found = rows.exclude(kind=REVERSAL).filter(_after(after)).exclude(Exists(reversals))
    return found.order_by("at_us", "pk")


def things(portfolio: Portfolio, within: Reach) -> set[tuple[str, str]]:
    """(asset, instrument or nothing) of all legs that count."""
    legs = LegRow.objects.filter(entry__in=counting(portfolio, within).order_by())
    return set(legs.order_by().values_list("asset__code", "instrument").distinct())


def _rows(portfolio: Portfolio, within: Reach) -> QuerySet[EntryRow]:
    return EntryRow.objects.filter(portfolio=portfolio, pk__lte=within.entries)


def _as_stored(rows: QuerySet) -> Iterator[tuple[Any, ...]]:
    """Without Django's converters, each called for each number: a third of what reading a ledger took."""
    compiler = rows.query.get_compiler(rows.db)
    found = compiler.execute_sql(MULTI)
    return chain.from_iterable(found or ())


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


def _after(after: Position) -> Q:
    if after == START:
        return Q()
    at_us, pk = after
    behind = Q(at_us__gt=at_us) | Q(at_us=at_us, pk__gt=pk)
    return Q(at_us__gte=at_us) & behind  # which an index finds, as it does no "or"


def _of(portfolio: Portfolio, heads: Sequence[tuple[Any, ...]]) -> Q:
    """Few are named: a database looks for all of a portfolio's, however few of them are meant. Of many the
    first and the last time and number are, because thousands of names take longer to send than to find."""
    pks = [pk for pk, *_ in heads]
    if len(pks) <= _SOME:
        return Q(entry__in=pks)
    span, numbers = (heads[0][1], heads[-1][1]), (min(pks), max(pks))
    return Q(entry__portfolio=portfolio, entry__at_us__range=span, entry__pk__range=numbers)


def _legs(of: Q) -> dict[int, list[Leg]]:
    found: dict[int, list[Leg]] = defaultdict(list)
    rows = LegRow.objects.filter(of).order_by("pk")
    for row in _as_stored(rows.values_list(*_LEG)):
        found[row[0]].append(_leg(row))
    return found


def _leg(row: tuple[Any, ...]) -> Leg:
    """Of numbers as they are stored, or as the models have them."""
    _, account, asset, amount, role, worth, currency, source, instrument, price, multiplier, inverse = row
    stated = None if worth is None else Worth(Decimal(worth), currency, source)
    contract = Contract(Decimal(price), Decimal(multiplier), bool(inverse)) if role == POSITION else None
    return Leg(account, asset, Decimal(amount), role, stated, instrument, contract)


def _rates(of: Q, within: Reach) -> dict[int, list[Rate]]:
    found: dict[int, list[Rate]] = defaultdict(list)
    rows = RateRow.objects.filter(of)
    rows = rows.filter(Q(late=False) | Q(pk__lte=within.late)).order_by("pk")
    for entry_id, asset, currency, rate, source in _as_stored(rows.values_list(*_RATE)):
        found[entry_id].append(Rate(asset, currency, Decimal(rate), source))
    return found


class Folded:
    """A book with what the ledger lacks; ``reach``: how far it is to be read for it. ``known`` is the number
    of the newest entry in it."""

    def __init__(self, book: Book, reach: Reach, known: int = 0, lacks: bytes = b"") -> None:
        self.book, self.reach, self._known, self._before = book, reach, known, lacks
        self._fresh: list[Lack] = []

    def is_far(self, portfolio: Portfolio, most: int) -> bool:
        """Whether more entries than so many are missing. They are counted no further, and mostly not at all:
        there are no more of them than numbers."""
        if self.reach.entries - self._known <= most:
            return False
        rows = _rows(portfolio, self.reach).filter(_after(self.book.last)).order_by("at_us", "pk")
        return rows[most : most + 1].exists()

    def further(self, entries: Iterable[Entry]) -> int:
        """How many these were; each is let go when it is folded."""
        passed = count()
        self.book.fold((entry for entry, _ in zip(entries, passed)), lacking.into(self._fresh))  # noqa: B905
        return next(passed)

    def lacks(self) -> list[Lack]:
        return [*saving.loaded_lacks(self._before), *self._fresh]


def folded_before(portfolio: Portfolio, method: str, within: Reach, *, early: bool = False) -> Folded:
    """From the book that was saved, else from the early one, which holds where something was recorded since
    among the newest; from nothing where it belongs before the end of that one too."""
    of = {"portfolio": portfolio, "base": portfolio.base_id, "method": method, "rules": saving.RULES}
    saved = SavedBook.objects.filter(**of, **({"early": True} if early else {})).order_by("early")
    held = saved.first()
    if held is not None and not held.early and not _holds(held, within):
        held = saved.filter(early=True).first()
    if held is None or not _holds(held, within):
        return Folded(Book(portfolio.base.code, method), within)
    known = 0 if held.early else held.entries  # entries of lesser numbers are not in an early one
    return Folded(saving.loaded(bytes(held.body)), within, known, bytes(held.lacks))


def _holds(held: SavedBook, within: Reach) -> bool:
    return not _is_overtaken(held, within) and held.assets == _codes(pk__in=held.assets.values())


def _codes(**of: Iterable[Any]) -> dict[str, int]:
    """By which codes assets go now: an administrator may have given them others."""
    return dict(Asset.objects.filter(**of).values_list("code", "pk"))


def _is_overtaken(held: SavedBook, within: Reach) -> bool:
    fresh = EntryRow.objects.filter(portfolio=held.portfolio_id, pk__gt=held.entries, pk__lte=within.entries)
    before = Q(at_us__lt=held.at_us) | Q(at_us=held.at_us, kind=REVERSAL)
    if held.entries < within.entries and fresh.filter(before).exists():
        return True
    late = RateRow.objects.filter(late=True, pk__gt=held.late, pk__lte=within.late)
    of_this = late.filter(entry__portfolio=held.portfolio_id, entry__at_us__lte=held.at_us)
    return held.late < within.late and of_this.exists()


def _named(book: Book) -> set[str]:
    pools, positions = (asset for _, asset in book.pools), (held.asset for held in book.positions.values())
    return {book.base, *pools, *positions}


def save(portfolio: Portfolio, found: Folded, *, early: bool = False) -> None:
    """Not where an administrator gave an asset another code meanwhile: it may go by both in the book."""
    book, within = found.book, found.reach
    names = _named(book)
    codes = _codes(code__in=names)
    if codes.keys() != names:
        return
    SavedBook.objects.update_or_create(
        portfolio=portfolio,
        base=portfolio.base,
        method=book.method,
        early=early,
        defaults={
            "entries": within.entries,
            "late": within.late,
            "at_us": book.last[0],
            "rules": saving.RULES,
            "assets": codes,
            "body": saving.saved(book),
            "lacks": saving.saved_lacks(found.lacks()),
            "wanted": False,
        },
    )


def want(portfolio: Portfolio, method: str) -> None:
    """Somebody waits for a book in its currency, by one method: ``engines`` folds it."""
    of = {"portfolio": portfolio, "base": portfolio.base, "method": method, "early": False}
    if not SavedBook.objects.filter(**of).update(wanted=True):
        nothing = {"entries": 0, "late": 0, "at_us": -1, "rules": "", "assets": {}, "body": b""}
        SavedBook.objects.get_or_create(**of, defaults={**nothing, "wanted": True})
