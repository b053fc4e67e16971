"""How entries get into the ledger, once each, and what corrects them. Called through ``actions``."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from marketdash import publish
from marketdash.instruments.models import Asset
from marketdash.portfolios.accounting import drafts, ledger
from marketdash.portfolios.accounting.drafts import Checked, Draft, DraftRate
from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.accounting.ledger import CORRECTION, REVERSAL
from marketdash.portfolios.accounting.shapes import Refused
from marketdash.portfolios.models import Account, Entry, Leg, Portfolio, Rate

MOST_AT_ONCE = 1000
_AT_ONCE = 400  # SQLite bounds the number of parameters
_COPIED = (
    *("account_id", "asset_id", "role", "worth", "currency_id", "worth_source"),
    *("instrument", "price", "multiplier", "inverse"),
)
_LEG = ("entry_id", "account_id", "asset_id", "amount", *_COPIED[2:])
RATE = ("entry_id", "asset_id", "currency_id", "rate", "source", "late", "recorded")
Value = TypeVar("Value")


class Recording(NamedTuple):
    """``entries`` are the new ones, in the order of the drafts; ``duplicates`` the places of the others."""

    entries: list[Entry]
    duplicates: list[int]


@transaction.atomic
def record(
    portfolio: Portfolio,
    handed: Sequence[Draft],
    imported: int | None = None,
    corrects: int | None = None,
) -> Recording:
    """All or nothing. A draft whose fingerprint its account knows already is a duplicate, not an error.

    ``imported`` is the number of the import that brings them, ``corrects`` of an entry that was reversed.

    Raises :class:`Refused`; the field begins with the draft's place: ``12.legs.0.amount``.
    """
    if len(handed) > MOST_AT_ONCE:
        raise Refused("entries", f"expected at most {MOST_AT_ONCE} at once, found {len(handed)}")
    known = _Known(_changing(portfolio))
    now_us = time.time_ns() // 1000
    checked = [_checked(at, draft, now_us, known) for at, draft in enumerate(handed)]
    fresh, duplicates = _fresh(checked)
    return Recording(_store(portfolio, fresh, known, corrects, imported), duplicates)


@transaction.atomic
def reverse(portfolio: Portfolio, entry_id: int, note: str = "") -> Entry:
    """The entry counts no more. Its mirror is recorded: sums over legs are what they were before it."""
    entry = _to_correct(_changing(portfolio), entry_id)
    mirror = _new(portfolio, REVERSAL, entry.account_id, entry.at_us, f"reversal:{entry.pk}", entry.pk)
    mirror.note = drafts.text(note, "note", drafts.NOTE_LENGTH)
    mirror.save()
    Leg.objects.bulk_create(
        Leg(entry=mirror, amount=leg.amount.copy_negate(), **{name: getattr(leg, name) for name in _COPIED})
        for leg in entry.legs.all()
    )
    return mirror


@transaction.atomic
def reverse_each(portfolio: Portfolio, ids: Sequence[int], note: str = "") -> int:
    """As :func:`reverse` does, for many at once; those that count no more stay as they are."""
    _changing(portfolio)
    over = Entry.objects.filter(corrects__in=ids, kind=REVERSAL).values("corrects")
    rows = Entry.objects.filter(portfolio=portfolio, pk__in=ids).exclude(kind=REVERSAL).exclude(pk__in=over)
    mirrors = {}
    for entry in rows.order_by("pk"):
        mirror = _new(portfolio, REVERSAL, entry.account_id, entry.at_us, f"reversal:{entry.pk}", entry.pk)
        mirror.note = note
        mirrors[entry.pk] = mirror
    Entry.objects.bulk_create(mirrors.values(), batch_size=_AT_ONCE // 4)
    columns = ("entry_id", "amount", *_COPIED)
    legs = Leg.objects.filter(entry__in=list(mirrors)).order_by("pk").values_list(*columns)
    insert(Leg, _LEG, [_mirrored(mirrors[leg[0]].pk, dict(zip(columns, leg, strict=True))) for leg in legs])
    return len(mirrors)


def _mirrored(entry_id: int, leg: dict[str, Any]) -> tuple[Any, ...]:
    """As :data:`_LEG` has its columns."""
    numbers = {name: _plain(leg[name]) for name in ("worth", "price", "multiplier")}
    turned = {**leg, **numbers, "entry_id": entry_id, "amount": plain(leg["amount"].copy_negate())}
    return tuple(turned[name] for name in _LEG)


@transaction.atomic
def correct(portfolio: Portfolio, entry_id: int, draft: Draft, note: str = "") -> Entry:
    """The entry is reversed, and ``draft`` stands in its place."""
    reverse(portfolio, entry_id, note)
    known = _Known(portfolio)
    checked = _checked(0, replace(draft, source=CORRECTION), time.time_ns() // 1000, known)
    fresh, _ = _fresh([checked])
    if not fresh:
        raise Refused("fingerprint", f"expected one that account {draft.account} does not know yet")
    return _store(portfolio, fresh, known, corrects=entry_id)[0]


@transaction.atomic
def state_rate(portfolio: Portfolio, entry_id: int, draft: DraftRate) -> Rate:
    """A rate of an entry's time that was not known when it was recorded."""
    known = _Known(_changing(portfolio))
    entry = Entry.objects.filter(portfolio=portfolio, pk=entry_id).first()
    if entry is None:
        raise Refused("entry", f"expected one of this portfolio, found {entry_id}")
    found = drafts.rate(draft)
    of = (known.asset(found.asset, "rate.asset"), known.asset(found.currency, "rate.currency"))
    if entry.rates.filter(asset=of[0], currency=of[1]).exists():
        raise Refused("rate", f"expected one that is not stated yet, found {found.asset} in {found.currency}")
    said = {"rate": found.rate, "source": found.source, "late": True}
    stated = Rate.objects.create(entry=entry, asset_id=of[0], currency_id=of[1], **said)
    portfolio.count_late_rates()
    return stated


def _changing(portfolio: Portfolio) -> Portfolio:
    """Locked, and told on commit."""
    told_on_commit(portfolio)
    return locked(portfolio)


def told_on_commit(portfolio: Portfolio) -> None:
    """What follows from it may be something else then."""
    transaction.on_commit(functools.partial(publish.notify, "remake", "portfolio", str(portfolio.pk)))


def locked(portfolio: Portfolio) -> Portfolio:
    """Until the transaction ends nobody else adds to it."""
    return Portfolio.objects.select_for_update(of=("self",)).get(pk=portfolio.pk)


class _Known:
    """What drafts may refer to: accounts of this portfolio, assets by their codes."""

    def __init__(self, portfolio: Portfolio) -> None:
        self._accounts = set(Account.objects.filter(portfolio=portfolio).values_list("pk", flat=True))
        self._assets = dict(Asset.objects.values_list("code", "pk"))

    def asset(self, code: str, name: str) -> int:
        return self._found(self._assets.get(code), name, f"the code of a known asset, found {code!r:.40}")

    def account(self, pk: int, name: str) -> int:
        found = pk if pk in self._accounts else None
        return self._found(found, name, f"an account of this portfolio, found {pk!r:.40}")

    @staticmethod
    def _found(found: Value | None, name: str, words: str) -> Value:
        if found is None:
            raise Refused(name, f"expected {words}")
        return found


def _checked(at: int, draft: Draft, now_us: int, known: _Known) -> Checked:
    try:
        found = drafts.checked(draft, now_us)
        known.account(draft.account, "account")
        for place, leg in enumerate(found.legs):
            known.account(leg.account, f"legs.{place}.account")
            known.asset(leg.asset, f"legs.{place}.asset")
            if leg.worth:
                known.asset(leg.worth.currency, f"legs.{place}.currency")
        for place, rate in enumerate(found.rates):
            known.asset(rate.asset, f"rates.{place}.asset")
            known.asset(rate.currency, f"rates.{place}.currency")
        return found
    except Refused as problem:
        raise Refused(f"{at}.{problem.field}", problem.words) from None


def _fresh(checked: Sequence[Checked]) -> tuple[list[Checked], list[int]]:
    """Those whose fingerprint is new to their account, also among themselves; places of the rest."""
    taken = _taken({(each.draft.account, each.draft.fingerprint) for each in checked})
    fresh, duplicates = [], []
    for at, each in enumerate(checked):
        key = each.draft.account, each.draft.fingerprint
        if key in taken:
            duplicates.append(at)
        else:
            taken.add(key)
            fresh.append(each)
    return fresh, duplicates


def _taken(keys: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    """By account, as the index has them: however long the ledger is, each is one look."""
    found = set()
    for account, group in groupby(sorted(keys), key=itemgetter(0)):
        asked = [fingerprint for _, fingerprint in group]
        for start in range(0, len(asked), _AT_ONCE):
            rows = Entry.objects.filter(account=account, fingerprint__in=asked[start : start + _AT_ONCE])
            found.update(rows.values_list("account_id", "fingerprint"))
    return found


def _store(
    portfolio: Portfolio,
    fresh: Sequence[Checked],
    known: _Known,
    corrects: int | None = None,
    imported: int | None = None,
) -> list[Entry]:
    made = [_entry(portfolio, each.draft, corrects) for each in fresh]
    for entry in made:
        entry.imported_id = imported
    entries: list[Entry] = Entry.objects.bulk_create(made, batch_size=_AT_ONCE // 4)
    pairs = list(zip(entries, fresh, strict=True))
    insert(Leg, _LEG, [_leg(entry, leg, known) for entry, each in pairs for leg in each.legs])
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    rates = [(*_rate(entry, rate, known), now) for entry, each in pairs for rate in each.rates]
    insert(Rate, RATE, rates)
    return entries


def insert(model: type[Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Many plain rows without an object for each: half the time of recording a trade went into those."""
    names = ", ".join(map(connection.ops.quote_name, columns))
    table = connection.ops.quote_name(model._meta.db_table)
    marks = ", ".join(["%s"] * len(columns))
    text = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # nosec B608 # names of our own models
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(text, rows)


def _entry(portfolio: Portfolio, draft: Draft, corrects: int | None) -> Entry:
    entry = _new(portfolio, draft.kind, draft.account, draft.at_us, draft.fingerprint, corrects)
    entry.source, entry.reference, entry.note = draft.source, draft.reference, draft.note
    return entry


def _new(
    portfolio: Portfolio, kind: str, account_id: int, at_us: int, fingerprint: str, corrects: int | None
) -> Entry:
    return Entry(
        portfolio=portfolio,
        kind=kind,
        account_id=account_id,
        at_us=at_us,
        fingerprint=fingerprint,
        corrects_id=corrects,
        source=CORRECTION,
    )


def _leg(entry: Entry, leg: ledger.Leg, known: _Known) -> tuple[Any, ...]:
    """As :data:`_LEG` has its columns."""
    worth, currency, source = leg.worth or (None, None, "")
    price, multiplier, inverse = leg.contract or (None, None, False)
    currency_id = None if currency is None else known.asset(currency, "currency")
    what = (entry.pk, leg.account, known.asset(leg.asset, "asset"), plain(leg.amount), leg.role)
    return (
        *what,
        _plain(worth),
        currency_id,
        source,
        leg.instrument,
        _plain(price),
        _plain(multiplier),
        inverse,
    )


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _rate(entry: Entry, rate: ledger.Rate, known: _Known) -> tuple[Any, ...]:
    """As :data:`RATE` has its columns, without the last."""
    asset, currency = known.asset(rate.asset, "asset"), known.asset(rate.currency, "currency")
    return entry.pk, asset, currency, plain(rate.rate), rate.source, False


def _to_correct(portfolio: Portfolio, entry_id: int) -> Entry:
    entry = Entry.objects.filter(portfolio=portfolio, pk=entry_id).first()
    if entry is None:
        raise Refused("entry", f"expected one of this portfolio, found {entry_id}")
    if entry.kind == REVERSAL:
        raise Refused("entry", "expected one that is no reversal; enter again what it took away")
    if entry.corrections.filter(kind=REVERSAL).exists():
        raise Refused("entry", f"expected one that still counts; {entry_id} was reversed already")
    return entry
