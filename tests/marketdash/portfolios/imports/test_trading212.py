"""Trading 212's history, with its currency in columns or in their names, and its splits."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.marketdash.portfolios.imports.reading import ACCOUNT, folded, formats, marks, told, wrong


def test_trading_212() -> None:
    text = """Action,Time,ISIN,Ticker,Name,No. of shares,Price / share,Currency (Price / share),Exchange rate,Result,Currency (Result),Total,Currency (Total),Withholding tax,Currency (Withholding tax),Notes,ID,Currency conversion fee,Currency (Currency conversion fee)
Deposit,2024-01-01 09:00:00.123,,,,,,,,,,500.00,EUR,,,Bank transfer,d1,,
Market buy,2024-01-02 09:00:00,IE00B3XXRP09,VUSA,Vanguard,2.5,80.00,GBP,1.16,,,172.76,EUR,,,,b1,0.26,EUR
Limit sell,2024-01-03 09:00:00,IE00B3XXRP09,VUSA,Vanguard,1,90.00,GBP,1.16,5,EUR,77.44,EUR,,,,s1,0.12,EUR
Dividend (Ordinary),2024-01-04 09:00:00,IE00B3XXRP09,VUSA,Vanguard,1.5,0.25,GBP,,,,0.43,EUR,0.00,GBP,,,,
Interest on cash,2024-01-05 09:00:00,,,,,,,,,,0.10,EUR,,,,i1,,
Withdrawal,2024-01-06 09:00:00,,,,,,,,,,-50.00,EUR,,,,w1,,
"""
    assert formats(text) == ["trading212"]
    assert told(text) == [
        "2024-01-01 09:00:00 deposit 500 EUR < f.csv:2 (Bank transfer)",
        "2024-01-02 09:00:00 buy 2.5 VUSA, -172.5 EUR, fee -0.26 EUR < f.csv:3",
        "2024-01-03 09:00:00 sell 77.56 EUR, -1 VUSA, fee -0.12 EUR < f.csv:4",
        "2024-01-04 09:00:00 dividend 0.43 EUR < f.csv:5",
        "2024-01-05 09:00:00 interest 0.1 EUR < f.csv:6",
        "2024-01-06 09:00:00 withdrawal -50 EUR < f.csv:7",
    ]


TRADING_212 = (
    "Action,Time,ISIN,Ticker,Name,No. of shares,Price / share,Currency (Price / share),Total,Currency (Total),ID,"
    "Stamp duty reserve tax,Currency (Stamp duty reserve tax),Finra fee,Currency (Finra fee)\n"
)


def test_trading_212_leaves_a_fee_of_another_currency_in_the_total() -> None:
    text = (
        TRADING_212
        + """Market buy,2024-01-02 09:00:00,GB1,VUSA,V,2,546,GBX,12.80,EUR,b1,0.05,GBP,,
Market sell,2024-01-03 09:00:00,US1,AAPL,A,1,180,USD,165.10,EUR,s1,,,0.02,USD
Market sell,2024-01-04 09:00:00,US1,AAPL,A,1,180,USD,179.98,USD,s2,,,-0.02,USD
"""
    )
    assert told(text) == [
        "2024-01-02 09:00:00 buy 2 VUSA, -12.8 EUR < f.csv:2",
        "2024-01-03 09:00:00 sell 165.1 EUR, -1 AAPL < f.csv:3",
        "2024-01-04 09:00:00 sell 180 USD, -1 AAPL, fee -0.02 USD < f.csv:4",
    ]


def test_trading_212_has_a_tax_of_france() -> None:
    text = TRADING_212.replace("Stamp duty reserve tax", "French transaction tax") + (
        "Limit buy,2024-01-02 09:00:00,FR1,AAPL,A,10,50,EUR,501.50,EUR,b1,1.50,EUR,,\n"
    )
    assert told(text) == ["2024-01-02 09:00:00 buy 10 AAPL, -500 EUR, fee -1.5 EUR < f.csv:2"]


def test_trading_212_has_only_the_columns_that_its_rows_need() -> None:
    text = "Action,Time,Notes,ID,Total (EUR)\nDeposit,2021-10-04 06:42:52,Bank Transfer,d1,360.00\n"

    assert told(text) == ["2021-10-04 06:42:52 deposit 360 EUR < f.csv:2 (Bank Transfer)"]
    assert marks(text) == marks(BEFORE)[:1]


def test_trading_212_converts_money() -> None:
    text = """Action,Time (UTC),ISIN,Ticker,Name,Notes,ID,No. of shares,Price / share,Currency (Price / share),Total,Currency (Total),Currency conversion from amount,Currency (Currency conversion from amount),Currency conversion to amount,Currency (Currency conversion to amount),Currency conversion fee,Currency (Currency conversion fee)
Currency conversion,2025-07-03 10:00:00+00:00,,,,,c1,,,,100.00,EUR,100.00,EUR,109.83,USD,0.15,EUR
Card refund,2025-07-04 10:00:00+00:00,,,,,c2,,,,9.50,EUR,,,,,,
Dividend adjustment,2025-07-05 10:00:00+00:00,US1,AAPL,A,,c3,,,,-0.03,USD,,,,,,
"""
    assert [each.partition(" <")[0] for each in told(text)] == [
        "2025-07-03 10:00:00 swap 109.83 USD, -100 EUR",
        "2025-07-04 10:00:00 deposit 9.5 EUR",
        "2025-07-05 10:00:00 dividend -0.03 USD",
    ]


BEFORE = """Action,Time,ISIN,Ticker,Name,No. of shares,Price / share,Currency (Price / share),Exchange rate,Result (EUR),Total (EUR),Withholding tax,Currency (Withholding tax),Charge amount (EUR),Stamp duty reserve tax (EUR),French transaction tax,Notes,ID,Currency conversion fee (EUR)
Deposit,2021-10-04 06:42:52,,,,,,,,,360.00,,,360.00,,,Bank Transfer,d1,
Market buy,2021-10-04 16:33:51,IE00B3XXRP09,VUSA,Vanguard,2.5,80.00,GBP,0.86,,172.76,,,,0.50,,,b1,0.26
Market sell,2021-10-05 09:00:00,IE00B3XXRP09,VUSA,Vanguard,1,90.00,GBP,0.86,5,77.44,,,,,,,s1,0.12
Limit buy,2021-10-06 09:00:00,FR1,AAPL,A,10,50,EUR,1,,-501.50,,,,,1.50,,b2,
Dividend (Ordinary),2021-10-07 08:11:12,US1,AAPL,Apple,8,0.35,USD,Not available,,2.48,0.51,USD,,,,,,
"""


def test_trading_212_had_its_currency_in_the_names_of_its_columns() -> None:
    assert formats(BEFORE) == ["trading212"]
    assert told(BEFORE) == [
        "2021-10-04 06:42:52 deposit 360 EUR < f.csv:2 (Bank Transfer)",
        "2021-10-04 16:33:51 buy 2.5 VUSA, -172 EUR, fee -0.76 EUR < f.csv:3",
        "2021-10-05 09:00:00 sell 77.56 EUR, -1 VUSA, fee -0.12 EUR < f.csv:4",
        "2021-10-06 09:00:00 buy 10 AAPL, -501.5 EUR < f.csv:5",  # of what the tax is nothing says
        "2021-10-07 08:11:12 dividend 2.48 EUR < f.csv:6",
    ]
    pounds = BEFORE.replace("(EUR)", "(GBP)")
    assert told(pounds)[1] == "2021-10-04 16:33:51 buy 2.5 VUSA, -172 GBP, fee -0.76 GBP < f.csv:3"
    later = TRADING_212 + "Market buy,2021-10-04 16:33:51,GB1,VUSA,V,2.5,80,GBP,172.76,EUR,b1,0.50,EUR,,\n"
    assert marks(later) == marks(BEFORE)[1:2]


def _split(close: str, open_: str, more: str = "") -> str:
    return TRADING_212 + (
        f"Market buy,2025-08-21 12:00:00,US1,AAPL,A,3,20,USD,60.00,USD,b1,,,,\n"
        f"Stock split open,{open_},US1,AAPL,A,0.3,200,USD,60.00,USD,o1,,,,\n"
        f"Stock split close,{close},US1,AAPL,A,3,20,USD,60.00,USD,c1,,,,\n{more}"
    )


@pytest.mark.parametrize(
    ("close", "open_"),
    [
        ("2025-09-02 06:06:46", "2025-09-02 06:06:46"),
        ("2025-09-02 06:06:46.912", "2025-09-02 06:06:46.003"),
        ("2025-09-02 06:06:46", "2025-09-02 06:06:47"),
        ("2025-09-02 06:06:47", "2025-09-02 06:06:46"),
    ],
)
def test_trading_212_writes_a_split_as_what_there_was_and_what_there_is(close: str, open_: str) -> None:
    text = _split(close, open_)

    assert [each.partition(" <")[0] for each in told(text)] == [
        "2025-08-21 12:00:00 buy 3 AAPL, -60 USD",
        "2025-09-02 06:06:46 split -3 AAPL, 0.3 AAPL",
    ]
    (lot,) = folded(text, base="USD").pool(ACCOUNT, "AAPL").lots()
    assert (lot.quantity, lot.cost, lot.opened_us) == (Decimal("0.3"), Decimal(60), 1_755_777_600_000_000)
    assert marks(text) == marks(_split("2025-09-02 06:06:46+00:00", "2025-09-02 06:06:46+00:00"))


def test_half_a_split_of_trading_212_is_refused_and_says_what_to_do() -> None:
    for gone in (3, 4):
        text = "".join(
            each
            for at, each in enumerate(_split("2025-09-02", "2025-09-02").splitlines(True), 1)
            if at != gone
        )
        (said,) = wrong(text)
        assert said.startswith("3 row: expected what it was and what it became in one file")
        assert said.endswith("AAPL: export both days at once, or type it in")
    assert len(wrong(_split("2025-09-02 06:06:46", "2025-09-02 06:06:48"))) == 2


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Stock Split,2025-09-02 06:06:46,US1,AAPL,A,30", "found one row: type the split in"),
        ("Spin off,2025-09-02 06:06:46,US1,AAPL,A,1.5", "found one without a price: type it in"),
        ("Result adjustment,2025-09-02 06:06:46,,,,", "type in what your cash got"),
    ],
)
def test_trading_212_has_rows_that_do_not_say_enough(row: str, words: str) -> None:
    (said,) = wrong(f"{TRADING_212}{row},0,USD,0.00,USD,x1,,,,\n")
    assert said.startswith("2 Action: expected ") and words in said


def test_trading_212_moves_shares_to_and_from_elsewhere() -> None:
    rows = "".join(
        f"Transfer {way},2025-09-02 06:06:46,US1,AAPL,A,3,30,USD,90.00,USD,{way},,,,\n"
        for way in ("in", "out")
    )
    assert [each[20:].partition(" <")[0] for each in told(TRADING_212 + rows)] == [
        "deposit 3 AAPL",
        "withdrawal -3 AAPL",
    ]
