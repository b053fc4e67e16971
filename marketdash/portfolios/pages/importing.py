"""What the pages of imports show and ask, and what their forms say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from marketdash.numerals import Style
from marketdash.portfolios import queries
from marketdash.portfolios.accounting.shapes import Refused
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.importing import committing, looking
from marketdash.portfolios.imports import byhand
from marketdash.portfolios.imports.telling import DUPLICATE, FATES, LEFT, NEW, REFUSED, Fate
from marketdash.portfolios.past import missing
from marketdash.portfolios.words import journal, shown, undone
from marketdash.portfolios.words.journal import Part

MOST_LISTED, ROWS, MOST_OWED = 200, 100, 10
HALF_HOURS = range(-12 * 60, 14 * 60 + 1, 30)


class Shown(NamedTuple):
    """Rows of one fate: how many, and whether they are chosen."""

    fate: str
    label: str
    rows: str
    chosen: bool


class Row(NamedTuple):
    """Of a file, and what of it would move."""

    told: Fate
    parts: list[Part]


class Asked(NamedTuple):
    """A meaning to choose a column for."""

    meaning: str
    label: str
    about: str
    column: str


def number(text: str) -> int:
    """Of a row; what is no number is none of them."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def told(held: Import, asked: Mapping[str, str], style: Style) -> dict[str, Any]:
    """Everything that an import's page shows."""
    fates = looking.fates(held) if held.state == Import.LOOKED and held.format else []
    fate = asked.get("fate", "") if asked.get("fate") in FATES else ""
    chosen = [each for each in fates if not fate or each.fate == fate]
    at = min(max(number(asked.get("page", "")), 1), _pages(chosen))
    return {
        "portfolio": held.portfolio,
        "import": held,
        "accounts": list(held.portfolio.accounts.all()),
        "counts": _counts(held, style),
        "uncosted": missing.forecast(held.told.get("uncosted", {})),
        "filters": _filters(fates, fate, style),
        "fate": fate,
        "rows": [_row(each, style) for each in chosen[(at - 1) * ROWS : at * ROWS]],
        "at": at,
        "pages": _pages(chosen),
        "zones": [(minutes, _zone(minutes)) for minutes in HALF_HOURS],
        "zone": _zone(held.told.get("zone", 0)),
        "asks_columns": held.state == Import.LOOKED and not held.told.get("fits"),
        "asked": _asked(held),
        "whole": held.new if held.state in (Import.UNDOING, Import.UNDONE) else held.found,
    }


def undoing(held: Import, style: Style) -> list[str]:
    """What would be owed without it, in words: the ledger is read for them, so who wants to undo asks."""
    found = queries.owed_without(held.portfolio, committing.counting(held))
    if found is None:
        return ["The ledger is long: whether what stays would then owe something is not worked out before"]
    accounts = {each.pk: each.name for each in held.portfolio.accounts.all()}
    words = [undone.owed(each, accounts[each.account], style) for each in found[:MOST_OWED]]
    more = len(found) - len(words)
    return [*words, *([f"And {more} more would be owed in the same way"] if more else [])]


def _row(told: Fate, style: Style) -> Row:
    return Row(
        told, [journal.part(role, Decimal(amount), what, "", style) for role, amount, what in told.legs]
    )


def _pages(rows: list[Fate]) -> int:
    return max(1, -(-len(rows) // ROWS))


def _counts(held: Import, style: Style) -> list[tuple[str, str, str, str]]:
    """Fate, label, how many, of what."""
    entries = (NEW, "New", held.new), (DUPLICATE, "Duplicates", held.duplicates)
    rows = (REFUSED, "Refused", held.refused), (LEFT, "Left out", held.left)
    return [
        *(
            (fate, label, _whole(count, style), "entries" if count != 1 else "entry")
            for fate, label, count in entries
        ),
        *(
            (fate, label, _whole(count, style), "rows" if count != 1 else "row")
            for fate, label, count in rows
        ),
    ]


def _filters(fates: list[Fate], chosen: str, style: Style) -> list[Shown]:
    there = Counter(each.fate for each in fates)
    every = Shown("", "All rows", _whole(len(fates), style), not chosen)
    return [
        every,
        *(
            Shown(fate, FATES[fate], _whole(there[fate], style), fate == chosen)
            for fate in FATES
            if there[fate]
        ),
    ]


def _whole(count: int, style: Style) -> str:
    return shown.quantity(Decimal(count), style)


def _zone(minutes: int) -> str:
    """``UTC+05:30``."""
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'−' if minutes < 0 else '+'}{hours:02d}:{rest:02d}" if minutes else "UTC"


def _asked(held: Import) -> list[Asked]:
    columns = held.chosen.get("columns") or byhand.proposed(
        [title for _, title in held.told.get("columns", [])]
    )
    return [
        Asked(each.meaning, each.label, each.about, columns.get(each.meaning, "")) for each in byhand.ASKED
    ]


def chosen(held: Import, sent: Mapping[str, str]) -> dict[str, Any]:
    """What a form says of the file; what it does not ask stays as it is. Raises :class:`Refused`."""
    found: dict[str, Any] = {}
    if "account" in sent:
        found["account"] = number(sent["account"])
    if "format" in sent:
        found["format"] = sent["format"]
    if "zone" in sent:
        found["zone"] = _offset(sent["zone"])
    codes = {
        name.removeprefix("code."): text.strip() for name, text in sent.items() if name.startswith("code.")
    }
    if codes:
        found["assets"] = {
            **held.chosen.get("assets", {}),
            **{code: text for code, text in codes.items() if text},
        }
    if sent.get("keep") == "yes":
        unknown = [code for code, _ in held.told.get("unknown", []) if not codes.get(code)]
        found["kept"] = sorted({*held.chosen.get("kept", []), *unknown})
    if "column.time" in sent:
        there = {name for name, _ in held.told.get("columns", [])}
        columns = {each.meaning: sent.get(f"column.{each.meaning}", "") for each in byhand.ASKED}
        found["columns"] = {meaning: name for meaning, name in columns.items() if name in there}
        found["format"] = byhand.NAME
    return found


def _offset(text: str) -> int:
    minutes = number(text.removeprefix("-")) * (-1 if text.startswith("-") else 1)
    if minutes not in HALF_HOURS:
        raise Refused("zone", f"expected one of the offered time zones, found {text!r:.20}")
    return minutes
