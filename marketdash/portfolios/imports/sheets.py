"""A file's bytes → its header and rows of text: encodings, preambles, delimiters, JSON. Pure.

Whatever is wrong with the file as a whole is said with its line, and nothing of it is read.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from marketdash.instruments import csvfile
from marketdash.instruments.csvfile import Unreadable

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = csvfile.MOST_BYTES, csvfile.MOST_ROWS, 200
_DELIMITERS = ",;\t"
_LOOKED_AT = 40
"""Records in which a header is looked for: preambles are shorter."""

IsHeader = Callable[[Sequence[str]], bool]
Row = tuple[int, list[str]]


class Sheet(NamedTuple):
    """``header`` as it stands; ``rows``: line and cells; ``above``: all text before the header."""

    header: list[str]
    rows: list[Row]
    above: str = ""
    delimiter: str = ","


def read(data: bytes, is_header: IsHeader) -> Sheet:
    """Raises :class:`Unreadable`. Without a known header the first widest record counts as one."""
    text = csvfile.decoded(data)
    if text.lstrip()[:1] in ("{", "["):
        return _of_json(text, is_header)
    delimiter, at = _header(text, is_header)
    found = _of_text(text, delimiter, at)
    if not found.rows:
        raise Unreadable("expected rows below the header, found none")
    return found


def _header(text: str, is_header: IsHeader) -> tuple[str, int]:
    """Delimiter, and which record it is."""
    widest = (0, ",", 0)
    for delimiter in _DELIMITERS:
        for at, cells in enumerate(_head(text, delimiter)):
            if is_header(cells):
                return delimiter, at
            width = sum(bool(cell.strip()) for cell in cells)
            widest = max(widest, (width, delimiter, at), key=lambda each: each[0])
    if widest[0] < 2:
        raise Unreadable("expected a header of several columns, found none")
    return widest[1:]


def _head(text: str, delimiter: str) -> Iterator[list[str]]:
    """The first records, as far as they can be read."""
    lines = csv.reader(io.StringIO(text[: 256 * 1024], newline=""), delimiter=delimiter)
    try:
        for _, cells in zip(range(_LOOKED_AT), lines, strict=False):
            yield cells
    except csv.Error:
        return


def _of_text(text: str, delimiter: str, at: int) -> Sheet:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    above, header, rows, first = [], [], [], 1
    try:
        for number, cells in enumerate(lines):
            if number < at:
                above.append(" ".join(cells))
            elif number == at:
                header = [cell.strip() for cell in cells]
            elif any(cells) and cells != header:
                rows.append((first, cells))
            first = lines.line_num + 1
    except csv.Error as problem:
        what = (
            "the end inside quotation marks: it was cut off" if "unexpected end" in str(problem) else problem
        )
        raise Unreadable(f"line {first}: expected a whole row, found {what}") from None
    _check(header, rows, text)
    return Sheet(header, rows, "\n".join(above), delimiter)


def _check(header: Sequence[str], rows: Sequence[Row], text: str) -> None:
    if len(header) > MOST_COLUMNS:
        raise Unreadable(f"expected at most {MOST_COLUMNS} columns, found {len(header)}")
    if len(rows) > MOST_ROWS:
        raise Unreadable(
            f"expected at most {MOST_ROWS:,} rows, found {len(rows):,}: export fewer years at once"
        )
    if rows and not text.endswith(("\n", "\r")) and _is_cut(header, rows):
        line, cells = rows[-1]
        words = f"expected a whole row of {len(header)} cells at the end, found {len(cells)}"
        raise Unreadable(f"line {line}: {words}: the file was cut off, export it again")


def _is_cut(header: Sequence[str], rows: Sequence[Row]) -> bool:
    """Shorter than the header, and than every other row: some writers leave empty cells out."""
    last = len(rows[-1][1])
    return last < len(header) and last < min((len(cells) for _, cells in rows[:-1]), default=len(header))


def _of_json(text: str, is_header: IsHeader) -> Sheet:
    """Numbers keep their digits: they stay text."""
    try:
        found = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError) as problem:
        raise Unreadable(f"expected JSON, found {problem}") from None
    for rows in _lists(found):
        header = list(dict.fromkeys(key for row in rows for key in row))
        if is_header(header):
            cells = [(at, [_cell(row.get(key)) for key in header]) for at, row in enumerate(rows, 1)]
            _check(header, cells, "\n")
            return Sheet(header, cells)
    raise Unreadable("expected JSON of a known format, found another")


def _lists(found: Any) -> Iterator[list[dict[str, Any]]]:
    for each in [found, *(found.values() if isinstance(found, dict) else ())]:
        if isinstance(each, list) and each and all(isinstance(row, dict) for row in each):
            yield each


def _cell(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)
