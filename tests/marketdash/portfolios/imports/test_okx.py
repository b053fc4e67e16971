"""OKX's histories of trading and of funds."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.marketdash.portfolios.imports.reading import (
    ACCOUNT,
    folded,
    formats,
    left,
    marks,
    reading,
    told,
    wrong,
)

TRADING = """\ufeffUID:1,Account Type:Main,Time Zone:UTC+3
id,Order id,Time,Trade Type,Symbol,Action,Amount,Trading Unit,Filled Price,PnL,Fee,Fee Unit,Position Change,Position Balance,Balance Change,Balance,Balance Unit
\ufeff2,100,2025-11-29 08:25:29,Spot,BTC-USDT,Buy,0.01,BTC,90000,0,-0.00001,BTC,0,0,0.00999,0.00999,BTC
1,100,2025-11-29 08:25:29,Spot,BTC-USDT,Sell,900,BTC,90000,0,0,USDT,0,0,-900,100,USDT
3,200,2025-11-29 08:27:50,Transfer,,Transfer out,0,cont,0,0,0,BTC,0,0,-0.005,0.00499,BTC
4,300,2025-11-30 08:00:00,Swap,BTC-USDT-SWAP,Open long,3,cont,91000,0,-1.365,USDT,3,3,-1.365,98,USDT
5,301,2025-11-30 11:00:00,Swap,BTC-USDT-SWAP,Funding Fee Expense,3,cont,91000,0,0,USDT,0,3,-0.1,97.9,USDT
6,302,2025-12-01 08:00:00,Swap,BTC-USDT-SWAP,Close long,3,cont,92000,30,-1.38,USDT,-3,0,28.62,126,USDT
"""


def test_trading_history() -> None:
    assert formats(TRADING) == ["okx-trading"]
    assert reading(TRADING).zone_by == "the lines above the header"
    assert told(TRADING) == [
        "2025-11-29 05:25:29 buy 0.01 BTC, -900 USDT, fee -0.00001 BTC < f.csv:3",
        "2025-11-30 05:00:00 fill position 3 USDT of OKX:BTC-USDT-SWAP at 91000 × 0.01, fee -1.365 USDT < f.csv:6",
        "2025-11-30 08:00:00 funding -0.1 USDT < f.csv:7",
        "2025-12-01 05:00:00 fill position -3 USDT of OKX:BTC-USDT-SWAP at 92000 × 0.01, paid 30 USDT of OKX:BTC-USDT-SWAP, fee -1.38 USDT < f.csv:8",
    ]
    assert left(TRADING) == [f"5: {BETWEEN}"]


BETWEEN = "a move between the trading and the funding account, which are one here: import the history of the other one too"


def test_what_is_moved_between_okxs_accounts_keeps_its_cost() -> None:
    funding = """id,Time,Type,Amount,Before Balance,After Balance,Symbol
6,2025-11-28 08:00:00,Deposit,1000,0,1000,USDT
7,2025-11-28 09:00:00,To unified trading account,-900,1000,100,USDT
8,2025-11-29 08:27:50,From unified trading account,0.005,0,0.005,BTC
9,2025-11-30 08:00:00,Withdrawal,-0.004,0.005,0.001,BTC
"""
    for files in ((funding, TRADING), (TRADING, funding)):
        book = folded(*files, base="USDT")
        (lot,) = book.pool(ACCOUNT, "BTC").lots()
        assert (lot.quantity, lot.cost, lot.opened_us) == (
            Decimal("0.00599"),
            Decimal("539.1"),
            1_764_393_929_000_000,
        )
    assert left(funding) == [f"3: {BETWEEN}", f"4: {BETWEEN}"]


def test_what_earn_keeps_stays_where_it_is_and_earns() -> None:
    text = """id,Time,Type,Amount,Before Balance,After Balance,Symbol
5,2025-11-28 08:00:00,Simple Earn subscription,-100,100,0,USDT
6,2025-11-29 08:00:00,Deposit yield,0.02,0,0.02,USDT
7,2025-11-30 08:00:00,Simple Earn redemption,100,0.02,100.02,USDT
8,2025-11-30 09:00:00,Data migration out,-1,1,0,BTC
9,2025-11-30 09:00:00,Data migration in,1,0,1,BTC
"""
    assert told(text) == ["2025-11-29 08:00:00 interest 0.02 USDT < f.csv:3 (Deposit yield)"]
    assert left(text) == [f"{at}: a move inside OKX" for at in (2, 4, 5, 6)]


def test_a_contract_whose_size_nobody_knows_is_refused() -> None:
    assert wrong(TRADING.replace("BTC-USDT-SWAP,Open", "ETH-USDT-SWAP,Open")) == [
        "6 Symbol: expected a contract of known size, found 'ETH-USDT-SWAP'"
    ]


def test_funding_history() -> None:
    text = """id,Time,Type,Amount,Before Balance,After Balance,Symbol
7,2025-10-30 11:55:15,Deposit,0.02,0,0.02,BTC
8,2025-10-31 11:55:15,Withdrawal,-0.011,0.02,0.009,BTC
"""
    assert formats(text) == ["okx-funding"]
    assert told(text, "OKX_funding(UTC+8).csv") == [
        "2025-10-30 03:55:15 deposit 0.02 BTC < OKX_funding(UTC+8).csv:2 (Deposit)",
        "2025-10-31 03:55:15 withdrawal -0.011 BTC < OKX_funding(UTC+8).csv:3 (Withdrawal)",
    ]


HEADER = "\n".join(TRADING.splitlines()[:2]) + "\n"


def test_an_option_is_paid_for_and_a_perpetual_is_not() -> None:
    text = f"""{HEADER}7,400,2025-11-30 08:00:00,Option,BTC-USD-251226-100000-C,Buy,2,cont,0.05,0,-0.000006,BTC,2,2,-0.001006,1,BTC
8,401,2025-12-01 08:00:00,Option,BTC-USD-251226-100000-C,Sell,2,cont,0.06,0.0002,-0.000006,BTC,-2,0,0.001194,1,BTC
"""
    assert told(text) == [
        "2025-11-30 05:00:00 fill position 2 BTC of OKX:BTC-USD-251226-100000-C at 0.05 × 0.01, paid -0.001 BTC of OKX:BTC-USD-251226-100000-C, fee -0.000006 BTC < f.csv:3",
        "2025-12-01 05:00:00 fill position -2 BTC of OKX:BTC-USD-251226-100000-C at 0.06 × 0.01, paid 0.0012 BTC of OKX:BTC-USD-251226-100000-C, fee -0.000006 BTC < f.csv:4",
    ]


def test_a_conversion_has_no_action_and_a_rebate_adds_to_what_came() -> None:
    text = f"""{HEADER}7,1,2026-07-06 04:09:33,Spot,SOL-USDC-CONVERT,,0.5,USDC,200,0,0,SOL,0,0,-0.5,0,SOL
8,1,2026-07-06 04:09:33,Spot,SOL-USDC-CONVERT,,100,USDC,200,0,0,USDC,0,0,100,100,USDC
9,2,2026-07-06 05:09:33,Spot,DOT-USDC-CONVERT,,0.00000001,USDC,200,0,0,DOT,0,0,-0.00000001,0E-18,DOT
10,2,2026-07-06 05:09:33,Spot,DOT-USDC-CONVERT,,0,USDC,200,0,0,USDC,0,0,0,100,USDC
11,3,2026-07-06 06:09:33,Spot,BTC-USDT,Buy,0.01,BTC,90000,0,0.000001,BTC,0,0,0.010001,0.010001,BTC
12,3,2026-07-06 06:09:33,Spot,BTC-USDT,Sell,900,BTC,90000,0,0,USDT,0,0,-900,100,USDT
"""
    assert [each[20:].partition(" <")[0] for each in told(text)] == [
        "sell 100 USDC, -0.5 SOL",
        "withdrawal -0.00000001 DOT",
        "buy 0.01 BTC, -900 USDT, fee 0.000001 BTC",
    ]


def _ended(*words: str) -> str:
    """A long and a short, opened and then ended by OKX."""
    rows = [
        "2025-11-30 08:00:00,Swap,BTC-USDT-SWAP,Open long,3,cont,91000,0,-1.365,USDT,3,3,-1.365,98,USDT",
        f"2025-12-01 08:00:00,Swap,BTC-USDT-SWAP,{words[0]},3,cont,90000,-30,-1.35,USDT,-3,0,-31.35,70,USDT",
        "2025-12-02 08:00:00,Swap,BTC-USDT-SWAP,Open short,2,cont,90000,0,-0.9,USDT,2,2,-0.9,69,USDT",
        f"2025-12-03 08:00:00,Swap,BTC-USDT-SWAP,{words[1]},2,cont,91000,-20,-0.91,USDT,-2,0,-20.91,48,USDT",
    ]
    return HEADER + "".join(f"{at},{at}00,{row}\n" for at, row in enumerate(rows))


@pytest.mark.parametrize(
    "words",
    [
        ("Liquidation long", "Liquidation short"),
        ("Liquidation sell", "Liquidation buy"),
        ("Partial liquidation close long", "Partial liquidation close short"),
        ("ADL close long", "ADL close short"),
        ("Delivery long", "Delivery short"),
    ],
)
def test_what_okx_ends_itself_closes_what_was_open(words: tuple[str, str]) -> None:
    kind = "expiry" if "Delivery" in words[0] else "fill"
    text = _ended(*words)

    assert told(text)[1::2] == [
        f"2025-12-01 05:00:00 {kind} position -3 USDT of OKX:BTC-USDT-SWAP at 90000 × 0.01, paid -30 USDT of OKX:BTC-USDT-SWAP, fee -1.35 USDT < f.csv:4",
        f"2025-12-03 05:00:00 {kind} position 2 USDT of OKX:BTC-USDT-SWAP at 91000 × 0.01, paid -20 USDT of OKX:BTC-USDT-SWAP, fee -0.91 USDT < f.csv:6",
    ]
    position = folded(text, base="USDT").positions[ACCOUNT, "OKX:BTC-USDT-SWAP"]
    assert (position.pool.quantity, position.gained, position.paid) == (0, -50, -50)
    assert len(set(marks(text))) == 4


@pytest.mark.parametrize("word", ["Exercised", "Counterparty exercised", "Expired OTM"])
def test_an_option_that_ends_is_refused_with_what_to_do(word: str) -> None:
    row = f"7,400,2025-12-26 08:00:00,Option,BTC-USD-251226-100000-C,{word},2,cont,101000,0.0002,0,BTC,-2,0,0.0002,1,BTC\n"

    assert wrong(HEADER + row) == [
        "3 Trade Type: expected a row that says what the option was worth when it ended, found an exercise: "
        "type the expiry in, with what it paid"
    ]


def test_words_of_another_language_are_refused_and_say_what_to_do() -> None:
    (said,) = wrong(_ended("Liquidation long", "强平空仓"))
    assert said.startswith("6 Trade Type: expected a known word such as ")
    assert said.endswith("found 'Swap 强平空仓': export the file in English")
