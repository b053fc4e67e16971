"""What a table of instruments would change: all of it planned first, and saved whole or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.contrib.admin.models import ADDITION
from django.core.exceptions import ValidationError
from django.db import transaction

from feeds import symbols
from marketdash.instruments import assets, history, naming, parts
from marketdash.instruments.actions import notify_on_commit
from marketdash.instruments.csvfile import Table
from marketdash.instruments.history import By, Differences
from marketdash.instruments.models import Depth, Instrument, Kind, Status, Venue, checked_increment
from marketdash.instruments.writing import insert_each, update_each


class Wrong(NamedTuple):
    """One field of one row."""

    line: int
    column: str
    problem: str


class Plan(NamedTuple):
    """``same``: how many rows say what is known already. With anything ``wrong`` nothing may be saved."""

    changes: list[tuple[Instrument, Differences]]
    new: list[Instrument]
    same: int
    wrong: list[Wrong]


def plan(table: Table, *, may_add: bool) -> Plan:
    """Reads the catalogue; writes nothing."""
    known = {row.symbol: row for row in Instrument.objects.select_related("venue")}
    venues = {venue.name: venue for venue in Venue.objects.all()}
    rows, wrong = _checked(table, known, venues, may_add)
    if wrong:
        return Plan([], [], 0, wrong)
    changes = [
        (known[symbol], changed)
        for symbol, values in rows
        if (changed := _differences(known, symbol, values))
    ]
    new = [_new(symbol, values, venues) for symbol, values in rows if symbol not in known]
    return Plan(changes, new, len(rows) - len(changes) - len(new), [])


def _checked(
    table: Table, known: Mapping[str, Instrument], venues: Collection[str], may_add: bool
) -> tuple[list[tuple[str, dict[str, Any]]], list[Wrong]]:
    """Symbol and values of each row, and all that is wrong with any of them."""
    rows, found, lines = [], [], {}
    for line, cells in table.rows:
        row = dict(zip(table.columns, cells, strict=False))
        values, wrong = _values(line, row)
        if len(cells) > len(table.columns):
            wrong.append(Wrong(line, "row", f"expected {len(table.columns)} cells, found {len(cells)}"))
        symbol = row.get("symbol", "")
        if (first := lines.setdefault(symbol, line)) != line:
            wrong.append(Wrong(line, "symbol", f"{symbol} stands on line {first} already"))
        elif symbol not in known and (problem := _unknown(symbol, values, venues, may_add)):
            wrong.append(Wrong(line, "symbol", problem))
        elif not wrong and values.keys() & _TOGETHER:
            wrong += _unfit(line, known.get(symbol), values)
        rows.append((symbol, values))
        found += wrong
    return rows, found


_TOGETHER = {"kind", "expiry", "strike", "right"}
"""Parts that fit each other or do not."""


def _unfit(line: int, row: Instrument | None, values: Mapping[str, Any]) -> list[Wrong]:
    """Of what the row would be: cells that are empty leave what is there."""
    there = {name: getattr(row, name) if row else "" for name in _TOGETHER}
    whole = {**there, "kind": there["kind"] or Kind.SPOT.value, **values}
    return [Wrong(line, column, said) for column, said in parts.problems(whole).items()]


def _differences(known: Mapping[str, Instrument], symbol: str, values: dict[str, Any]) -> Differences:
    return history.differences(known[symbol], values) if symbol in known else {}


def _new(symbol: str, values: dict[str, Any], venues: Mapping[str, Venue]) -> Instrument:
    venue, native = symbols.split_instrument(symbol)
    return Instrument(venue=venues[venue], native=native, symbol=symbol, **values)


def _unknown(symbol: str, values: Mapping[str, Any], venues: Collection[str], may_add: bool) -> str:
    """Why a symbol that is not known cannot be a new instrument either, or nothing."""
    try:
        venue, _ = symbols.split_instrument(symbol)
    except symbols.InvalidName as problem:
        return str(problem).removeprefix("symbol: ")
    if venue not in venues:
        return f"expected one of the venues {', '.join(sorted(venues))}, found {venue}"
    if not may_add:
        return f"{symbol} is not known here, and you may not add instruments"
    if not (values.get("base") and values.get("quote")):
        return f"{symbol} is not known here; a new instrument needs base and quote"
    return ""


# cells


def _values(line: int, row: Mapping[str, str]) -> tuple[dict[str, Any], list[Wrong]]:
    """An empty cell leaves what is there."""
    values, wrong = {}, []
    for column, parse in _PARSERS.items():
        if text := row.get(column, ""):
            try:
                values[column] = parse(text)
            except (ValueError, ValidationError) as problem:
                said = problem.message if isinstance(problem, ValidationError) else str(problem)
                wrong.append(Wrong(line, column, said))
    return values, wrong


_TRUE, _FALSE = ("yes", "true", "on", "1", "y"), ("no", "false", "off", "0", "n")


def _flag(text: str) -> bool:
    if text.lower() not in (*_TRUE, *_FALSE):
        raise ValueError(f"expected yes or no, found {text[:60]!r}")
    return text.lower() in _TRUE


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"expected one of {', '.join(choices)}, found {text[:60]!r}")
        return text.lower()

    return parse


_DEPTHS = {str(depth): depth for depth in Depth.values}


def _depth(text: str) -> int:
    if text not in _DEPTHS:
        raise ValueError(f"expected one of {', '.join(_DEPTHS)}, found {text[:60]!r}")
    return _DEPTHS[text]


def _size(text: str) -> str:
    checked_increment(text)
    return text


def _code(text: str) -> str:
    if said := parts.code_problem(text):
        raise ValueError(said)
    return text


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expected a time such as 2026-12-27T08:00:00Z, found {text[:60]!r}") from None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    if said := parts.time_problem(found):
        raise ValueError(said)
    return found


_PARSERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("enabled", "ticker", "trades", "bars"), _flag),
    **dict.fromkeys(("base", "quote", "settle"), _code),
    **dict.fromkeys(("strike", "tick_size", "lot_size", "contract_size"), _size),
    "book_depth": _depth,
    "status": _one_of(*Status.values),
    "kind": _one_of(*Kind.values),
    "right": _one_of("call", "put"),
    "expiry": _time,
}


# saving


@transaction.atomic
def save(planned: Plan, by: By) -> None:
    """All of it, in one transaction; each row is in the history."""
    if planned.wrong:
        raise ValueError(f"expected nothing wrong, found {len(planned.wrong)} problems")
    same_fields: dict[tuple[str, ...], list[Instrument]] = defaultdict(list)
    for row, changed in planned.changes:
        for name, (_, new) in changed.items():
            setattr(row, name, new)
        same_fields[tuple(changed)].append(row)
    for names, rows in same_fields.items():
        update_each(rows, names)
    assets.settle(planned.new)
    naming.give_slugs(planned.new)
    insert_each(planned.new, known_by="symbol")
    if any(changed.keys() & {"base", "quote", "kind"} for _, changed in planned.changes):
        assets.settle_all()
    history.record(by, planned.changes)
    history.record(by, ((row, {}) for row in planned.new), ADDITION)
    notify_on_commit()
