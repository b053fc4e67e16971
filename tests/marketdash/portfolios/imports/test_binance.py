"""Binance's spot trades and its statement, in each known version."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.marketdash.portfolios.imports.reading import (
    ACCOUNT,
    folded,
    formats,
    found,
    left,
    line,
    marks,
    reading,
    told,
    wrong,
)

LONG_USED = """Date(UTC),Pair,Side,Price,Executed,Amount,Fee
2022-03-28 13:01:36,SOLBUSD,SELL,110.03,0.1800000000SOL,19.8054BUSD,0.0198054BUSD
2022-03-28 13:01:36,SOLBUSD,SELL,110.03,0.1800000000SOL,19.8054BUSD,0.0198054BUSD
2022-03-29 08:00:00,1INCHUSDT,BUY,1.5,0.511INCH,0.75USDT,0.00001BNB
"""
ENTRIES = [
    "2022-03-28 13:01:36 sell 19.8054 BUSD, -0.18 SOL, fee -0.0198054 BUSD < f.csv:2",
    "2022-03-28 13:01:36 sell 19.8054 BUSD, -0.18 SOL, fee -0.0198054 BUSD < f.csv:3",
    "2022-03-29 08:00:00 buy 0.51 1INCH, -0.75 USDT, fee -0.00001 BNB < f.csv:4",
]


def test_trades_as_long_used() -> None:
    assert formats(LONG_USED) == ["binance-trades"]
    assert told(LONG_USED) == ENTRIES


def test_thousands_before_a_code_are_thousands() -> None:
    row = '2022-03-28 13:01:36,DOGEUSDT,BUY,{},"1,000DOGE","1,110{}USDT",0BNB\n'
    header = LONG_USED.splitlines()[0] + "\n"

    assert told(header + row.format("1", ".5")) == [
        "2022-03-28 13:01:36 buy 1000 DOGE, -1110.5 USDT < f.csv:2"
    ]
    assert wrong(header + row.format("1", "")) == [
        "2 Executed: expected a number that can mean one thing, found '1,000'"
    ]


def test_two_equal_fills_of_one_second_are_two() -> None:
    assert len(set(marks(LONG_USED))) == 3


def test_a_fee_in_a_code_that_ends_as_the_pair_begins() -> None:
    text = LONG_USED.splitlines()[0] + "\n2022-03-28 13:01:36,BTCUSDT,BUY,1,0.1BTC,0.1USDT,0.01BNB\n"
    assert told(text) == ["2022-03-28 13:01:36 buy 0.1 BTC, -0.1 USDT, fee -0.01 BNB < f.csv:2"]


def test_trades_of_2025_have_their_zone_in_the_files_name() -> None:
    text = (
        "\ufeffTime,Pair,Side,Price,Executed,Amount,Fee,\r\n"
        "22-03-28 20:01:36,SOLBUSD,SELL,110.03,0.18SOL,19.8054BUSD,0.0198054BUSD,,\r\n"
    )
    name = "Binance-Spot-Trade-History-2022(UTC+7).csv"

    assert told(text, name) == [ENTRIES[0].replace("f.csv", name)]
    assert marks(text, name) == marks(LONG_USED)[:1]
    assert reading(text, name).zone_by == "the file's name"
    assert (reading(text).zone_by, reading(text, zone=-60).zone) == ("", -60)


def test_newest_trades_have_an_order_number() -> None:
    text = """Order No,Time,Pair,Side,Price,Executed,Amount,Fee,AOR Conversion Pair,AOR Conversion Rate
77,2022-03-28 13:01:36,SOLBUSD,SELL,110.03,0.18SOL,19.8054BUSD,0.0198054BUSD,,
"""
    assert told(text) == ENTRIES[:1]


def test_old_trades_have_assets_in_columns() -> None:
    old = """Date(UTC),Market,Type,Price,Amount,Total,Fee,Fee Coin
2022-03-28 13:01:36,SOLBUSD,SELL,110.03,0.18,19.8054,0.0198054,BUSD
"""
    centre = """Date(UTC);Pair;Base Asset;Quote Asset;Type;Price;Amount;Total;Fee;Fee Coin
2022-03-28 13:01:36;SOLBUSD;SOL;BUSD;SELL;110,03;0,18;19,8054;0,0198054;BUSD
"""
    assert formats(old) == formats(centre) == ["binance-trades-old"]
    assert told(old) == told(centre) == ENTRIES[:1]
    assert marks(old) == marks(centre) == marks(LONG_USED)[:1]


STATEMENT = """User_ID,UTC_Time,Account,Operation,Coin,Change,Remark
1,2022-03-01 10:00:00,Spot,Deposit,BUSD,500,
1,2022-03-28 13:01:36,Spot,Buy,SOL,0.1,
1,2022-03-28 13:01:36,Spot,Buy,SOL,0.2,
1,2022-03-28 13:01:36,Spot,Transaction Related,BUSD,-30,
1,2022-03-28 13:01:36,Spot,Fee,BNB,-0.0001,
1,2022-03-29 10:00:00,Spot,Simple Earn Flexible Interest,SOL,0.001,
1,2022-03-30 10:00:00,Spot,Simple Earn Flexible Subscription,SOL,-0.2,
1,2022-03-31 10:00:00,Spot,Small Assets Exchange BNB,DOGE,-3,
1,2022-03-31 10:00:00,Spot,Small Assets Exchange BNB,ADA,-1,
1,2022-03-31 10:00:00,Spot,Small Assets Exchange BNB,BNB,0.002,
1,2022-04-01 10:00:00,Spot,Withdraw,SOL,-0.05,Withdraw fee is included
"""
TOLD = [
    "2022-03-01 10:00:00 deposit 500 BUSD < f.csv:2 (Deposit)",
    "2022-03-28 13:01:36 buy 0.3 SOL, -30 BUSD, fee -0.0001 BNB < f.csv:3 (Buy; Transaction Related; Fee)",
    "2022-03-29 10:00:00 interest 0.001 SOL < f.csv:7 (Simple Earn Flexible Interest)",
    "2022-03-31 10:00:00 swap 0.002 BNB, -1 ADA, -3 DOGE < f.csv:9 (Small Assets Exchange BNB)",
    "2022-04-01 10:00:00 withdrawal -0.05 SOL < f.csv:12 (Withdraw; Withdraw fee is included)",
]


def test_a_statements_legs_of_one_second_are_one_entry() -> None:
    assert formats(STATEMENT) == ["binance-statement"]
    assert told(STATEMENT) == TOLD
    assert left(STATEMENT) == ["8: a move inside Binance"]


def test_statements_of_before_and_of_now() -> None:
    older = "\n".join(line.partition(",")[2] for line in STATEMENT.splitlines()) + "\n"
    newer = STATEMENT.replace("User_ID,UTC_Time", "User ID,Time")
    shifted = newer.replace("2022-", "22-")

    assert told(older) == told(newer) == told(shifted) == TOLD
    assert marks(older) == marks(newer) == marks(STATEMENT)


@pytest.mark.parametrize(
    ("rows", "entries"),
    [
        (
            ["Spot,ETH 2.0 Staking,ETH,-1", "Spot,ETH 2.0 Staking,SOL,0.95"],
            ["swap 0.95 SOL, -1 ETH"],
        ),
        (["Spot,Buy Crypto,BTC,0.01"], ["deposit 0.01 BTC"]),
        (["Spot,Token Swap - Distribution,DOT,-5"], ["withdrawal -5 DOT"]),
        (["Spot,Distribution,DOT,-5"], ["withdrawal -5 DOT"]),
        (["Spot,Withdraw,SOL,1"], ["deposit 1 SOL"]),
        (["Cross Margin,BNB Fee Deduction,BNB,-0.005"], ["fee fee -0.005 BNB"]),
        (["USD-MFutures,Fee,USDT,-0.2", "USD-MFutures,Fee,USDT,-0.1"], ["fee fee -0.3 USDT"]),
        (["USD-MFutures,Realized Profit and Loss,USDT,-7.5"], ["funding -7.5 USDT"]),
        (["Spot,Referral Commission,BTC,0.00001"], ["reward 0.00001 BTC"]),
        (["Funding,P2P Trading,USDT,-100"], ["withdrawal -100 USDT"]),
        (["Spot,Launchpool Airdrop - System Distribution,SOL,3"], ["reward 3 SOL"]),
        (["Spot,Onchain Yields Fixed - Distribution,SOL,3"], ["reward 3 SOL"]),
        (
            ["Spot,BETH to WBETH Wrapping,ETH,-1", "Spot,BETH to WBETH Wrapping,DOT,0.97"],
            ["swap 0.97 DOT, -1 ETH"],
        ),
    ],
)
def test_what_a_statements_words_do(rows: list[str], entries: list[str]) -> None:
    text = STATEMENT.splitlines()[0] + "\n" + "".join(f"1,2024-01-02 10:00:00,{row},\n" for row in rows)

    assert [each[20:].partition(" <")[0] for each in told(text)] == entries


def test_what_is_moved_to_another_wallet_of_binance_and_back_keeps_its_cost() -> None:
    moves = [
        *(
            "05,Spot,Simple Earn Flexible Subscription,BTC,-0.002",
            "05,Earn,Simple Earn Flexible Subscription,BTC,0.002",
        ),
        *(
            "09,Earn,Simple Earn Flexible Redemption,BTC,-0.002",
            "09,Spot,Simple Earn Flexible Redemption,BTC,0.002",
        ),
        *("20,Spot,Transfer Between Main and Funding Wallet,BTC,-0.001",),
        *("20,Funding,Transfer Between Main and Funding Wallet,BTC,0.001",),
        *("30,Funding,Transfer Between UM Futures and Funding Account,BTC,-0.001",),
    ]
    text = _conversions("00,Spot,Binance Convert,BUSD,-100", "00,Spot,Binance Convert,BTC,0.002", *moves)

    (lot,) = folded(text, base="BUSD").pool(ACCOUNT, "BTC").lots()
    assert (lot.quantity, lot.cost) == (Decimal("0.002"), 100)
    assert len(left(text)) == len(moves)


def _conversions(*rows: str) -> str:
    return STATEMENT.splitlines()[0] + "\n" + "".join(f"1,2024-01-02 10:00:{row},\n" for row in rows)


def test_a_conversion_whose_sides_are_a_second_apart_is_one() -> None:
    text = _conversions(
        *("00,Spot,Binance Convert,USDT,-100", "01,Spot,Binance Convert,BTC,0.002"),
        *("05,Spot,Binance Convert,ETH,1", "05,Spot,Binance Convert,USDT,-3000"),
        *("06,Spot,Binance Convert,SOL,1", "07,Spot,Binance Convert,USDT,-150"),
    )

    assert [each[17:].partition(" <")[0] for each in told(text)] == [
        "00 buy 0.002 BTC, -100 USDT",
        "05 buy 1 ETH, -3000 USDT",
        "06 buy 1 SOL, -150 USDT",
    ]
    turned = text.splitlines(keepends=True)
    assert marks("".join([turned[0], *turned[:0:-1]]))[-1] == marks(text)[0]


@pytest.mark.parametrize(
    "rows",
    [
        ["00,Spot,Binance Convert,USDT,-100", "02,Spot,Binance Convert,BTC,0.002"],
        ["00,Spot,Binance Convert,USDT,-100", "01,Funding,Binance Convert,BTC,0.002"],
        ["00,Spot,Binance Convert,USDT,-100", "01,Spot,Binance Convert,USDT,-50"],
        ["00,Spot,Transaction Spend,USDT,-100", "01,Spot,Transaction Buy,BTC,0.002"],
        [f"0{at},Spot,Binance Convert,{of}" for at, of in enumerate(("USDT,-9", "BTC,0.002", "USDT,-8"))],
    ],
)
def test_sides_that_could_be_of_several_or_stand_elsewhere_are_refused(rows: list[str]) -> None:
    assert len(wrong(_conversions(*rows))) == len(rows)


REBRANDED = (
    "Spot,Token Swap - Redenomination/Rebranding,INCH,-12.92",
    "Spot,Token Swap - Redenomination/Rebranding,1INCH,1292",
)


def test_a_coin_that_gets_another_name_keeps_its_date_and_its_cost() -> None:
    text = _conversions(*(f"0{at},{row}" for at, row in enumerate(REBRANDED)))
    (draft,) = found(text).drafts

    assert [line(draft).partition(" <")[0]] == ["2024-01-02 10:00:00 rename -12.92 INCH, 1292 1INCH"]
    bought = _conversions("00,Spot,Binance Convert,BUSD,-50", "00,Spot,Binance Convert,INCH,20")
    book = folded(bought.replace("2024-01-02", "2024-01-01") + text.partition("\n")[2], base="BUSD")
    assert [(lot.quantity, lot.cost, lot.opened_us) for lot in book.pool(ACCOUNT, "1INCH").lots()] == [
        (Decimal(1292), Decimal("32.3"), 1_704_103_200_000_000)
    ]
    assert book.holdings()[ACCOUNT, "INCH"] == Decimal("7.08")


def test_a_redenomination_within_one_coin_is_a_split_and_half_of_it_alone_what_moved() -> None:
    both = [row.replace("1INCH", "INCH") for row in REBRANDED]

    assert [each[20:].partition(" <")[0] for each in told(_conversions(*(f"00,{row}" for row in both)))] == [
        "split -12.92 INCH, 1292 INCH"
    ]
    apart = _conversions(f"00,{REBRANDED[0]}", f"09,{REBRANDED[1]}")
    assert [each[20:].partition(" <")[0] for each in told(apart)] == [
        "withdrawal -12.92 INCH",
        "deposit 1292 1INCH",
    ]
    more = _conversions(
        *(f"00,{row}" for row in REBRANDED), "00,Spot,Token Swap - Redenomination/Rebranding,DOT,1"
    )
    assert wrong(more)[0] == (
        "2 row: expected what it was and what it became in one file, a second apart at most, "
        "found -12.92 INCH, 1292 1INCH, 1 DOT: export both days at once, or type it in"
    )


@pytest.mark.parametrize("second", ["00", "01"])
def test_half_of_another_name_is_not_recorded_where_the_other_one_is_refused(second: str) -> None:
    text = _conversions(f"00,{REBRANDED[0]}", f"{second},{REBRANDED[1].replace('1INCH', 'NOPE')}")

    assert wrong(text) == [
        "2 row: expected all rows that belong together, found line 3 refused",
        "3 Coin: expected a known asset, found 'NOPE'",
    ]


@pytest.mark.parametrize("row", ["Launchpad subscribe,BNB,-10", "Launchpad Token Distribution,SOL,30"])
def test_what_a_new_coin_cost_in_the_end_is_not_guessed(row: str) -> None:
    assert wrong(_conversions(f"00,Spot,{row}")) == [
        "2 Operation: expected a row that says what the new coin cost in the end, found a part of a "
        "subscription: type in a swap of what did not come back for the coin that was distributed"
    ]


def test_one_fill_is_one_in_the_statement_and_in_the_trades() -> None:
    text = """User_ID,UTC_Time,Account,Operation,Coin,Change,Remark
1,2022-03-28 13:01:36,Spot,Sell,SOL,-0.18,
1,2022-03-28 13:01:36,Spot,Transaction Related,BUSD,19.8054,
1,2022-03-28 13:01:36,Spot,Fee,BUSD,-0.0198054,
"""
    assert marks(text) == marks(LONG_USED)[:1]


def test_what_is_wrong_is_said_at_its_row_and_column() -> None:
    text = """Date(UTC),Pair,Side,Price,Executed,Amount,Fee
2022-03-28 13:01:36,SOLNOPE,BUY,110.03,0.18SOL,19.8NOPE,0.0SOL
2022-03-28 13:01:36,SOLBUSD,HOLD,110.03,0.18SOL,19.8BUSD,0SOL
2022-03-28 13:01:36,SOLBUSD,BUY,110.03,=CMD()SOL,19.8BUSD,0SOL
2022-03-28 13:01:36,SOLBUSD,BUY
2022-03-28 13:01:36,SOLBUSD,BUY,110.03,0.18SOL,19.8BUSD,-1BUSD
"""
    assert wrong(text) == [
        "2 Amount: expected a known asset, found 'NOPE'",
        "3 Side: expected a known word such as buy, sell, found 'HOLD'",
        "4 Executed: expected a plain decimal number, found '=CMD()'",
        "5 Executed: expected a number such as 0.5, found nothing",
        "6 Fee: expected 0 or more, found '-1'",
    ]
