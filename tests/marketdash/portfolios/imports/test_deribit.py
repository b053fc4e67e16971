"""Deribit's transaction log: options, inverse and linear contracts, what they paid, and where it says of what."""

from __future__ import annotations

from tests.marketdash.portfolios.imports.reading import formats, left, told

HEADER = "ID,UserSeq,Date,Instrument,Type,Side,Amount,Base Amount,Position,Price,Mark Price,Index Price,Cash Flow,Funding,Fee Rate,Fee Charged,Fee Balance,Change,Balance,Equity,Trade ID,Order ID,Info,Note\n"
LOG = f"""{HEADER}1,1,2025-01-01 08:00:00,,deposit,-,1,,,,,,,,,0,0,1,1,1,,,,
2,2,2025-01-02 08:00:00,BTC-27DEC25-100000-C,trade,open buy,0.5,0.5,0.5,0.05,0.05,95000,-0.025,,,0.00015,0,-0.02515,0.97485,1,t1,o1,,
3,3,2025-01-03 08:00:00,BTC-PERPETUAL,trade,open sell,1000,0.01,-1000,96000,96000,96000,0,0,,-0.0000025,0,0.0000025,0.97,1,t2,o2,,
4,4,2025-01-03 16:00:00,BTC-PERPETUAL,settlement,short,1000,,-1000,95000,95000,95000,0.0001,0.00001,,0,0,0.00011,0.97,1,,,,
5,5,2025-01-04 08:00:00,,options settlement summary,-,,,,,,,,,,0,0,0,0.97,1,,,,
6,6,2025-12-27 08:00:00,BTC-27DEC25-100000-C,delivery,close sell,0.5,0.5,0,0.04,0.04,104000,0.02,,,0.0001,0,0.0199,1,1,t3,,,
"""


def test_the_log_of_a_coin() -> None:
    assert formats(LOG) == ["deribit"]
    assert told(LOG) == [
        "2025-01-01 08:00:00 deposit 1 BTC < f.csv:2",
        "2025-01-02 08:00:00 fill position 0.5 BTC of DERIBIT:BTC-27DEC25-100000-C at 0.05 × 1, paid -0.025 BTC of DERIBIT:BTC-27DEC25-100000-C, fee -0.00015 BTC < f.csv:3",
        "2025-01-03 08:00:00 fill position -1000 BTC of DERIBIT:BTC-PERPETUAL at 96000 × 1 inverse, fee 0.0000025 BTC < f.csv:4",
        "2025-01-03 16:00:00 funding 0.00001 BTC, paid 0.0001 BTC of DERIBIT:BTC-PERPETUAL < f.csv:5",
        "2025-12-27 08:00:00 expiry position -0.5 BTC of DERIBIT:BTC-27DEC25-100000-C at 0.04 × 1, paid 0.02 BTC of DERIBIT:BTC-27DEC25-100000-C, fee -0.0001 BTC < f.csv:7",
    ]
    assert left(LOG) == ["6: a sum of rows that stand for themselves"]


def test_the_log_of_a_stablecoin() -> None:
    text = f"{HEADER}1,1,2025-01-02 08:00:00,ETH_USDC-PERPETUAL,trade,open buy,0.1,0.1,0.1,3000,3000,3000,0,0,,0.15,0,-0.15,10,10,t1,o1,,\n"

    assert told(text) == [
        "2025-01-02 08:00:00 fill position 0.1 USDC of DERIBIT:ETH_USDC-PERPETUAL at 3000 × 1, fee -0.15 USDC < f.csv:2"
    ]


def test_a_files_name_says_of_what_when_no_row_does() -> None:
    assert told(LOG.splitlines(keepends=True)[0] + LOG.splitlines(keepends=True)[1], "ETH-2025.csv") == [
        "2025-01-01 08:00:00 deposit 1 ETH < ETH-2025.csv:2"
    ]


def test_a_files_name_as_the_exchange_gives_it() -> None:
    name = "transaction_log-12345-ETH-1735689600000-1767225600000.csv"

    (said,) = told("".join(LOG.splitlines(keepends=True)[:2]), name)
    assert said == f"2025-01-01 08:00:00 deposit 1 ETH < {name}:2"


def test_a_settlement_without_funding_and_a_withdrawal_with_its_fee() -> None:
    text = f"""{HEADER}1,1,2025-01-03 16:00:00,BTC-27DEC25,settlement,short,1000,,-1000,95000,95000,95000,0.0001,,,0,0,0.0001,0.97,1,,,,
2,2,2025-01-04 08:00:00,,withdrawal,-,0.5,,,,,,,,,0.0001,0,-0.5001,0.47,1,,,,
"""
    assert told(text, "BTC.csv") == [
        "2025-01-03 16:00:00 settlement paid 0.0001 BTC of DERIBIT:BTC-27DEC25 < BTC.csv:2",
        "2025-01-04 08:00:00 withdrawal -0.5 BTC, fee -0.0001 BTC < BTC.csv:3",
    ]


def test_rewards_and_swaps_change_the_balance() -> None:
    text = f"""{HEADER}1,1,2025-01-03 08:00:00,,usdc_reward,-,,,,,,,,,,0,0,0.25,10,10,,,,
2,2,2025-01-04 08:00:00,,swap,-,,,,,,,,,,0,0,-5,5,5,,,,
"""
    assert [each[20:].partition(" <")[0] for each in told(text, "USDC.csv")] == [
        "reward 0.25 USDC",
        "withdrawal -5 USDC",
    ]
