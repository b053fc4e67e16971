"""Instruments as CSV: what spreadsheets write is read, what cannot be read is said, nothing is half saved."""

from __future__ import annotations

import codecs
from collections.abc import Callable

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import User

from marketdash.instruments import actions, csvfile, imports
from marketdash.instruments.csvfile import Unreadable
from marketdash.instruments.history import By
from marketdash.instruments.imports import Wrong
from marketdash.instruments.models import Instrument

HEADER = "symbol,enabled,book_depth"
LINES = f"{HEADER}\nKRAKEN:BTC/USD,yes,25\n"


@pytest.mark.parametrize(
    "data",
    [
        LINES.encode(),
        codecs.BOM_UTF8 + LINES.encode(),
        LINES.encode("utf-16"),
        LINES.replace(",", ";").encode(),
        LINES.replace(",", "\t").replace("\n", "\r\n").encode(),
        b"Symbol , Enabled,Book Depth\n\n KRAKEN:BTC/USD , yes ,25\n,,\n",
        b'"symbol","enabled","book_depth"\r"KRAKEN:BTC/USD","yes","25"\r',
    ],
    ids=["plain", "mark", "utf-16", "semicolons", "tabs", "blanks", "quoted, old line ends"],
)
def test_what_spreadsheets_write_is_read(data: bytes) -> None:
    table = csvfile.read(data)

    assert table.columns == ["symbol", "enabled", "book_depth"]
    assert [cells for _, cells in table.rows] == [["KRAKEN:BTC/USD", "yes", "25"]]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "expected a header"),
        (HEADER.encode(), "expected a row for each instrument"),
        (b"enabled\nyes\n", "expected a column symbol, found enabled"),
        (b"symbol,book_dept\nX,1\n", r"unknown column 'book_dept' \(did you mean book_depth\?\)"),
        (b"symbol,enabled,enabled\nX,1,1\n", "expected each column once, found enabled"),
        (b"symbol\nKRAKEN:\xe9\n", "line 2: expected UTF-8 text, found byte 0xE9: save as CSV UTF-8"),
        (b"PK\x03\x04rest of it", "found a workbook"),
        (b"symbol\nA\0B\n", "binary data"),
        (b'symbol\n"KRAKEN:BTC/USD\n', "line 2: expected comma-separated values"),
        (b"\xff\xfes", "expected UTF-8 text|expected a column"),
    ],
)
def test_what_cannot_be_read_is_said_in_clear_words(data: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        csvfile.read(data)


def test_a_formula_is_text_there_and_back() -> None:
    hostile = ['=HYPERLINK("http://x")', "+1", "-2", "@SUM(A1)", "\tx", "'=1", "plain"]
    hostile += ["a;=1", "a;'@x", 'a;"+1', "=1;-2", "a; b"]

    text = csvfile.table(["symbol"], [[cell] for cell in hostile])

    cells = [cells[0] for _, cells in csvfile.read(text.encode()).rows]
    pieces = [piece.lstrip('"') for line in text.splitlines() for piece in line.split(";")]
    assert not any(piece.startswith(tuple("=+-@\t")) for piece in pieces)
    assert [cell.strip() for cell in cells] == [cell.strip() for cell in hostile]


@pytest.fixture
def plan(database: str) -> Callable[..., imports.Plan]:
    actions.add_starters({"KRAKEN": "Kraken"})

    def planned(*lines: str, may_add: bool = True) -> imports.Plan:
        return imports.plan(csvfile.read("\n".join(lines).encode()), may_add=may_add)

    return planned


def by() -> By:
    return By(User.objects.create_user("olga").pk, "CSV import of mine.csv")


def test_what_would_change_is_planned_and_what_is_empty_stays(plan: Callable[..., imports.Plan]) -> None:
    planned = plan(HEADER, "KRAKEN:BTC/USD,,25", "KRAKEN:ETH/USD,no,", "KRAKEN:SOL/USD,yes,100")

    changes = {row.symbol: changed for row, changed in planned.changes}
    assert changes == {
        "KRAKEN:BTC/USD": {"book_depth": (100, 25)},
        "KRAKEN:ETH/USD": {"enabled": (True, False)},
    }
    assert (planned.new, planned.same, planned.wrong) == ([], 1, [])
    assert Instrument.objects.get(symbol="KRAKEN:BTC/USD").book_depth == 100


def test_what_was_planned_is_saved_and_in_the_history(plan: Callable[..., imports.Plan]) -> None:
    head = "symbol,enabled,book_depth,base,quote,tick_size,expiry"
    planned = plan(head, "KRAKEN:BTC/USD,,25,,,,", "KRAKEN:SOL/EUR,yes,10,SOL,EUR,0.01,2026-12-27T08:00")

    imports.save(planned, by())

    new = Instrument.objects.get(symbol="KRAKEN:SOL/EUR")
    assert (new.enabled, new.book_depth, new.slug, new.base_asset.code) == (True, 10, "kraken-sol-eur", "SOL")
    assert "SOLANA" in new.searched and new.expiry is not None
    said = {
        entry.object_repr: entry.change_message for entry in LogEntry.objects.filter(user__username="olga")
    }
    assert said == {
        "KRAKEN:BTC/USD": "Book depth: 100 → 25 (CSV import of mine.csv)",
        "KRAKEN:SOL/EUR": "CSV import of mine.csv",
    }


def test_each_wrong_row_and_field_is_named(plan: Callable[..., imports.Plan]) -> None:
    planned = plan(
        "symbol,enabled,book_depth,tick_size,base,quote",
        "KRAKEN:BTC/USD,perhaps,7,0,,",
        "KRAKEN:BTC/USD,yes,,,,",
        "NOWHERE:X,yes,,,X,Y",
        "no symbol,yes,,,,",
        "KRAKEN:SOLEUR,yes,,,,",
        "KRAKEN:ETH/USD,no,,,,,,too many",
        "KRAKEN:SOL/USD,,,1E-2,,",
    )

    assert planned.wrong == [
        Wrong(2, "enabled", "expected yes or no, found 'perhaps'"),
        Wrong(2, "tick_size", "size: expected more than 0, found '0'"),
        Wrong(2, "book_depth", "expected one of 0, 10, 25, 100, 500, 1000, found '7'"),
        Wrong(3, "symbol", "KRAKEN:BTC/USD stands on line 2 already"),
        Wrong(4, "symbol", "expected one of the venues KRAKEN, found NOWHERE"),
        Wrong(5, "symbol", "expected VENUE:SYMBOL, found 'no symbol'"),
        Wrong(6, "symbol", "KRAKEN:SOLEUR is not known here; a new instrument needs base and quote"),
        Wrong(7, "row", "expected 6 cells, found 8"),
        Wrong(8, "tick_size", "size: expected a plain decimal number, found '1E-2'"),
    ]
    with pytest.raises(ValueError, match="found 9 problems"):
        imports.save(planned, by())
    assert Instrument.objects.get(symbol="KRAKEN:ETH/USD").enabled


def test_who_may_not_add_is_told_so(plan: Callable[..., imports.Plan]) -> None:
    planned = plan("symbol,base,quote", "KRAKEN:SOL/EUR,SOL,EUR", may_add=False)

    assert planned.wrong == [
        Wrong(2, "symbol", "KRAKEN:SOL/EUR is not known here, and you may not add instruments")
    ]


def test_what_was_exported_is_imported_as_no_change(plan: Callable[..., imports.Plan]) -> None:
    text = csvfile.write(Instrument.objects.all())

    planned = plan(*text.splitlines())

    assert (planned.changes, planned.new, planned.wrong) == ([], [], [])
    assert planned.same == Instrument.objects.count()


def lines_of(count: int, *, bases: str, ticks: bool) -> list[str]:
    return [f"KRAKEN:C{n}/USD,yes,10,{bases}{n},USD,0.{n + 1 if ticks else 1}" for n in range(count)]


def test_rows_of_which_each_changes_to_something_else_are_all_saved(
    plan: Callable[..., imports.Plan],
) -> None:
    """Values of their own, the assets that they mean, an entry in the history: each."""
    head, who = f"{HEADER},base,quote,tick_size", by()
    imports.save(plan(head, *lines_of(1200, bases="C", ticks=False)), who)
    assert LogEntry.objects.filter(action_flag=ADDITION, user_id=who.user_id).count() == 1200

    imports.save(plan(head, *lines_of(1200, bases="D", ticks=True)), who)

    rows = Instrument.objects.filter(native__startswith="C").select_related("base_asset")
    found = {
        row.native: (row.base, row.tick_size, row.base_asset.code)
        for row in rows
        if row.native[1:2].isdigit()
    }
    assert found == {f"C{n}/USD": (f"D{n}", f"0.{n + 1}", f"D{n}") for n in range(1200)}
    entry = LogEntry.objects.get(
        object_id=str(Instrument.objects.get(native="C7/USD").pk), action_flag=CHANGE
    )
    assert entry.change_message == "Base: C7 → D7; tick size: 0.1 → 0.8 (CSV import of mine.csv)"
    assert plan(head, *lines_of(1200, bases="D", ticks=True)).same == 1200


def test_a_hundred_thousand_symbols_with_errors_import_nothing(plan: Callable[..., imports.Plan]) -> None:
    lines = [f"KRAKEN:C{n}/USD,yes,10,C{n},USD" for n in range(100_000)]
    lines[99_999] = "KRAKEN:LAST/USD,maybe,11,,"

    planned = plan(f"{HEADER},base,quote", *lines)

    assert [(each.line, each.column) for each in planned.wrong] == [
        (100_001, "enabled"), (100_001, "book_depth"), (100_001, "symbol"),
    ]  # fmt: skip
    assert Instrument.objects.count() < 50
