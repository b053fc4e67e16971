"""Files of which somebody said what each column means."""

from __future__ import annotations

from marketdash.portfolios.imports import byhand, entries, sheets
from marketdash.portfolios.imports.entries import Found
from marketdash.portfolios.imports.lines import Reading
from tests.marketdash.portfolios.imports.reading import ACCOUNT, KNOWN, NOW_US, line


def _found(text: str) -> Found:
    """With the columns that are proposed."""
    sheet = sheets.read(text.encode(), lambda cells: False)
    format = byhand.format_of(sheet.header, byhand.proposed(sheet.header))
    assert format is not None
    return entries.found(Reading(format, sheet, KNOWN, "f.csv", 0), ACCOUNT, "f.csv", NOW_US)


def _told(text: str) -> list[str]:
    found = _found(text)
    assert (found.wrong, found.left) == ([], [])
    return [line(draft)[20:].partition(" <")[0] for draft in found.drafts]


ONE_SIDE = "Date,Type,Quantity,Symbol,Price,Currency,Fee\n"
TWO_SIDES = "Date,Type,Received Amount,Received Currency,Sent Amount,Sent Currency,Fee Amount,Fee Currency\n"


def test_what_is_below_nought_goes_out_whatever_it_is_called() -> None:
    rows = (
        *("Deposit,5,SOL,,,", "Deposit,-5,SOL,,,", "Reward,2,SOL,,,", "Reward,-2,SOL,,,", "Gift,-1,SOL,,,"),
        *("Withdrawal,3,SOL,,,", "Withdrawal,-3,SOL,,,", ",4,SOL,,,", "Sell,-2,AAPL,110,USD,-1"),
    )
    assert _told(ONE_SIDE + "".join(f"2024-01-01,{row}\n" for row in rows)) == [
        *("deposit 5 SOL", "withdrawal -5 SOL", "reward 2 SOL", "withdrawal -2 SOL", "withdrawal -1 SOL"),
        *("withdrawal -3 SOL", "withdrawal -3 SOL", "deposit 4 SOL"),
        "sell 220 USD, -2 AAPL, fee -1 USD",
    ]
    assert _told(ONE_SIDE + "2024-01-01,Fee,5,USD,,,\n") == ["fee fee -5 USD"]


def test_a_side_that_its_kind_does_not_have_is_not_left_out() -> None:
    rows = ("Gift,,,1,SOL,,", "Deposit,,,100,EUR,,", "Swap,2,SOL,1,DOT,,")

    assert _told(TWO_SIDES + "".join(f"2024-01-01,{row}\n" for row in rows)) == [
        *("withdrawal -1 SOL", "withdrawal -100 EUR", "swap 2 SOL, -1 DOT"),
    ]


def test_a_kind_that_is_not_known_is_refused_and_is_no_deposit() -> None:
    (wrong,) = _found(ONE_SIDE + "2024-01-01,Split,2,AAPL,,,\n").wrong

    assert (wrong.line, wrong.field, wrong.words[:22]) == (2, "Type", "expected a known word ")
