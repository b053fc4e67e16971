"""Bybit's log of a unified account as now and as before, and of the funding account."""

from __future__ import annotations

from decimal import Decimal

from tests.marketdash.portfolios.imports.reading import ACCOUNT, folded, formats, left, told, wrong

NOW = """UID: 5,Company Name: ,Country:
Uid,Currency,Contract,Type,Direction,Quantity,Position,Filled Price,Funding,Fee Paid,Cash Flow,Change,Wallet Balance,Action,Time(UTC)
5,BTC,BTCEUR,TRADE,SELL,-0.00003,0.0,53842.9,0.0,0.0,-0.00003,-0.00003,0.1,--,2026-06-05 08:22:50
5,EUR,BTCEUR,TRADE,SELL,1.615287,0.0,53842.9,0.0,-0.0040382175,1.615287,1.6112487825,12,--,2026-06-05 08:22:50
5,USDT,ETHUSDT,TRADE,BUY,0.05,0.05,2510.0,0.0,-0.04518,0.0,-0.04518,300,OPEN,2026-06-06 08:00:00
5,USDT,ETHUSDT,SETTLEMENT,BUY,--,0.05,--,-0.0043613,0.0,0.0,-0.0043613,300,SETTLEMENT,2026-06-06 16:00:00
5,USDT,ETHUSDT,TRADE,SELL,0.05,0.0,2530.0,0.0,-0.0455,1.0,0.9545,301,CLOSE,2026-06-07 08:00:00
5,BTC,BTCUSD,TRADE,SELL,100,-100,60000,0.0,-0.000001,0,-0.000001,0.1,OPEN,2026-06-07 09:00:00
5,USDT,,TRANSFER_IN,--,--,--,--,0.0,0.0,50,50,350,--,2026-06-08 08:00:00
"""

BETWEEN = "a move between the unified and the funding account, which are one here: import the file of the other one too"


def test_unified_account_as_now() -> None:
    assert formats(NOW) == ["bybit-unified"]
    assert told(NOW) == [
        "2026-06-05 08:22:50 sell 1.615287 EUR, -0.00003 BTC, fee -0.0040382175 EUR < f.csv:3",
        "2026-06-06 08:00:00 fill position 0.05 USDT of BYBIT_LINEAR:ETHUSDT at 2510 × 1, fee -0.04518 USDT < f.csv:5",
        "2026-06-06 16:00:00 funding -0.0043613 USDT < f.csv:6",
        "2026-06-07 08:00:00 fill position -0.05 USDT of BYBIT_LINEAR:ETHUSDT at 2530 × 1, paid 1 USDT of BYBIT_LINEAR:ETHUSDT, fee -0.0455 USDT < f.csv:7",
        "2026-06-07 09:00:00 fill position -100 BTC of BYBIT_INVERSE:BTCUSD at 60000 × 1 inverse, fee -0.000001 BTC < f.csv:8",
    ]
    assert left(NOW) == [f"9: {BETWEEN}"]


def test_unified_account_of_before_has_numbers_of_trades() -> None:
    text = """Time,Currency,Contract,Type,Direction,Quantity,Position,Filled Price,Funding,Fee Paid,Cash Flow,Change,Wallet Balance,Action,Fee Rate,Trade ID,Order ID
2024-06-05 08:22:50,BTC,BTCUSDT,TRADE,BUY,0.001,0,60000,0,-0.000001,0.001,0.000999,0.1,--,0.001,t1,o1
2024-06-05 08:22:50,USDT,BTCUSDT,TRADE,BUY,-60,0,60000,0,0,-60,-60,100,--,0.001,t1,o1
2024-06-05 08:22:50,BTC,BTCUSDT,TRADE,BUY,0.002,0,60000,0,-0.000002,0.002,0.001998,0.1,--,0.001,t2,o1
2024-06-05 08:22:50,USDT,BTCUSDT,TRADE,BUY,-120,0,60000,0,0,-120,-120,100,--,0.001,t2,o1
"""
    assert told(text) == [
        "2024-06-05 08:22:50 buy 0.001 BTC, -60 USDT, fee -0.000001 BTC < f.csv:2",
        "2024-06-05 08:22:50 buy 0.002 BTC, -120 USDT, fee -0.000002 BTC < f.csv:4",
    ]


def test_funding_account() -> None:
    text = """UID: 5,Company Name: ,Country:
Uid,Date & Time(UTC),Coin,QTY,Type,Account Balance,Description
5,2026-06-05 08:00:00,USDT,100,Deposit,100,
5,2026-06-06 08:00:00,USDT,-50,Transfer out,50,To unified trading account
5,2026-06-07 08:00:00,USDT,0.1,Rewards,50.1,
"""
    assert formats(text) == ["bybit-funding"]
    assert told(text) == [
        "2026-06-05 08:00:00 deposit 100 USDT < f.csv:3",
        "2026-06-07 08:00:00 reward 0.1 USDT < f.csv:5",
    ]
    assert left(text) == [f"4: {BETWEEN}"]


FUNDING = """Uid,Date & Time(UTC),Coin,QTY,Type,Account Balance,Description
5,2026-03-01 08:00:00,USDT,100,Deposit,100,Deposit
5,2026-03-01 08:01:00,USDT,-100,Transfer out,0,Transfer to Unified Trading Account
5,2026-03-03 08:00:00,BTC,0.002,Transfer in,0.002,Transfer from Unified Trading Account
5,2026-03-04 08:00:00,BTC,-0.0005,Withdraw,0.0015,Withdrawal
5,2026-03-05 08:00:00,BTC,-0.001,Transfer out,0.0005,Transfer to Trading Bot
"""
TRADED = """Uid,Currency,Contract,Type,Direction,Quantity,Position,Filled Price,Funding,Fee Paid,Cash Flow,Change,Wallet Balance,Action,Time(UTC)
5,USDT,,TRANSFER_IN,--,0,0,0,0,0,100,100,100,--,2026-03-01 08:01:00
5,BTC,BTCUSDT,TRADE,BUY,0.002,0,50000,0,0,0.002,0.002,0.002,--,2026-03-02 08:00:00
5,USDT,BTCUSDT,TRADE,BUY,-100,0,50000,0,0,-100,-100,0,--,2026-03-02 08:00:00
5,BTC,,TRANSFER_OUT,--,0,0,0,0,0,-0.002,-0.002,0,--,2026-03-03 08:00:00
"""


def test_what_is_moved_between_bybits_accounts_keeps_its_cost() -> None:
    """Both files are of one account here, in any order."""
    for files in ((FUNDING, TRADED), (TRADED, FUNDING)):
        book = folded(*files, base="USDT")
        (lot,) = book.pool(ACCOUNT, "BTC").lots()
        assert book.holdings() == {(ACCOUNT, "BTC"): Decimal("0.0005")}
        assert (lot.cost, lot.opened_us) == (Decimal(25), 1_772_438_400_000_000)
    assert left(FUNDING) == [f"3: {BETWEEN}", f"4: {BETWEEN}"]
    assert left(TRADED) == [f"2: {BETWEEN}", f"5: {BETWEEN}"]


def test_a_word_that_is_not_known_is_refused() -> None:
    text = NOW.replace("TRANSFER_IN", "PARTY")

    assert wrong(text)[0].startswith("9 Type: expected a known word such as")


def test_a_delivery_is_refused_because_it_does_not_say_what_ended() -> None:
    row = "5,USDC,BTC-27MAR26-120000-C,DELIVERY,BUY,0.1,0,121000,0,-1,100,99,500,--,2026-03-27 08:00:00"

    assert wrong(f"{HEADER}\n{row}\n") == [
        "2 Type: expected a row that says whether a long or a short ended, found a delivery: "
        "type the expiry in, at its price and with what it paid"
    ]


HEADER = NOW.splitlines()[1]


def test_a_fee_is_what_else_changed_the_balance_whatever_sign_its_column_has() -> None:
    text = f"""{HEADER}
5,BTC,BTCUSDT,TRADE,BUY,0.001,0,60000,0,0.000001,0.001,0.000999,0.1,--,2026-06-05 08:22:50
5,USDT,BTCUSDT,TRADE,BUY,-60,0,60000,0,0,-60,-60,100,--,2026-06-05 08:22:50
5,USDT,AAA-27MAR26-120-C-USDT,TRADE,BUY,1,1,5,0,0.03,-5,-5.03,95,OPEN,2026-06-06 09:00:00
5,USDT,ETHUSDT,TRADE,SELL,0.1,-0.1,2500,0,-0.01,0,0.01,95,OPEN,2026-06-06 10:00:00
"""
    assert told(text) == [
        "2026-06-05 08:22:50 buy 0.001 BTC, -60 USDT, fee -0.000001 BTC < f.csv:2",
        "2026-06-06 09:00:00 fill position 1 USDT of BYBIT_OPTION:AAA-27MAR26-120-C-USDT at 5 × 1, paid -5 USDT of BYBIT_OPTION:AAA-27MAR26-120-C-USDT, fee -0.03 USDT < f.csv:4",
        "2026-06-06 10:00:00 fill position -0.1 USDT of BYBIT_LINEAR:ETHUSDT at 2500 × 1, fee 0.01 USDT < f.csv:5",
    ]


def test_what_a_liquidation_closes_and_what_a_bonus_takes_back() -> None:
    text = f"""{HEADER}
5,USDT,ETHUSDT,LIQUIDATION,SELL,0.1,0,2300,0,-0.2,-20,-20.2,80,CLOSE,2026-06-07 10:00:00
5,USDT,,BONUS_RECOLLECT,--,--,--,--,0,0,-5,-5,75,--,2026-06-08 08:00:00
5,USDT,,FLEXIBLE_STAKING_SUBSCRIPTION,--,--,--,--,0,0,-50,-50,25,--,2026-06-08 09:00:00
"""
    assert told(text) == [
        "2026-06-07 10:00:00 fill position -0.1 USDT of BYBIT_LINEAR:ETHUSDT at 2300 × 1, paid -20 USDT of BYBIT_LINEAR:ETHUSDT, fee -0.2 USDT < f.csv:2",
        "2026-06-08 08:00:00 withdrawal -5 USDT < f.csv:3",
    ]
    assert left(text) == ["4: a move inside Bybit"]


def test_a_settlement_of_a_session_pays_what_was_gained_and_funding() -> None:
    text = f"{HEADER}\n5,USDC,BTCPERP,SETTLEMENT,BUY,0.1,0.1,60000,-0.5,0,20,19.5,0,SETTLEMENT,2026-01-10 16:00:00\n"

    assert told(text) == [
        "2026-01-10 16:00:00 funding -0.5 USDC, paid 20 USDC of BYBIT_LINEAR:BTCPERP < f.csv:2"
    ]


def test_what_earn_does_stands_in_the_description() -> None:
    text = """Uid,Date & Time(UTC),Coin,QTY,Type,Account Balance,Description
5,2026-06-05 08:00:00,USDT,0.103,Earn,1.2,Easy Earn | Flexible Interest Distribution
5,2026-06-05 09:00:00,USDT,-50,Earn,0,Easy Earn | Flexible Subscription
5,2026-06-05 10:00:00,USDT,-20,Convert,0,Convert
5,2026-06-05 10:00:00,BTC,0.0003,Convert,0,Convert
5,2026-06-10 05:09:23,BTC,0.0004,Airdrop,0.0007,Airdrop Bonus
5,2026-06-11 05:09:23,BTC,0.0005,Fiat,0.0012,Buy Crypto with Card
5,2026-06-12 08:00:00,SOL,-3,Launchpool,0,Launchpool Subscription
5,2026-06-13 08:00:00,DOT,0.2,Launchpool,0.2,Launchpool Yield
5,2026-06-14 08:00:00,SOL,3,Launchpool,3,Launchpool Manual Withdrawal
5,2026-06-15 08:00:00,SOL,3,Transfer in,3,Transfer from Earn Account
"""
    assert [each[20:].partition(" <")[0] for each in told(text)] == [
        "interest 0.103 USDT",
        "buy 0.0003 BTC, -20 USDT",
        "airdrop 0.0004 BTC",
        "deposit 0.0005 BTC",
        "interest 0.2 DOT",
    ]
    assert left(text) == [f"{at}: a move inside Bybit" for at in (3, 8, 10, 11)]
