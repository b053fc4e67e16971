"""Cells and files as people have them: encodings, preambles, decimal commas, zones, and what is cut off."""

from __future__ import annotations

from decimal import Decimal

import pytest

from marketdash.portfolios.imports import cells, recognising, sheets
from marketdash.portfolios.imports.cells import BadCell
from marketdash.portfolios.imports.sheets import Unreadable
from tests.marketdash.portfolios.imports.reading import KNOWN, told, wrong

TEXT = (
    "Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n2022-03-28 13:01:36,SOLBUSD,BUY,100,1SOL,100BUSD,0BUSD\n"
)
ENTRY = ["2022-03-28 13:01:36 buy 1 SOL, -100 BUSD < f.csv:2"]


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").replace("\n", "\r\n").encode(),
        "".join(f"\ufeff{line}\n" for line in TEXT.splitlines()).encode(),
        TEXT.removesuffix("\n").encode(),
        TEXT.replace("Date(UTC)", '"Date(UTC)"').encode(),
    ],
)
def test_a_file_is_read_however_it_is_written(data: bytes) -> None:
    assert told(data) == ENTRY


def test_lines_above_the_header_are_passed_and_may_say_the_zone() -> None:
    text = f"Report,x\nTime Zone:UTC+2\n\n{TEXT.replace('Date(UTC)', 'Time')}"

    assert told(text) == ["2022-03-28 11:01:36 buy 1 SOL, -100 BUSD < f.csv:5"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "expected a header of several columns, found none"),
        (b"a,b\n", "expected rows below the header, found none"),
        (b"PK\x03\x04rest", "expected text, found a workbook"),
        (b"a,b\n\xff\xfe\n", "line 2: expected UTF-8 text"),
        (b"a,b\n\x00,1\n", "found binary data"),
        (
            TEXT.encode() + b"2022-03-28 13:01:36,SOLBUSD,BUY,10",
            "line 3: expected a whole row of 7 cells at the end",
        ),
        (
            TEXT.encode() + b'2022-03-28 13:01:36,"SOLB',
            "line 3: expected a whole row, found the end inside quotation",
        ),
        (b'{"activities": [', "expected JSON, found"),
        (b'{"activities": 7}', "expected JSON of a known format"),
        (b"a" * (sheets.MOST_BYTES + 1), "expected at most 32 MiB, found 32"),
        (b"a,b\n" + b"1,2\n" * 101, "expected at most 100 rows, found 101"),
    ],
    ids=range(11),
)
def test_what_cannot_be_read_is_said_in_words(
    data: bytes, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 100)
    with pytest.raises(Unreadable) as refused:
        sheets.read(data, lambda cells: False)

    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("texts", "number", "sign"),
    [
        (["1,5"], "1.5", ","),
        (["1.234,50 €"], "1234.5", ","),
        (["$1,234.50"], "1234.5", "."),
        (["1 234,5"], "1234.5", ","),
        (["1\u00a0234\u00a0567,8"], "1234567.8", ","),
        (["-€0.12649"], "-0.12649", "."),
        (["1'234.5"], "1234.5", "."),
        (["−3.25"], "-3.25", "."),
        (["1E-8"], "0.00000001", ""),
        (["1,234", "0.5"], "1234", "."),
        (["1,234", "0,5"], "1.234", ","),
        (["1.234", "0,5"], "1234", ","),
        (["-12.345", "1.234,5"], "-12345", ","),
        (["1.234"], "1.234", ""),
    ],
)
def test_numbers(texts: list[str], number: str, sign: str) -> None:
    assert cells.decimal_sign(texts) == sign
    assert cells.number(texts[0], sign) == Decimal(number)


@pytest.mark.parametrize("text", ["0.5", "0.015", "1.23", "1.2345", "12.3456,5", "1.2,5"])
def test_a_point_where_commas_are_decimal_is_only_before_three_digits(text: str) -> None:
    with pytest.raises(BadCell):
        cells.number(text, ",")


@pytest.mark.parametrize(
    "text", ["", "abc", "=1+1", "NaN", "Infinity", "1E+999999", "9" * 40, "1,234", "1,2,3", "1.2.3", "0x1"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadCell):
        cells.number(text, "")


def test_two_decimal_signs_in_one_file_are_refused() -> None:
    with pytest.raises(BadCell, match="expected one decimal sign, found '0.5' and '0,5'"):
        cells.decimal_sign(["0.5", "0,5"])


@pytest.mark.parametrize(
    ("name", "minutes"),
    [
        ("Date(UTC)", 0),
        ("Time(UTC+7)", 420),
        ("Trades (UTC-3:30).csv", -210),
        ("Time Zone:UTC+3", 180),
        ("Time Zone: GMT−5", -300),
        ("Time", None),
        ("outcome", None),
        ("UTC+99", None),
    ],
)
def test_zones(name: str, minutes: int | None) -> None:
    assert recognising.zone(name) == minutes


@pytest.mark.parametrize(
    ("text", "code"),
    [("QQZBUSD", "QQZ"), ("BTCQQZ", "QQZ"), ("NOPEUSDT", "NOPE"), ("BTCQQUSD", ""), ("QQZZQQ", "")],
)
def test_of_a_pair_the_side_is_asked_for_that_alone_can_be_unknown(text: str, code: str) -> None:
    with pytest.raises(BadCell) as refused:
        cells.pair(text, KNOWN.asset)

    assert refused.value.code == code


def test_pairs() -> None:
    assert cells.pair("BTC/EUR", KNOWN.asset) == ("BTC", "EUR")
    assert cells.pair("XXBTZEUR", KNOWN.asset) == ("XXBT", "ZEUR")
    assert cells.pair("BNBUSDT", KNOWN.asset) == ("BNB", "USDT")
    with pytest.raises(BadCell):
        cells.pair("NOPEUSDT", KNOWN.asset)


def test_a_number_of_forty_digits_and_a_future_date() -> None:
    text = TEXT + f"2022-03-28 13:01:36,SOLBUSD,BUY,100,{'1' * 40}SOL,1BUSD,0BUSD\n"
    text += "2092-03-28 13:01:36,SOLBUSD,BUY,100,1SOL,1BUSD,0BUSD\n"

    assert [said.partition(", found")[0] for said in wrong(text)] == [
        "3 Executed: expected at most 20 digits before the point and 24 after it",
        "4 Date(UTC): expected a time that is past",
    ]


@pytest.mark.parametrize(
    ("patterns", "example"),
    [
        ((), "2026-01-31 13:05:00"),
        (("%y-%m-%d %H:%M:%S", "ms"), "26-01-31 13:05:00"),
        (("%d %b %Y %H:%M:%S",), "31 Jan 2026 13:05:00"),
        (("ms",), "1769864700000"),
    ],
)
def test_what_is_no_time_is_told_by_an_example(patterns: tuple[str, ...], example: str) -> None:
    with pytest.raises(cells.BadCell, match=f"expected a time such as {example}, found '=1\\+1'"):
        cells.time_us("=1+1", patterns)
    assert cells.time_us(example, patterns) == 1_769_864_700_000_000


@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        (["13/04/2024", "03/04/2024"], ("%Y%m%d", "%d/%m/%Y")),
        (["04/13/2024", "03/04/2024"], ("%Y%m%d", "%m/%d/%Y")),
        (["03/04/2024"], ("%Y%m%d",)),
        (["13/04/2024", "04/13/2024"], ("%Y%m%d",)),
    ],
)
def test_the_file_tells_whether_its_dates_begin_with_the_day(texts: list[str], kept: tuple[str, ...]) -> None:
    assert cells.in_order(("%Y%m%d", "%m/%d/%Y", "%d/%m/%Y"), texts) == kept


def test_seconds_are_no_milliseconds_of_1970() -> None:
    assert cells.time_us("1704103200000", ("ms",)) == 1_704_103_200_000_000
    with pytest.raises(BadCell, match="expected a time such as 1769864700000, found '1704103200'"):
        cells.time_us("1704103200", ("ms",))
