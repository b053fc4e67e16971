"""Imports as bots are told them, and what they ask of them: the very steps of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from marketdash.portfolios import actions, queries
from marketdash.portfolios.accounting.shapes import Refused
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.importing import looking
from marketdash.portfolios.imports import sheets
from marketdash.portfolios.imports.telling import Fate
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.pages import importing

Body = dict[str, Any]
_COUNTS = ("found", "done", "new", "duplicates", "refused", "left")


class Sent(Protocol):
    """A file that came."""

    @property
    def name(self) -> str | None: ...
    @property
    def size(self) -> int | None: ...
    def read(self) -> bytes: ...


def listed(portfolio: Portfolio, before: int, limit: int) -> tuple[list[Body], int | None]:
    """The newest first, and what to ask with for older ones."""
    rows = queries.imports(portfolio)
    found = list((rows.filter(pk__lt=before) if before else rows).order_by("-pk")[: limit + 1])
    kept = found[:limit]
    return [told(each) for each in kept], kept[-1].pk if len(found) > limit else None


def one(portfolio: Portfolio, pk: int) -> Import | None:
    return queries.imports(portfolio).filter(pk=pk).first()


def told(held: Import) -> Body:
    """What is asked of whoever brought it is there while nothing of it is recorded."""
    return {
        "id": held.pk,
        "account": held.account_id,
        "file": held.file_name,
        "size": held.size,
        "format": held.format,
        "state": held.state,
        **{name: getattr(held, name) for name in _COUNTS},
        "problem": held.problem,
        "made": round(held.made.timestamp() * 1_000_000),
        "changed": round(held.changed.timestamp() * 1_000_000),
        "fits": [name for name, _ in held.told.get("fits", [])],
        "zone": held.told.get("zone", 0),
        "zone_by": held.told.get("zone_by", ""),
        "unknown_codes": [{"code": code, "rows": rows} for code, rows in held.told.get("unknown", [])],
        "kept_codes": held.told.get("kept", []),
        "columns": [name for name, _ in held.told.get("columns", [])],
        "uncosted": _uncosted(held.told.get("uncosted", {})),
    }


def _uncosted(found: Mapping[str, Any]) -> Body:
    counts = {why: found.get(why, 0) for why in ("deposited", "asked", "nobody")}
    return {"entries": sum(counts.values()), **counts, "assets": found.get("assets", [])}


def rows(held: Import, fate: str, after: int, limit: int) -> tuple[list[Body], int | None]:
    """What becomes of each, from the row behind ``after`` on. Raises :class:`Refused`."""
    if held.state != Import.LOOKED:
        raise Refused("import", f"expected one that is not started, found {held.get_state_display().lower()}")
    found = [each for each in looking.fates(held) if held.format and fate in ("", each.fate)]
    kept = found[after : after + limit]
    return [_row(each) for each in kept], after + limit if len(found) > after + limit else None


def _row(each: Fate) -> Body:
    return {
        "line": each.line,
        "fate": each.fate,
        "words": each.sentence,
        "field": each.field,
        "code": each.code,
    }


def brought(portfolio: Portfolio, account: int, file: Sent, by: Any) -> Import:
    """Looked at; nothing is recorded. Raises :class:`Refused`."""
    if (file.size or 0) > sheets.MOST_BYTES:  # before any of it is read
        found = f"expected at most {sheets.MOST_BYTES // 2**20} MiB, found {-(-(file.size or 0) >> 20)}"
        raise Refused("file", found)
    return actions.bring(portfolio, account, file.name or "", file.read(), by)


def looked(held: Import, chosen: Mapping[str, Any]) -> Import:
    """With what is said of it: ``account``, ``format``, ``zone``, ``codes``, ``keep``, ``columns``.
    Raises :class:`Refused`."""
    sent = {name: str(chosen[name]) for name in ("account", "format", "zone") if chosen.get(name) is not None}
    sent |= {f"code.{code}": asset for code, asset in (chosen.get("codes") or {}).items()}
    sent |= {"keep": "yes"} if chosen.get("keep") else {}
    sent |= {f"column.{meaning}": column for meaning, column in (chosen.get("columns") or {}).items()}
    return actions.look(held, **importing.chosen(held, sent))
