"""Files of trackers: Ghostfolio, Koinly, CoinTracking, rotki."""

from __future__ import annotations

import re

import pytest

from marketdash.portfolios.imports.formats.ghostfolio import ACTIVITIES
from tests.marketdash.portfolios.imports.reading import formats, left, marks, told

GHOSTFOLIO = """Date,Code,DataSource,Currency,Price,Quantity,Action,Fee,Note
01-09-2021,AAPL,YAHOO,USD,150.5,2,buy,1,First
2021-11-16,BTCUSD,YAHOO,USD,60000,0.01,sell,0,
2021-11-17,AAPL,YAHOO,USD,0.22,2,dividend,0,
2021-11-18,AAPL,MANUAL,USD,0,1,item,0,
2021-11-19,AAPL,MANUAL,USD,0,0,fee,3,
"""
HOLDS = [
    "2021-09-01 00:00:00 buy 2 AAPL, -301 USD, fee -1 USD < f.csv:2 (First)",
    "2021-11-16 00:00:00 sell 600 USD, -0.01 BTC < f.csv:3",
    "2021-11-17 00:00:00 dividend 0.44 USD < f.csv:4",
    "2021-11-19 00:00:00 fee fee -3 USD < f.csv:6",
]


def test_ghostfolio() -> None:
    assert formats(GHOSTFOLIO) == ["ghostfolio"]
    assert told(GHOSTFOLIO) == HOLDS
    assert left(GHOSTFOLIO) == ["5: a thing of its own, which no ledger of assets has"]


def test_ghostfolio_under_other_names() -> None:
    text = GHOSTFOLIO.replace(
        "Date,Code,DataSource,Currency,Price,Quantity,Action,Fee,Note",
        "TradeDate;Ticker;Source;CCY;UnitPrice;Shares;Type;Commission;Comment".replace(";", ","),
    )
    assert told(text) == HOLDS


def test_ghostfolio_json() -> None:
    text = """{"meta": {"date": "2023-02-05T00:00:00.000Z", "version": "dev"}, "accounts": [{"id": "a", "name": "A"}],
"activities": [
 {"accountId": "a", "comment": null, "fee": 19, "quantity": 5, "type": "BUY", "unitPrice": 298.580000000000000001,
  "currency": "USD", "dataSource": "YAHOO", "date": "2022-05-09T22:00:00.000Z", "symbol": "AAPL", "tags": []},
 {"accountId": "a", "comment": "x", "fee": 0, "quantity": 5, "type": "DIVIDEND", "unitPrice": 0.62,
  "currency": "USD", "dataSource": "YAHOO", "date": "2022-06-09T22:00:00.000Z", "symbol": "AAPL", "tags": []}]}"""

    assert told(text, "g.json") == [
        "2022-05-09 22:00:00 buy 5 AAPL, -1492.900000000000000005 USD, fee -19 USD < g.json:1",
        "2022-06-09 22:00:00 dividend 3.1 USD < g.json:2 (x)",
    ]


def test_koinly() -> None:
    text = """ID (read-only),Parent ID (read-only),Date (UTC),Type,Tag,From Wallet (read-only),From Wallet ID,From Amount,From Currency,To Wallet (read-only),To Wallet ID,To Amount,To Currency,Fee Amount,Fee Currency,Net Worth Amount,Net Worth Currency,Description
1,,2024-01-01 10:00:00 UTC,buy,,Kraken,w1,100,EUR;1,Kraken,w1,0.002,BTC;3,0.5,EUR;1,100,EUR,
2,,2024-01-02 10:00:00 UTC,crypto_deposit,staking,,,,,Kraken,w1,0.1,DOT,,,0.7,EUR,
3,,2024-01-03 10:00:00 UTC,transfer,,Kraken,w1,0.999,BTC,Ledger,w2,0.999,BTC,0.001,BTC,,,
4,,2024-01-04 10:00:00 UTC,exchange,,Kraken,w1,0.001,BTC,Kraken,w1,0.02,ETH,,,,,swapped
5,,2024-01-05 10:00:00 UTC,crypto_withdrawal,cost,Kraken,w1,0.01,ETH,,,,,,,,,
"""
    assert formats(text) == ["koinly"]
    assert told(text.replace("crypto_", "crypto ")) == told(text)
    assert told(text) == [
        "2024-01-01 10:00:00 buy 0.002 BTC, -100 EUR, fee -0.5 EUR < f.csv:2",
        "2024-01-02 10:00:00 reward 0.1 DOT worth 0.7 EUR < f.csv:3",
        "2024-01-03 10:00:00 fee fee -0.001 BTC < f.csv:4",
        "2024-01-04 10:00:00 swap 0.02 ETH, -0.001 BTC < f.csv:5 (swapped)",
        "2024-01-05 10:00:00 withdrawal -0.01 ETH < f.csv:6",
    ]


def test_cointracking() -> None:
    text = """"Type","Buy","Cur.","Sell","Cur.","Fee","Cur.","Exchange","Group","Comment","Date","Tx-ID"
"Trade","0,002","BTC","100,00","EUR","0,5","EUR","Kraken","","","01.02.2024 10:00:00",""
"Staking","0,1","DOT","","","","","Kraken","","st","02.02.2024 10:00",""
"Withdrawal","","","0,001","BTC","0,0001","BTC","Kraken","","","03.02.2024 10:00:00","tx1"
"Other Fee","","","2,00","EUR","","","Kraken","","","04.02.2024 10:00:00",""
"""
    assert formats(text) == ["cointracking"]
    assert told(text) == [
        "2024-02-01 10:00:00 buy 0.002 BTC, -99.5 EUR, fee -0.5 EUR < f.csv:2",
        "2024-02-02 10:00:00 reward 0.1 DOT < f.csv:3 (st)",
        "2024-02-03 10:00:00 withdrawal -0.0009 BTC, fee -0.0001 BTC < f.csv:4",
        "2024-02-04 10:00:00 fee fee -2 EUR < f.csv:5",
    ]


def test_cointracking_has_fees_in_its_amounts_and_those_of_a_third_currency_in_rows() -> None:
    text = """"Type","Buy","Cur.","Sell","Cur.","Fee","Cur.","Exchange","Group","Comment","Date","Tx-ID"
"Trade","0.99","BTC","500","USD","0.01","BTC","Kraken","","","01.02.2024 10:00:00",""
"Trade","505","USD","1","ETH","5","USD","Kraken","","","01.02.2024 11:00:00",""
"Trade","1","BTC","500","USD","0.02","BNB","Binance","","","02.02.2024 10:00:00",""
"Other Fee","","","0.02","BNB","0.02","BNB","Binance","","","02.02.2024 10:00:00",""
"""
    assert told(text, zone=0) == [
        "2024-02-01 10:00:00 buy 1 BTC, -500 USD, fee -0.01 BTC < f.csv:2",
        "2024-02-01 11:00:00 sell 510 USD, -1 ETH, fee -5 USD < f.csv:3",
        "2024-02-02 10:00:00 buy 1 BTC, -500 USD < f.csv:4",
        "2024-02-02 10:00:00 fee fee -0.02 BNB < f.csv:5",
    ]


def test_cointracking_has_gifts_of_both_directions() -> None:
    text = """"Type","Buy","Cur.","Sell","Cur.","Fee","Cur.","Exchange","Group","Comment","Date","Tx-ID"
"Gift","","","0.5","ETH","","","Kraken","","","01.02.2024 10:00:00",""
"Gift","0.25","ETH","","","","","Kraken","","","01.02.2024 11:00:00",""
"Swap (non taxable)","1","SOL","2","DOT","","","Kraken","","","01.02.2024 12:00:00",""
"""
    assert [each[20:].partition(" <")[0] for each in told(text)] == [
        "withdrawal -0.5 ETH",
        "airdrop 0.25 ETH",
        "swap 1 SOL, -2 DOT",
    ]


def test_koinly_costs_of_loans_and_margin_are_fees() -> None:
    text = """ID (read-only),Date (UTC),Type,Tag,From Amount,From Currency,To Amount,To Currency,Fee Amount,Fee Currency
1,2024-01-05 10:00:00 UTC,crypto_withdrawal,margin_fee,5,USDT,,,,
2,2024-01-05 10:00:00 UTC,crypto_deposit,fee_refund,,,1,USDT,,
"""
    assert [each[20:].partition(" <")[0] for each in told(text)] == ["fee fee -5 USDT", "reward 1 USDT"]


def test_rotki_trades() -> None:
    text = """Location,Spend Currency,Receive Currency,Receive Amount,Spend Amount,Fee,Fee Currency,Description,Timestamp
kraken,EUR,BTC,0.002,100,0.5,EUR,Trade,1704103200000
external,BTC,ETH,0.02,0.001,,,Swap,1704189600000
"""
    assert formats(text) == ["rotki-trades"]
    assert told(text) == [
        "2024-01-01 10:00:00 buy 0.002 BTC, -100 EUR, fee -0.5 EUR < f.csv:2 (Trade)",
        "2024-01-02 10:00:00 swap 0.02 ETH, -0.001 BTC < f.csv:3 (Swap)",
    ]
    assert len(set(marks(text))) == 2


def test_rotki_events() -> None:
    text = """Type,Location,Currency,Amount,Fee,Fee Currency,Description,Timestamp
Deposit,kraken,EUR,1000,,,in,1704103200000
Withdrawal,kraken,BTC,0.5,0.0001,BTC,out,1704189600000
Staking,kraken,DOT,0.1,,,st,1704189600000
"""
    assert formats(text) == ["rotki-events"]
    assert told(text) == [
        "2024-01-01 10:00:00 deposit 1000 EUR < f.csv:2 (in)",
        "2024-01-02 10:00:00 withdrawal -0.5 BTC, fee -0.0001 BTC < f.csv:3 (out)",
        "2024-01-02 10:00:00 reward 0.1 DOT < f.csv:4 (st)",
    ]


@pytest.mark.parametrize(
    ("symbol", "asset"),
    [
        ("BTC-USD", "BTC"),
        ("BTC-EUR", "BTC"),
        ("BRK-B", "BRK-B"),
        ("BTCUSD", "BTC"),
        ("TUSD", "TUSD"),
        ("PYUSD", "PYUSD"),
        ("FDUSD", "FDUSD"),
    ],
)
def test_a_pair_in_dollars_is_its_base_and_a_stablecoin_is_itself(symbol: str, asset: str) -> None:
    assert re.sub(ACTIVITIES.code, "", symbol) == asset


def test_pence_are_hundredths_of_a_pound() -> None:
    text = """Date,Code,DataSource,Currency,Price,Quantity,Action,Fee,Note
01-09-2021,VUSA,YAHOO,GBp,7050.5,2,buy,100,
"""
    assert told(text) == ["2021-09-01 00:00:00 buy 2 VUSA, -141.01 GBP, fee -1 GBP < f.csv:2"]


def test_koinly_universal_says_by_its_label_alone_what_came() -> None:
    text = """Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,Net Worth Amount,Net Worth Currency,Label,Description,TxHash
2024-01-01 10:00 UTC,,,0.1,DOT,,,0.7,EUR,staking,,
2024-01-02 10:00 UTC,0.01,ETH,,,,,,,gift,,
2024-01-03 10:00 UTC,5,EUR,,,,,,,realized gain,,
2024-01-04 10:00 UTC,100,EUR,0.002,BTC,0.5,EUR,,,,,
"""
    assert told(text) == [
        "2024-01-01 10:00:00 reward 0.1 DOT worth 0.7 EUR < f.csv:2",
        "2024-01-02 10:00:00 withdrawal -0.01 ETH < f.csv:3",
        "2024-01-03 10:00:00 funding -5 EUR < f.csv:4",
        "2024-01-04 10:00:00 buy 0.002 BTC, -100 EUR, fee -0.5 EUR < f.csv:5",
    ]


REPORT = """Transaction report 2025

Date,Type,Tag,Sending Wallet,Sent Amount,Sent Currency,Sent Cost Basis,Receiving Wallet,Received Amount,Received Currency,Received Cost Basis,Fee Amount,Fee Currency,Gain (EUR),Net Value (EUR),Fee Value (EUR),TxSrc,TxDest,TxHash,Description
2025-04-10 08:00:00 UTC,crypto_deposit,Reward,,,,,Kraken,"1,50000000",DOT,"6,30",,,,"6,30",,,,,
2025-04-11 08:00:00 UTC,crypto_deposit,Airdrop,,,,,Kraken,"2,00000000",SOL,"0,00",,,,"0,00",,,,,
2025-04-12 08:00:00 UTC,buy,,Kraken,"100,00",EUR,"100,00",Kraken,"0,00200000",BTC,"100,00","0,40",EUR,,"100,00","0,40",,,,first
2025-04-13 08:00:00 UTC,transfer,,Kraken,"0,00100000",BTC,"50,00",Ledger,"0,00100000",BTC,"50,00","0,00001000",BTC,,"50,00","0,50",,,,
"""


def test_koinly_reports_in_the_currency_of_whoever_made_them() -> None:
    entries = [
        "2025-04-10 08:00:00 reward 1.5 DOT worth 6.3 EUR < f.csv:4",
        "2025-04-11 08:00:00 airdrop 2 SOL < f.csv:5",  # 0 is where Koinly knows no price
        "2025-04-12 08:00:00 buy 0.002 BTC, -100 EUR, fee -0.4 EUR < f.csv:6 (first)",
        "2025-04-13 08:00:00 fee fee -0.00001 BTC < f.csv:7",
    ]
    assert formats(REPORT) == ["koinly"]
    assert told(REPORT) == entries
    pounds = REPORT.replace("(EUR)", "(GBP)")
    assert told(pounds) == [each.replace("worth 6.3 EUR", "worth 6.3 GBP") for each in entries]
    assert marks(pounds) == marks(REPORT) and len(set(marks(REPORT))) == 4
