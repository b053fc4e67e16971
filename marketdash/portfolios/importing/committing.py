"""Recording what an import found, and taking it back: a few hundred at a time, by whoever goes on with it.

How far it is stands in the same transaction as what was recorded, under the portfolio's lock. So it may be
killed anywhere and gone on with by anybody, by several at once too. Called through ``actions``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from marketdash.portfolios import own_assets, rounds
from marketdash.portfolios.accounting import drafts
from marketdash.portfolios.accounting.drafts import Draft
from marketdash.portfolios.accounting.ledger import REVERSAL
from marketdash.portfolios.accounting.shapes import Refused
from marketdash.portfolios.import_models import Import, ImportFile
from marketdash.portfolios.importing import looking, overlapping
from marketdash.portfolios.importing.looking import AT_ONCE
from marketdash.portfolios.imports import overlap
from marketdash.portfolios.models import Entry
from marketdash.portfolios.recording import locked, record, reverse_each

_PLACES = ("imported", *(f"{'corrects__' * depth}imported" for depth in range(1, 6)))
"""An entry of the import, a correction of one, a correction of that."""

SHORT = 1000
"""Entries that are recorded at once by whoever asks; more are the engines' to do."""


def begin(held: Import, leave_out: bool = False) -> Import:
    """From here on it is done. Raises :class:`Refused`; ``leave_out``: though rows of it are refused."""
    with transaction.atomic():
        own_assets.lock(held.portfolio.owner_id)
        locked(held.portfolio)
        held = _mine(held.pk, (Import.LOOKED,))
        if not held.format or not (held.found or held.refused):
            raise Refused("import", "expected one whose rows were looked at")
        if held.refused and not leave_out:
            raise Refused("leave_out", f"expected the box to be ticked: {held.refused} rows are refused")
        if Import.objects.filter(account=held.account_id, state=Import.UNDOING).exists():
            raise Refused("import", "expected nothing to be taken back from this account meanwhile")
        own_assets.add(held.told.get("kept", ()), held.portfolio.owner_id, "keep")
        held.state = Import.RUNNING
        held.save()
    return work(held) if held.found <= SHORT else held


def undo(held: Import) -> Import:
    """All that it recorded counts no more. Raises :class:`Refused`."""
    with transaction.atomic():
        locked(held.portfolio)
        held = _mine(held.pk, (Import.DONE,))
        held.state, held.done = Import.UNDOING, 0
        held.save()
    return work(held) if held.new <= SHORT else held


def forget(held: Import) -> None:
    """One that was only looked at."""
    with transaction.atomic():
        locked(held.portfolio)
        _mine(held.pk, (Import.LOOKED,)).delete()


def due() -> list[int]:
    """Imports to go on with, the shortest first: a long one does not keep the others waiting."""
    unfinished = Import.objects.filter(state__in=(Import.RUNNING, Import.UNDOING))
    return [
        pk for pk, *_ in sorted(unfinished.order_by("pk").values_list("pk", "found"), key=lambda row: row[1])
    ]


def work(held: Import, after_each: Callable[[Import], Any] = lambda held: None) -> Import:
    """Goes on until it is done. A file that cannot be read any more ends it, with what is recorded so far."""
    held = Import.objects.select_related("portfolio").get(pk=held.pk)
    if held.state == Import.RUNNING:
        try:
            made = looking.drafts_of(held)
        except Refused as problem:
            return _broken(held, str(problem))
        groups = overlap.by_second(made)
        while held.state == Import.RUNNING:
            held = _record(held, made, groups)
            after_each(held)
    after = 0
    while held.state == Import.UNDOING:
        held, after = _take_back(held, after)
        after_each(held)
    return held


@transaction.atomic
def _record(held: Import, made: Sequence[Draft], groups: overlapping.Groups) -> Import:
    """The next few; whoever finds that somebody else did them goes on behind."""
    locked(held.portfolio)
    held = Import.objects.select_related("portfolio").get(pk=held.pk)
    if held.state != Import.RUNNING:
        return held
    places = range(held.done, min(held.done + AT_ONCE, len(made)))
    fresh = _still_fresh(held, made, places, groups)
    record(held.portfolio, looking.renewed(held.account_id, fresh), held.pk)
    held.done += len(places)
    held.save(update_fields=["done", "changed", "told"])
    return held if held.done < len(made) else _ended(held)


def _still_fresh(
    held: Import, made: Sequence[Draft], places: range, groups: overlapping.Groups
) -> list[Draft]:
    """Without what another source told since it was looked at; what nobody can decide is left out."""
    seconds = {overlap.second(made[at].at_us) for at in places}
    asked = {at: groups[at] for at in seconds if at in groups}
    same, unclear = overlapping.verdict(held.account_id, held.format, made, asked)
    late = [made[at] for at in places if at in unclear]
    if late:
        known = looking.duplicates(held.account_id, late)
        count = sum(1 for draft in late if draft.fingerprint not in known)
        held.told = {**held.told, "late": held.told.get("late", 0) + count}
    return [made[at] for at in places if at not in same and at not in unclear]


@transaction.atomic
def _broken(held: Import, problem: str) -> Import:
    """Unless somebody else was done with it meanwhile, and the file is gone because of that."""
    locked(held.portfolio)
    held = Import.objects.select_related("portfolio").get(pk=held.pk)
    return _ended(held, problem) if held.state == Import.RUNNING else held


def _ended(held: Import, problem: str = "") -> Import:
    """With what it really brought; the file is gone."""
    own = Entry.objects.filter(imported=held.pk)
    held.state, held.new, held.problem = Import.DONE, own.count(), problem[:500]
    if not problem:
        held.duplicates = held.found - held.new - held.told.get("late", 0)
    held.save()
    ImportFile.objects.filter(of=held).delete()
    return held


@transaction.atomic
def _take_back(held: Import, after: int) -> tuple[Import, int]:
    """The next few behind the entry ``after``, and which was the last of them."""
    locked(held.portfolio)
    held = Import.objects.select_related("portfolio").get(pk=held.pk)
    if held.state != Import.UNDOING:
        return held, after
    chunk = _counting(held, after)
    reverse_each(held.portfolio, chunk, f"import of {held.file_name} undone"[: drafts.NOTE_LENGTH])
    held.done = min(held.done + len(chunk), held.new)
    held.state = held.state if chunk else Import.UNDONE
    held.save(update_fields=["done", "state", "changed"])
    return held, chunk[-1] if chunk else 0


def _counting(held: Import, after: int) -> list[int]:
    """What it brought and what stands in the place of that, as far as it was not reversed yet."""
    for of in _PLACES:
        rows = Entry.objects.filter(**{of: held.pk}, corrections__isnull=True).exclude(kind=REVERSAL)
        found = rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
        chunk = list(found) or (
            list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]) if after else []
        )
        if chunk:
            return chunk
    return []


def counting(held: Import) -> set[int]:
    """Numbers of all that undoing it would take back."""
    of = Q()
    for place in _PLACES:
        of |= Q(**{place: held.pk})
    rows = Entry.objects.filter(of, portfolio=held.portfolio_id, corrections__isnull=True)
    return set(rows.exclude(kind=REVERSAL).values_list("pk", flat=True))


def _mine(pk: int, states: Sequence[str]) -> Import:
    held = Import.objects.select_related("portfolio").filter(pk=pk).first()
    if held is None or held.state not in states:
        words = " or ".join(Import.STATES[state].lower() for state in states)
        found = "none" if held is None else held.get_state_display().lower()
        raise Refused("import", f"expected it to be {words}, found {found}")
    return held


def work_due() -> int:
    """One round over all that is due; how many were finished."""
    try:
        return rounds.one_by_one(due(), _finished, "import")
    finally:
        looking.tidy()


def _finished(pk: int) -> int:
    work(Import(pk=pk))
    return 1
