"""Instruments as CSV: reading what spreadsheets write, in clear words where that fails, and writing; and the
text of any such file. Pure."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

COLUMNS = (
    "symbol",
    "enabled",
    "ticker",
    "trades",
    "bars",
    "book_depth",
    "status",
    "kind",
    "base",
    "quote",
    "settle",
    "expiry",
    "strike",
    "right",
    "tick_size",
    "lot_size",
    "contract_size",
)
MOST_BYTES, MOST_ROWS = 32 * 1024 * 1024, 200_000
_DELIMITERS = ",;\t"
# In their wide forms too, which a sheet of an East Asian locale takes for the same.
_STARTS = r"=+\-@\uff1d\uff0b\uff0d\uff20"
_FORMULA = re.compile(rf"'*[{_STARTS}\t\r\n]")
"""What a spreadsheet would compute; an apostrophe before it makes it text, there and back."""
_WITHIN = re.compile(rf"([;\t\r\n]['\"]*)(?=[{_STARTS}])")
_MADE_TEXT = re.compile(rf"([;\t\r\n]['\"]*)'(?=[{_STARTS}])")
"""Where semicolons part cells, and in half of Europe they do, another cell begins behind one."""


class Plain(str):
    """The digits of a number that we made ourselves: it stays one, also below zero."""


class Unreadable(ValueError):
    """What was expected of the file, what was found, and where."""


class Table(NamedTuple):
    """``rows``: line in the file, and its cells by column."""

    columns: list[str]
    rows: list[tuple[int, list[str]]]


def read(data: bytes) -> Table:
    """The table of a file. Raises :class:`Unreadable`."""
    text = decoded(data)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        columns = _columns(next(lines, []))
        rows = [
            (lines.line_num, [_typed(cell) for cell in cells])
            for cells in lines
            if any(map(str.strip, cells))
        ]
    except csv.Error as problem:
        raise Unreadable(f"line {lines.line_num}: expected comma-separated values, found {problem}") from None
    if not rows:
        raise Unreadable("expected a row for each instrument, found none below the header")
    if len(rows) > MOST_ROWS:
        raise Unreadable(f"expected at most {MOST_ROWS:,} rows, found {len(rows):,}")
    return Table(columns, rows)


def decoded(data: bytes) -> str:
    """The text of a file that somebody saved from a spreadsheet. Raises :class:`Unreadable`."""
    if len(data) > MOST_BYTES:
        raise Unreadable(f"expected at most {MOST_BYTES // 2**20} MiB, found {len(data) / 2**20:.0f}")
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise Unreadable("expected text, found a workbook or an archive: save its sheet as CSV first")
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        found = f"byte 0x{data[problem.start]:02X}" if problem.start < len(data) else "half a character"
        raise Unreadable(f"line {line}: expected UTF-8 text, found {found}: save as CSV UTF-8") from None
    if "\0" in text:
        raise Unreadable("expected text, found binary data")
    return text.replace("\ufeff", "")


def _delimiter(text: str) -> str:
    """What the header is parted by: spreadsheets of half of Europe write semicolons."""
    header = text.lstrip().partition("\n")[0]
    return max(_DELIMITERS, key=header.count)


def _columns(header: Sequence[str]) -> list[str]:
    names = [re.sub(r"\s+", "_", cell.strip().lower()) for cell in header]
    if not any(names):
        raise Unreadable(f"expected a header such as {','.join(COLUMNS[:6])}, found an empty file")
    if unknown := [name for name in names if name not in COLUMNS]:
        raise Unreadable("; ".join(map(_unknown, unknown[:10])) + f". Known are {', '.join(COLUMNS)}")
    if twice := [name for name in COLUMNS if names.count(name) > 1]:
        raise Unreadable(f"expected each column once, found {', '.join(twice)} more often")
    if "symbol" not in names:
        raise Unreadable(f"expected a column symbol, found {', '.join(names)}")
    return names


def _unknown(name: str) -> str:
    alike = difflib.get_close_matches(name, COLUMNS, n=1)
    hint = f" (did you mean {alike[0]}?)" if alike else ""
    return f"unknown column {name[:60]!r}{hint}"


def _typed(cell: str) -> str:
    """As it was before :func:`write` made it harmless."""
    cell = _MADE_TEXT.sub(r"\1", cell.strip(" "))
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell.strip()


def write(rows: Iterable[Any]) -> str:
    """The file of ``rows``, which have an attribute for each column."""
    return table(COLUMNS, ([_cell(getattr(row, name)) for name in COLUMNS] for row in rows))


def table(header: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Any file of ours, with no cell that a spreadsheet would compute."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(
        [cell if isinstance(cell, Plain) else _harmless(str(cell)) for cell in row] for row in rows
    )
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _harmless(text: str) -> str:
    text = _WITHIN.sub(r"\1'", text)
    return f"'{text}" if _FORMULA.match(text) else text
