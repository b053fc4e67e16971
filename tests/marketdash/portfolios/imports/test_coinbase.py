"""Coinbase's transactions as now and as before, and its fills."""

from __future__ import annotations

import pytest

from tests.marketdash.portfolios.imports.reading import formats, told, wrong

NOW = """
Transactions
User,Alice,8f7e
ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,\
Total (inclusive of fees and/or spread),Fees and/or Spread,Notes
a1,2025-01-17 16:57:02 UTC,Buy,BTC,0.001,EUR,€95000.00,€95.00,€96.49,€1.49,Bought 0.001 BTC
a2,2025-01-18 16:57:02 UTC,Staking Income,ETH,0.01,EUR,€3000.00,€30.00,€30.00,€0.00,
a3,2025-01-19 16:57:02 UTC,Convert,BTC,-0.0005,EUR,€96000.00,€48.00,€48.00,€0.00,Converted 0.0005 BTC to 0.015 ETH
a4,2025-01-20 16:57:02 UTC,Send,ETH,-0.005,EUR,€3000.00,-€15.00,-€15.00,€0.00,"Sent 0.005 ETH
to a friend"
a5,2025-01-21 16:57:02 UTC,Advanced Trade Sell,ETH,-0.01,EUR,"€3,000.00",€30.00,€29.82,€0.18,
a6,2025-01-22 16:57:02 UTC,Retail Staking Transfer,ETH,0.01,EUR,€3000.00,€30.00,€30.00,€0.00,
"""


def test_transactions_as_now() -> None:
    assert formats(NOW) == ["coinbase"]
    assert told(NOW) == [
        "2025-01-17 16:57:02 buy 0.001 BTC, -95 EUR, fee -1.49 EUR < f.csv:5 (Bought 0.001 BTC)",
        "2025-01-18 16:57:02 reward 0.01 ETH worth 30 EUR < f.csv:6",
        "2025-01-19 16:57:02 swap 0.015 ETH, -0.0005 BTC < f.csv:7 (Converted 0.0005 BTC to 0.015 ETH)",
        "2025-01-20 16:57:02 withdrawal -0.005 ETH < f.csv:8 (Sent 0.005 ETH\nto a friend)",
        "2025-01-21 16:57:02 sell 30 EUR, -0.01 ETH, fee -0.18 EUR < f.csv:10",
    ]


def test_the_newest_have_addresses() -> None:
    text = """ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,\
Total (inclusive of fees and/or spread),Fees and/or Spread,Notes,Sender Address,Recipient Address
a1,2025-01-17 16:57:02 UTC,Receive,BTC,0.001,USD,$95000.00,$95.00,$95.00,$0.00,,bc1a,bc1b
"""
    assert told(text) == ["2025-01-17 16:57:02 deposit 0.001 BTC < f.csv:2"]


def test_transactions_of_before() -> None:
    text = """You can use this transaction report to inform your likely tax obligations.
Transactions
User,alice@example.org,8f7e
Timestamp,Transaction Type,Asset,Quantity Transacted,Spot Price Currency,Spot Price at Transaction,Subtotal,\
Total (inclusive of fees),Fees,Notes
2021-04-01T10:00:00Z,Buy,BTC,0.01,EUR,50000.00,500.00,507.50,7.50,Bought 0.01 BTC for €507.50 EUR
2021-04-02T10:00:00Z,Rewards Income,DOT,0.1,EUR,30.00,3.00,3.00,0.00,Received 0.1 DOT from Coinbase Rewards
"""
    assert formats(text) == ["coinbase"]
    assert told(text) == [
        "2021-04-01 10:00:00 buy 0.01 BTC, -500 EUR, fee -7.5 EUR < f.csv:5 (Bought 0.01 BTC for €507.50 EUR)",
        "2021-04-02 10:00:00 reward 0.1 DOT worth 3 EUR < f.csv:6 (Received 0.1 DOT from Coinbase Rewards)",
    ]


def test_fills() -> None:
    text = """portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit
default,42,BTC-EUR,BUY,2021-05-01T10:00:00.123Z,0.01,BTC,40000.00,2.00,-402.00,EUR
default,43,BTC-EUR,SELL,2021-05-02T10:00:00.123Z,0.01,BTC,41000.00,2.05,407.95,EUR
"""
    assert formats(text) == ["coinbase-fills"]
    assert told(text) == [
        "2021-05-01 10:00:00 buy 0.01 BTC, -400 EUR, fee -2 EUR < f.csv:2",
        "2021-05-02 10:00:00 sell 410 EUR, -0.01 BTC, fee -2.05 EUR < f.csv:3",
    ]


def test_a_conversion_that_its_note_does_not_tell_is_refused() -> None:
    (said,) = wrong(NOW.replace("Converted 0.0005 BTC to 0.015 ETH", "Converted"))

    assert said == "7 Notes: expected a number such as 0.5, found nothing"


def test_notes_keep_their_decimal_sign_where_the_cells_have_another() -> None:
    header = NOW.partition("a1,")[0].replace(",", ";")
    row = "a1;2025-01-17 16:57:02 UTC;Convert;BTC;-0,0005;EUR;96000,00;48,00;48,00;0,00;Converted 0{0}0005 BTC to {1} ETH\n"

    for sign, amount in ((".", "0.015"), (",", "0,015"), (".", "0.5"), (",", "1.500,25")):
        (said,) = told(header + row.format(sign, amount))
        assert said.startswith(
            f"2025-01-17 16:57:02 swap {amount.replace('1.5', '15').replace(',', '.')} ETH, -0.0005 BTC"
        )
    assert wrong(header + row.format(".", "1,500")) == [
        "5 Notes: expected a number that can mean one thing, found '1,500'"
    ]


def test_dust_that_was_converted_is_gone_and_what_nobody_says_of_it_is_refused() -> None:
    row = "a1,2025-01-17 16:57:02 UTC,Retail Simple Dust,DOT,-0.004,EUR,€5,€0.02,€0.02,€0.00,"
    head = NOW.partition("a1,")[0]

    assert told(f"{head}{row}Converted 0.004 DOT to 0.02 USDC\n") == [
        "2025-01-17 16:57:02 swap 0.02 USDC, -0.004 DOT < f.csv:5 (Converted 0.004 DOT to 0.02 USDC)"
    ]
    assert [each.partition(":")[0] for each in wrong(f"{head}{row}\n")] == ["5 Notes"]


def _advanced(side: str, quantity: str, money: str, note: str) -> str:
    return f"{NOW.partition('a1,')[0]}a1,2025-06-03 10:00:00 UTC,Advanced Trade {side},BTC,{quantity},{money},{note}\n"


@pytest.mark.parametrize(
    ("row", "legs"),
    [
        (
            (
                *("Buy", "0.00424956", "USD,$103882.31,$441.45411,$446.75156,$5.2974493114032"),
                "Bought 0.00424956 BTC for 446.7515585950032 USDC on BTC-USDC at 103882.31 USDC/BTC",
            ),
            "buy 0.00424956 BTC, -441.4541092836 USDC, fee -5.2974493114032 USDC",
        ),
        (
            (
                *("Sell", "-0.02", 'EUR,"€60,000.00","€1,200.00","€1,195.20",€4.80'),
                "Sold 0.02 BTC for 1295.00 USDC on BTC-USDC at 65000 USDC/BTC",
            ),
            "sell 1300 USDC, -0.02 BTC, fee -5 USDC",
        ),
        (
            (
                *("Sell", "-0.01", "EUR,€61000.00,€610.00,€607.56,€2.44"),
                "Sold 0.01 BTC for 650.00 USDC on BTC-USDC",
            ),
            "sell 650 USDC, -0.01 BTC",
        ),
        (
            (
                "Buy",
                "0.01",
                "USD,$60000.00,$600.00,$603.60,$3.60",
                "Bought 0.01 BTC for $603.60 USD on BTC-USDC",
            ),
            "buy 0.01 BTC, -600 USDC, fee -3.6 USDC",
        ),
        (
            (
                "Buy",
                "0.01",
                "EUR,€60000.00,€600.00,€603.60,€3.60",
                "Bought 0.01 BTC for €603.60 EUR on BTC-EUR",
            ),
            "buy 0.01 BTC, -600 EUR, fee -3.6 EUR",
        ),
    ],
)
def test_a_pair_is_paid_in_its_own_quote_whatever_money_the_columns_are_in(
    row: tuple[str, ...], legs: str
) -> None:
    (said,) = told(_advanced(*row))

    assert said.startswith(f"2025-06-03 10:00:00 {legs} <")


def test_what_was_paid_in_a_coin_and_is_told_in_money_alone_is_refused() -> None:
    note = "Bought 3.8 BTC for £22.00 GBP on BTC-USDT"

    assert wrong(_advanced("Buy", "3.8", "GBP,£5,£21.77,£22.00,£0.23", note)) == [
        "5 Notes: expected an asset, found nothing"
    ]


def test_what_is_wrapped_goes_out_and_comes_in() -> None:
    rows = """a1,2025-01-17 16:57:02 UTC,Wrap Asset,ETH,-0.02,EUR,€2000,-€40,-€40,€0.00,
a2,2025-01-17 16:57:02 UTC,Wrap Asset,SOL,0.018,EUR,€2000,€40,€40,€0.00,
"""
    assert told(NOW.partition("a1,")[0] + rows) == [
        "2025-01-17 16:57:02 withdrawal -0.02 ETH < f.csv:5",
        "2025-01-17 16:57:02 deposit 0.018 SOL < f.csv:6",
    ]
