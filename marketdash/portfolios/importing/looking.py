"""Looking at a file before anything of it is recorded: where it lies, what format it is, each row's fate.

The file lies in the database, compressed, because whoever commits it may be another machine; it goes when its
import is done, or an hour after somebody last looked. Called through ``actions``.
"""

from __future__ import annotations

import hashlib
import time
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any, NamedTuple

import msgspec
from django.db import transaction
from django.utils import timezone

from marketdash.portfolios import own_assets
from marketdash.portfolios.accounting import drafts
from marketdash.portfolios.accounting.drafts import Draft, fingerprint
from marketdash.portfolios.accounting.shapes import Refused
from marketdash.portfolios.import_models import FILE_NAME_LENGTH, ColumnChoice, Import, ImportFile
from marketdash.portfolios.importing import knowing, overlapping
from marketdash.portfolios.imports import byhand, entries, keeping, overlap, recognising, sheets, telling
from marketdash.portfolios.imports.cells import BadCell
from marketdash.portfolios.imports.declared import Format
from marketdash.portfolios.imports.entries import Found
from marketdash.portfolios.imports.formats import BY_NAME, FORMATS
from marketdash.portfolios.imports.lines import Reading
from marketdash.portfolios.imports.sheets import Sheet, Unreadable
from marketdash.portfolios.imports.telling import Fate
from marketdash.portfolios.models import Account, Entry, Portfolio
from marketdash.portfolios.past import forecast

MOST_WAITING = 5
"""Files of one portfolio that were looked at and not imported: the oldest goes for the next."""
KEPT = timedelta(hours=1)
AT_ONCE = 400
SAMPLE, MOST_UNKNOWN = 4, 50
_fates = msgspec.msgpack.Decoder(list[Fate])


class Looked(NamedTuple):
    """What a file is, as far as that is known: ``fits`` are formats, ``found`` what one of them gave."""

    sheet: Sheet
    fits: list[Format]
    reading: Reading | None
    found: Found | None


def bring(portfolio: Portfolio, account: int, file_name: str, data: bytes, by: Any) -> Import:
    """Keeps the file and looks at it. Raises :class:`Refused`, and then nothing stays."""
    tidy()
    if not Account.objects.filter(portfolio=portfolio, pk=account).exists():
        raise Refused("account", "expected an account of this portfolio")
    sheet = _sheet(data)
    name = drafts.text(" ".join(file_name.split()) or "file", "file", 10_000)[-FILE_NAME_LENGTH:]
    mark = hashlib.sha256(data).hexdigest()
    what = {"by": by, "file_name": name, "sha256": mark, "size": len(data)}
    made = Import(portfolio=portfolio, account_id=account, **what)
    seen = _seen(made, sheet)  # before anything is locked: a long file takes seconds
    packed = zlib.compress(data, 1)
    with transaction.atomic():
        waiting = Import.objects.filter(portfolio=portfolio, state=Import.LOOKED).order_by("-pk")
        Import.objects.filter(pk__in=list(waiting.values_list("pk", flat=True)[MOST_WAITING - 1 :])).delete()
        made.save()
        ImportFile.objects.create(of=made, content=packed, **seen)
    return made


def tidy() -> None:
    """Files that nobody came back to."""
    gone = Import.objects.filter(state=Import.LOOKED, changed__lt=timezone.now() - KEPT)
    if gone.exists():  # asked each second: nothing is locked for nothing
        gone.delete()


def look(held: Import, **chosen: Any) -> Import:
    """Every row's fate, by what is ``chosen``: format, account, zone, codes, columns; or :class:`Refused`."""
    _check_waits(held)
    _choose(held, chosen)
    seen = _seen(held)
    with transaction.atomic():
        _check_waits(Import.objects.select_for_update().filter(pk=held.pk).first())
        held.save()
        ImportFile.objects.filter(of=held).update(**seen)
    return held


def _check_waits(held: Import | None) -> None:
    if held is None or held.state != Import.LOOKED:
        found = "none" if held is None else held.get_state_display().lower()
        raise Refused("import", f"expected one that is not started, found {found}")


def _seen(held: Import, sheet: Sheet | None = None) -> dict[str, bytes]:
    """Counts on the import itself; and the fates, and the entries that are recorded if somebody says so."""
    looked = examine(held, sheet)
    held.told = _told(looked)
    if looked.found is None:
        return {"fates": b"", "drafts": b""}
    found, taken, kept = _decided(held, looked.found)
    held.found, held.duplicates = len(found.drafts), len(taken)
    held.new = held.found - held.duplicates
    held.refused, held.left = len(found.wrong), len(found.left)
    fresh = (draft for draft in found.drafts if draft.fingerprint not in taken)
    held.told["uncosted"] = forecast.uncosted(fresh, held.portfolio.base.code, time.time_ns() // 1000)
    fates = msgspec.msgpack.encode(telling.fates(found, taken))
    return {"fates": zlib.compress(fates, 1), "drafts": keeping.kept(kept)}


def _decided(held: Import, found: Found) -> tuple[Found, set[str], list[Draft]]:
    """What is left of it, the fingerprints of what is told already, and what is to be recorded: what another
    source told in another way is not, and where nobody can say whether it did it is refused."""
    taken = duplicates(held.account_id, found.drafts)
    known = {at for at, draft in enumerate(found.drafts) if draft.fingerprint in taken}
    verdict = overlapping.verdict(
        held.account_id, held.format, found.drafts, overlap.by_second(found.drafts), known
    )
    kept = [
        draft for at, draft in enumerate(found.drafts) if at not in verdict.same and at not in verdict.unclear
    ]
    taken |= {found.drafts[at].fingerprint for at in verdict.same}
    return entries.without(found, verdict.unclear), taken, kept


def _told(looked: Looked) -> dict[str, Any]:
    """What a page asks and shows of the file, which it does not read again for that."""
    header, reading = looked.sheet.header, looked.reading
    wrong = looked.found.wrong if looked.found else []
    return {
        "fits": [[each.name, each.title] for each in looked.fits],
        "title": reading.format.title if reading else "",
        "zone": reading.zone if reading else 0,
        "zone_by": reading.zone_by if reading else "",
        "unknown": Counter(each.code for each in wrong if each.code).most_common(MOST_UNKNOWN),
        "kept": sorted(reading.kept) if reading else [],
        "columns": list(zip(recognising.columns(header), header, strict=True)),
        "sample": [[cell[:60] for cell in cells[: len(header)]] for _, cells in looked.sheet.rows[:SAMPLE]],
    }


def _choose(held: Import, chosen: Mapping[str, Any]) -> None:
    if "account" in chosen:
        if not Account.objects.filter(portfolio=held.portfolio_id, pk=chosen["account"]).exists():
            raise Refused("account", "expected an account of this portfolio")
        held.account_id = chosen["account"]
    if "format" in chosen:
        if chosen["format"] not in (*BY_NAME, byhand.NAME):
            raise Refused("format", f"expected a known format, found {chosen['format']!r:.40}")
        held.format = chosen["format"]
    held.chosen |= {name: chosen[name] for name in ("zone", "assets", "kept", "columns") if name in chosen}


def examine(held: Import, sheet: Sheet | None = None) -> Looked:
    """What its file says, by what is chosen. Raises :class:`Refused`."""
    sheet = sheet or _sheet(content(held))
    fits = recognising.candidates(sheet.header, FORMATS)
    if not held.format and len(fits) == 1:
        held.format = fits[0].name
    if not held.format and not fits:
        _remembered(held, sheet)
    format = _format(held, sheet)
    if format is None:
        return Looked(sheet, fits, None, None)
    kept = held.chosen.get("kept", ())
    room = own_assets.room(held.portfolio.owner_id) if kept else 0
    known = knowing.known(format.venue, held.chosen.get("assets"), kept, room)
    try:
        reading = Reading(format, sheet, known, held.file_name, held.chosen.get("zone"))
    except BadCell as problem:
        raise Refused("file", problem.words) from None
    found = entries.found(reading, held.account_id, held.file_name, time.time_ns() // 1000)
    return Looked(sheet, fits, reading, found)


def _format(held: Import, sheet: Sheet) -> Format | None:
    if held.format == byhand.NAME:
        return byhand.format_of(sheet.header, held.chosen.get("columns", {}))
    return BY_NAME.get(held.format)


def _remembered(held: Import, sheet: Sheet) -> None:
    """What the same person chose for the same header before."""
    known = ColumnChoice.objects.filter(owner=held.by_id, header=byhand.header_hash(sheet.header)).first()
    if known is not None:
        held.format = byhand.NAME
        held.chosen["columns"] = known.columns


def remember(held: Import) -> None:
    """Its columns, for the next file of the same person with the same header."""
    ColumnChoice.objects.update_or_create(
        owner_id=held.by_id,
        header=byhand.header_hash([title for _, title in held.told["columns"]]),
        defaults={"columns": held.chosen["columns"]},
    )


def _sheet(data: bytes) -> Sheet:
    try:
        return sheets.read(data, lambda cells: bool(recognising.candidates(cells, FORMATS)))
    except Unreadable as problem:
        raise Refused("file", str(problem)) from None


def content(held: Import) -> bytes:
    return zlib.decompress(_kept(held, "content"))


def drafts_of(held: Import) -> list[Draft]:
    """The entries that were looked at. Raises :class:`Refused`."""
    return keeping.loaded(_kept(held, "drafts"), held.account_id)


def _kept(held: Import, what: str) -> bytes:
    found = ImportFile.objects.filter(of=held).values_list(what, flat=True).first()
    if found is None:
        raise Refused("file", "expected the file to be here still: choose it again")
    return bytes(found)


def fates(held: Import) -> list[Fate]:
    found = _kept(held, "fates")
    return _fates.decode(zlib.decompress(found)) if found else []


def duplicates(account: int, made: Sequence[Draft]) -> set[str]:
    """Fingerprints of what the account knows, and did not take back with a whole import."""
    found: set[str] = set()
    for start in range(0, len(made), AT_ONCE):
        chunk = made[start : start + AT_ONCE]
        marks = [draft.fingerprint for draft in renewed(account, chunk)]
        rows = Entry.objects.filter(account=account, fingerprint__in=marks)
        taken = set(rows.values_list("fingerprint", flat=True))
        found.update(draft.fingerprint for draft, mark in zip(chunk, marks, strict=True) if mark in taken)
    return found


def renewed(account: int, made: Sequence[Draft]) -> list[Draft]:
    """What an import brought that was undone may come again, under a fingerprint that follows from it."""
    found = list(made)
    if not Import.objects.filter(account=account, state=Import.UNDONE).exists():
        return found
    for again in count(1):
        marks = [draft.fingerprint for draft in found]
        undone = Entry.objects.filter(account=account, fingerprint__in=marks, imported__state=Import.UNDONE)
        taken = set(undone.values_list("fingerprint", flat=True))
        if not taken:
            break
        for at, draft in enumerate(found):
            if draft.fingerprint in taken:
                mark = fingerprint(made[at].fingerprint, "again", str(again))
                found[at] = replace(draft, fingerprint=mark)
    return found
