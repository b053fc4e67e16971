"""Kraken's ledgers in each known version, and its trades: the same trade has the same fingerprint in both."""

from __future__ import annotations

import re

import pytest

from marketdash.portfolios.imports.formats.kraken import LEDGERS
from tests.marketdash.portfolios.imports.reading import formats, left, marks, told, wrong

OLDEST = """"txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"
"","QDEP-1","2024-01-05 11:58:00","deposit","","currency","ZEUR",1000.0000,0.0000,""
"L-1","QDEP-1","2024-01-05 12:00:00","deposit","","currency","ZEUR",1000.0000,0.0000,1000.0000
"L-2","TRADE-1","2024-03-19 19:43:31","trade","","currency","ZEUR",-100.0000,0.1800,899.8200
"L-3","TRADE-1","2024-03-19 19:43:31","trade","","currency","XXBT",0.0020000000,0.0000000000,0.0020000000
"L-4","TRADE-2","2024-03-20 08:00:00","trade","","currency","XXBT",-0.0010000000,0,0.0010000000
"L-5","TRADE-2","2024-03-20 08:00:00","trade","","currency","XETH",0.0171000000,0.0000400000,0.0170600000
"L-6","STAKE-1","2024-03-21 08:00:00","staking","","currency","DOT.S",0.5,0,10.5
"L-7","MOVE-1","2024-03-22 08:00:00","transfer","stakingfromspot","currency","DOT28.S",10,0,10
"L-8","OUT-1","2024-03-23 08:00:00","withdrawal","","currency","XXBT",-0.0005,0.00001,0.0004
"""
ENTRIES = [
    "2024-01-05 12:00:00 deposit 1000 EUR < ledgers.csv:3",
    "2024-03-19 19:43:31 buy 0.002 BTC, -100 EUR, fee -0.18 EUR < ledgers.csv:4",
    "2024-03-20 08:00:00 swap 0.0171 ETH, -0.001 BTC, fee -0.00004 ETH < ledgers.csv:6",
    "2024-03-21 08:00:00 reward 0.5 DOT < ledgers.csv:8",
    "2024-03-23 08:00:00 withdrawal -0.0005 BTC, fee -0.00001 BTC < ledgers.csv:10",
]


def test_ledgers_of_before() -> None:
    assert formats(OLDEST) == ["kraken-ledgers"]
    assert told(OLDEST, "ledgers.csv") == ENTRIES
    assert left(OLDEST) == [
        "2: not booked yet: the booked row stands for it",
        "9: a move inside Kraken",
    ]


def test_ledgers_with_a_wallet() -> None:
    header, *rows = OLDEST.splitlines()
    widened = [row.replace('"currency",', '"currency","crypto",') for row in rows]
    parts = [row.split(",") for row in widened]
    wallet = [",".join([*row[:8], '"spot / main"', *row[8:]]) for row in parts]
    text = "\n".join([header.replace('"asset"', '"subclass","asset","wallet"'), *wallet]) + "\n"

    assert told(text, "ledgers.csv") == ENTRIES
    assert marks(text) == marks(OLDEST)


def test_ledgers_of_2026_say_what_a_reward_was_worth_and_what_fees_are_of() -> None:
    text = """"txid","refid","time","type","subtype","aclass","subclass","asset","wallet","amount","fee","balance",\
"amountusd","feeusd","balanceusd","feecurrency"
"L-1","E-1","2026-05-01 00:00:00","earn","reward","currency","crypto","KSM","earn / bonded",0.25,0.05,5,6.5,1.3,130,"KSM"
"L-2","E-2","2026-05-02 00:00:00","earn","allocation","currency","crypto","KSM","earn / bonded",1,0,6,26,0,156,""
"L-3","T-1","2026-05-03 00:00:00","trade","tradespot","currency","fiat","USD","spot / main",-50,0.13,0,-50,0.13,0,"USD"
"L-4","T-1","2026-05-03 00:00:00","trade","tradespot","currency","crypto","SOL","spot / main",0.5,0,0.5,50,0,50,""
"""
    assert told(text) == [
        "2026-05-01 00:00:00 reward 0.25 KSM worth 6.5 USD, fee -0.05 KSM < f.csv:2 (reward)",
        "2026-05-03 00:00:00 buy 0.5 SOL, -50 USD, fee -0.13 USD < f.csv:4 (tradespot)",
    ]


TRADES = """"txid","ordertxid","pair","time","type","ordertype","price","cost","fee","vol","margin","misc","ledgers"
"TRADE-1","O-1","XXBTZEUR","2024-03-19 19:43:31.1234","buy","limit",50000,100,0.18,0.002,0.00000,"","L-2,L-3"
"TRADE-3","O-2","DOT/EUR","2024-03-20 10:00:00.5","sell","market",7,14,0.03,2,0.00000,"",""
"TRADE-4","O-3","XETHXXBT","2024-03-20 11:00:00","buy","market",0.05,0.1,0,2,0.5,"",""
"""


def test_trades() -> None:
    assert told(TRADES, "trades.csv") == [
        "2024-03-19 19:43:31 buy 0.002 BTC, -100 EUR, fee -0.18 EUR < trades.csv:2",
        "2024-03-20 10:00:00 sell 14 EUR, -2 DOT, fee -0.03 EUR < trades.csv:3",
    ]
    assert left(TRADES) == ["4: on margin: its gain is in the ledgers"]


def test_trades_of_2025_have_more_columns_in_another_order() -> None:
    text = """"txid","ordertxid","pair","aclass","subclass","time","type","ordertype","price","cost","fee","vol","margin",\
"misc","ledgers","posttxid","posstatuscode","cprice","ccost","cfee","cvol","cmargin","net","trades"
"TRADE-1","O-1","XBT/EUR","forex","","2024-03-19 19:43:31.1234","buy","limit",50000,100,0.18,0.002,0,"","","","","","","","","","",""
"""
    assert told(text) == ["2024-03-19 19:43:31 buy 0.002 BTC, -100 EUR, fee -0.18 EUR < f.csv:2"]
    assert marks(text) == marks(TRADES)[:1]


def test_trades_with_decimal_commas_are_on_margin_only_where_it_is_not_nought() -> None:
    header = TRADES.splitlines()[0].replace(",", ";")
    row = '"T1";"O";"XXBTZEUR";"2024-03-19 19:43:31";"buy";"limit";"50.000,00";"1.100,5";"0,18";"0,022";"{}";"";""'
    text = f"{header}\n{row.format('0,00000')}\n"

    assert told(text) == ["2024-03-19 19:43:31 buy 0.022 BTC, -1100.5 EUR, fee -0.18 EUR < f.csv:2"]
    assert len(left(f"{header}\n{row.format('0,50000')}\n")) == 1


def test_a_position_that_is_settled_is_paid_for() -> None:
    rows = """"L-1","R-1","2024-03-24 08:00:00","settled","","currency","ZEUR",-100,1.5,0
"L-2","R-1","2024-03-24 08:00:00","settled","","currency","XXBT",0.002,0,0.002
"""
    assert told(f"{OLDEST.splitlines()[0]}\n{rows}") == [
        "2024-03-24 08:00:00 buy 0.002 BTC, -100 EUR, fee -1.5 EUR < f.csv:2"
    ]


def test_a_trade_is_one_in_both_files() -> None:
    assert marks(TRADES)[0] == marks(OLDEST)[1]


@pytest.mark.parametrize(
    ("row", "refused"),
    [
        ('"L-9","X","2024-03-24 08:00:00","party","","currency","ZEUR",1,0,1', "type: expected a known word"),
        (
            '"L-9","X","2024-03-24 08:00:00","trade","","currency","ZEUR",-1,0,1',
            "row: expected what was given",
        ),
        (
            '"L-9","X","2024-03-24 08:00:00","deposit","","currency","NOPE",1,0,1',
            "asset: expected a known asset",
        ),
        (
            '"L-9","X","2024-03-24 08:00:00","deposit","","currency","ZEUR",=1+1,0,1',
            "amount: expected a plain",
        ),
        (
            '"L-9","X","2024-03-24 08:00:00","deposit","","currency","ZEUR",NaN,0,1',
            "amount: expected a plain",
        ),
        (
            '"L-9","X","2034-03-24 08:00:00","deposit","","currency","ZEUR",1,0,1',
            "time: expected a time that is past",
        ),
        ('"L-9","X","yesterday","deposit","","currency","ZEUR",1,0,1', "time: expected a time such as"),
        (
            f'"L-9","X","2024-03-24 08:00:00","deposit","","currency","ZEUR",{"9" * 40},0,1',
            "amount: expected at most 20",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_row_and_column(row: str, refused: str) -> None:
    (said,) = wrong(OLDEST + row + "\n")

    assert said.startswith(f"11 {refused}")


def test_a_trade_of_which_one_row_is_refused_is_refused_whole() -> None:
    said = wrong(OLDEST.replace('"XXBT",0.0020000000', '"NOPE",0.0020000000'))

    assert said == [
        "4 row: expected all rows that belong together, found line 5 refused",
        "5 asset: expected a known asset, found 'NOPE'",
    ]


def test_a_row_that_stands_twice_counts_once() -> None:
    twice = OLDEST + "".join(OLDEST.splitlines(keepends=True)[2:5])

    assert told(twice, "ledgers.csv") == ENTRIES
    assert left(twice)[-1] == "13: the same row as line 5"


def test_a_withdrawal_that_failed_comes_back() -> None:
    back = '"L-9","OUT-1","2024-03-23 09:00:00","withdrawal","","currency","XXBT",0.0005,-0.00001,0.0009\n'

    assert told(OLDEST + back, "ledgers.csv") == [
        *ENTRIES,
        "2024-03-23 09:00:00 deposit 0.0005 BTC, fee 0.00001 BTC < ledgers.csv:11",
    ]


@pytest.mark.parametrize(
    ("row", "entry"),
    [
        ('"R-1","{}","staking","","currency","DOT.S",-0.25,0,10', "withdrawal -0.25 DOT"),
        ('"R-1","{}","staking","","currency","DOT.S",0.25,0.05,10', "reward 0.25 DOT, fee -0.05 DOT"),
        ('"R-1","{}","earn","airdrop","currency","SOL",3,0,3', "airdrop 3 SOL"),
        ('"R-1","{}","rollover","","currency","ZEUR",0,0.02,3', "fee fee -0.02 EUR"),
        ('"R-1","{}","margin","","currency","ZEUR",-4.5,0.1,3', "funding -4.5 EUR, fee -0.1 EUR"),
        ('"R-1","{}","transfer","delistingconversion","currency","DOT",-5,0,0', "withdrawal -5 DOT"),
    ],
)
def test_what_a_ledgers_words_do(row: str, entry: str) -> None:
    (said,) = told(f'{OLDEST.splitlines()[0]}\n"L-9",{row.format("2024-03-24 08:00:00")}\n')

    assert said[20:].partition(" <")[0] == entry


def test_two_rows_of_one_number_that_differ_are_refused() -> None:
    row = OLDEST.splitlines(keepends=True)[2].replace("1000.0000,0.0000,1000", "2000.0000,0.0000,2000")

    assert wrong(OLDEST + row) == ["11 txid: expected a number of its own, found that of line 3"]


@pytest.mark.parametrize(
    ("code", "asset"),
    [
        *(("XXBT", "XBT"), ("ZEUR", "EUR"), ("XETH.S", "ETH"), ("ZETA", "ZETA"), ("XION", "XION")),
        *(("USD.HOLD", "USD"), ("ETH2.S", "ETH"), ("DOT28.S", "DOT"), ("XBT.M", "XBT")),
    ],
)
def test_only_what_kraken_writes_with_a_letter_before_it_loses_that(code: str, asset: str) -> None:
    assert re.sub(LEDGERS.code, "", code) == asset
