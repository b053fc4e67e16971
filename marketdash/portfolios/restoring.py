"""A portfolio out of a backup: the same ledger, entry by entry, through the same door as any other.

A few hundred entries at a time. Until the last is there its name says that it is not whole; what breaks off
with a reason leaves nothing, and what was killed is removed by ``engines``. Called through ``actions``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from marketdash.instruments import parts
from marketdash.instruments.models import Asset, Venue
from marketdash.portfolios import backup, own_assets, recording
from marketdash.portfolios.accounting.drafts import Draft, DraftLeg, DraftRate
from marketdash.portfolios.accounting.ledger import REVERSAL
from marketdash.portfolios.accounting.shapes import Refused
from marketdash.portfolios.backup import Kept, KeptEntry
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.models import Account, Entry, Portfolio

logger = logging.getLogger(__name__)

AT_ONCE, MOST_UNKNOWN = 400, 500
UNFINISHED = "being restored"
GIVEN_UP = timedelta(minutes=5)
"""After nothing was written for so long nobody goes on with it: a piece takes a second."""
Make = Callable[[Any, str, str, str], Portfolio]
Open = Callable[[Portfolio, str, Venue | None], Account]


class _Run(NamedTuple):
    """Entries that follow one another and are written alike."""

    entries: list[tuple[int, KeptEntry]]

    @property
    def first(self) -> KeptEntry:
        return self.entries[0][1]


def restored(
    owner: Any, data: bytes, make: Make, open_account: Open, rename: Callable[..., None]
) -> Portfolio:
    """Under its own name, or the next that is free. Raises :class:`Refused`."""
    kept = backup.read(data)
    unknown = _check(kept)
    with transaction.atomic():
        own_assets.lock(owner.pk)
        own_assets.add(unknown, owner.pk, "assets")
        made = make(owner, _free(owner, f"{kept.name[:40]} ({UNFINISHED})"), kept.base, kept.method)
        _mark(made, timezone.now())
    try:
        _filled(made, kept, owner, open_account)
        with transaction.atomic():
            rename(made, _free(owner, kept.name, besides=made.pk))
            _mark(made, None)
    except Portfolio.DoesNotExist:
        raise Refused(
            "file", "expected it to be written in time, found it removed: restore it again"
        ) from None
    except BaseException:
        made.delete()
        raise
    return made


def _mark(made: Portfolio, when: datetime | None) -> None:
    made.restoring = when
    Portfolio.objects.filter(pk=made.pk).update(restoring=when)


def given_up(delete: Callable[[Portfolio], None]) -> int:
    """Removes what a killed process left half; how many."""
    found = list(Portfolio.objects.filter(restoring__lt=timezone.now() - GIVEN_UP))
    for half in found:
        delete(half)
        logger.warning(
            "portfolio %s: restoring it broke off; removed, the backup can be restored again", half.pk
        )
    return len(found)


def _check(kept: Kept) -> list[str]:
    """Before anything is written: that all it names is there. Codes of assets that are not known here: they
    become such of which the code is all that is known, as when a file brings them."""
    codes = {leg.asset for entry in kept.entries for leg in entry.legs}
    codes |= {leg.currency for entry in kept.entries for leg in entry.legs if leg.currency}
    codes |= {code for entry in kept.entries for rate in entry.rates for code in (rate.asset, rate.currency)}
    unknown = codes - set(Asset.objects.values_list("code", flat=True))
    for code in sorted(unknown):
        if said := parts.code_problem(code):
            raise Refused("assets", said)
    if len(unknown) > MOST_UNKNOWN:
        named = ", ".join(sorted(unknown)[:20])
        raise Refused("assets", f"expected at most {MOST_UNKNOWN} that are not known here, found {named} …")
    for at, entry in enumerate(kept.entries):
        places = [entry.account, *(leg.account for leg in entry.legs)]
        if not all(0 <= place < len(kept.accounts) for place in places):
            raise Refused(f"entries.{at}.account", f"expected one of {len(kept.accounts)} accounts")
        if entry.corrects is not None and not 0 <= entry.corrects < at:
            raise Refused(f"entries.{at}.corrects", f"expected an entry before it, found {entry.corrects}")
        if (entry.kind == REVERSAL) and entry.corrects is None:
            raise Refused(f"entries.{at}.corrects", "expected the entry that it reverses")
        if entry.imported is not None and not 0 <= entry.imported < len(kept.imports):
            raise Refused(f"entries.{at}.imported", f"expected one of {len(kept.imports)} imports")
    return sorted(unknown)


def _free(owner: Any, name: str, besides: int = 0) -> str:
    taken = set(Portfolio.objects.filter(owner=owner).exclude(pk=besides).values_list("name", flat=True))
    names = (name if at == 1 else f"{name[:56]} ({at})" for at in range(1, len(taken) + 2))
    return next(each for each in names if each not in taken)


def _filled(made: Portfolio, kept: Kept, owner: Any, open_account: Open) -> None:
    venues = {venue.name: venue for venue in Venue.objects.all()}
    accounts = [open_account(made, each.name, venues.get(each.venue)).pk for each in kept.accounts]
    imports = [_imported(made, each, accounts, owner) for each in kept.imports]
    numbers: dict[int, int] = {}
    for run in _runs(kept.entries):
        _write(made, run, accounts, imports, numbers)
        _mark(made, timezone.now())
    for at, entry in enumerate(kept.entries):
        if not at % AT_ONCE:
            _mark(made, timezone.now())
        for rate in entry.rates if entry.kind != REVERSAL else ():
            if rate.late:
                draft = DraftRate(rate.asset, rate.currency, rate.rate, rate.source)
                recording.state_rate(made, numbers[at], draft)


def _imported(made: Portfolio, each: Any, accounts: Sequence[int], owner: Any) -> int:
    state = Import.UNDONE if each.undone else Import.DONE
    counts = {name: getattr(each, name) for name in ("found", "new", "duplicates", "refused", "left")}
    what = {name: getattr(each, name) for name in ("file_name", "sha256", "size", "format")}
    held = Import(portfolio=made, account_id=accounts[each.account], by=owner, state=state, **what, **counts)
    held.done = held.found
    try:
        held.clean_fields(exclude=["account", "portfolio", "by", "chosen", "told"])
    except ValidationError as problem:
        raise Refused("imports", f"expected ones of this version: {'; '.join(problem.messages)}") from None
    held.save()
    return held.pk


def _runs(entries: Sequence[KeptEntry]) -> Iterator[_Run]:
    """Corrections one by one; reversals of one note, and others of one import, as many as follow on."""

    def alike(numbered: tuple[int, KeptEntry]) -> tuple[object, ...]:
        at, entry = numbered
        if entry.kind == REVERSAL:
            return ("reversal", entry.note)
        return ("entry", entry.imported, at if entry.corrects is not None else None)

    for _, group in groupby(enumerate(entries), key=alike):
        run = list(group)
        yield from (_Run(run[start : start + AT_ONCE]) for start in range(0, len(run), AT_ONCE))


def _write(
    made: Portfolio, run: _Run, accounts: Sequence[int], imports: Sequence[int], numbers: dict[int, int]
) -> None:
    """``numbers``: place in the file → the entry's number here."""
    if run.first.kind == REVERSAL:
        ids = [numbers[int(entry.corrects or 0)] for _, entry in run.entries]
        if recording.reverse_each(made, ids, run.first.note) != len(ids):
            raise Refused(f"entries.{run.entries[0][0]}.corrects", "expected one that was not reversed yet")
        pairs = dict(Entry.objects.filter(corrects__in=ids, kind=REVERSAL).values_list("corrects_id", "pk"))
        numbers |= {at: pairs[pk] for (at, _), pk in zip(run.entries, ids, strict=True)}
        return
    first = run.first
    corrects = None if first.corrects is None else numbers[first.corrects]
    imported = None if first.imported is None else imports[first.imported]
    handed = [_draft(entry, accounts) for _, entry in run.entries]
    found = recording.record(made, handed, imported, corrects)
    if found.duplicates:
        at = run.entries[found.duplicates[0]][0]
        raise Refused(f"entries.{at}.fingerprint", "expected each once in its account")
    numbers |= {at: entry.pk for (at, _), entry in zip(run.entries, found.entries, strict=True)}


def _draft(entry: KeptEntry, accounts: Sequence[int]) -> Draft:
    legs = [_leg(leg, accounts) for leg in entry.legs]
    at_once = (rate for rate in entry.rates if not rate.late)
    rates = [DraftRate(rate.asset, rate.currency, rate.rate, rate.source) for rate in at_once]
    what = entry.source, entry.reference, entry.note, entry.fingerprint
    return Draft(entry.kind, entry.at_us, accounts[entry.account], legs, rates, *what)


def _leg(leg: backup.KeptLeg, accounts: Sequence[int]) -> DraftLeg:
    worth = leg.worth, leg.currency, leg.worth_source
    terms = leg.instrument, leg.price, leg.multiplier, leg.inverse
    return DraftLeg(accounts[leg.account], leg.asset, leg.amount, leg.role, *worth, *terms)
