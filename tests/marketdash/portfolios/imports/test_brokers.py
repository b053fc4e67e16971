"""Files of brokers: Interactive Brokers' Flex queries, Trading 212."""

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


def test_flex_trades() -> None:
    text = """"Buy/Sell","TradeDate","Symbol","Quantity","TradePrice","TradeMoney","CurrencyPrimary","IBCommission","IBCommissionCurrency"
"BUY","20240102","AAPL","3","150.5","451.5","USD","-1.05","USD"
"SELL","20240103;150405","AAPL","-1","160","-160","USD","-1","EUR"
"""
    assert formats(text) == ["ibkr-trades"]
    assert told(text, zone=-300) == [
        "2024-01-02 05:00:00 buy 3 AAPL, -451.5 USD, fee -1.05 USD < f.csv:2",
        "2024-01-03 20:04:05 sell 160 USD, -1 AAPL, fee -1 EUR < f.csv:3",
    ]
    assert reading(text).zone_by == ""


def test_flex_trades_by_isin_are_asked_what_they_are() -> None:
    text = """"Buy/Sell","TradeDate","ISIN","Quantity","TradePrice","TradeMoney","CurrencyPrimary","IBCommission","IBCommissionCurrency"
"BUY","20240102","US0378331005","3","150.5","451.5","USD","-1.05","USD"
"""
    assert wrong(text) == ["2 ISIN: expected a known asset, found 'US0378331005'"]


def test_flex_cash() -> None:
    text = """"Type","SettleDate","ISIN","Description","Amount","CurrencyPrimary"
"Dividends","20240202","US0378331005","AAPL CASH DIVIDEND","0.72","USD"
"Withholding Tax","20240202","US0378331005","AAPL US TAX","-0.11","USD"
"Deposits/Withdrawals","20240203","","CASH RECEIPT","500","EUR"
"Deposits/Withdrawals","20240204","","DISBURSEMENT","-100","EUR"
"Other Fees","20240205","","MARKET DATA","-1.5","USD"
"""
    assert formats(text) == ["ibkr-cash"]
    assert told(text) == [
        "2024-02-02 00:00:00 dividend 0.72 USD < f.csv:2 (AAPL CASH DIVIDEND)",
        "2024-02-02 00:00:00 dividend -0.11 USD < f.csv:3 (AAPL US TAX)",
        "2024-02-03 00:00:00 deposit 500 EUR < f.csv:4 (CASH RECEIPT)",
        "2024-02-04 00:00:00 withdrawal -100 EUR < f.csv:5 (DISBURSEMENT)",
        "2024-02-05 00:00:00 fee fee -1.5 USD < f.csv:6 (MARKET DATA)",
    ]


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


FLEX = (
    "Buy/Sell,TradeDate,Symbol,Quantity,TradePrice,TradeMoney,CurrencyPrimary,IBCommission,"
    "IBCommissionCurrency\n"
)


def test_flex_takes_back_what_was_cancelled() -> None:
    text = FLEX + "BUY,20240102,AAPL,3,150,450,USD,-1,USD\nBUY (Ca.),20240102,AAPL,-3,150,-450,USD,1,USD\n"

    assert told(text) == [
        "2024-01-02 00:00:00 buy 3 AAPL, -450 USD, fee -1 USD < f.csv:2",
        "2024-01-02 00:00:00 sell 450 USD, -3 AAPL, fee 1 USD < f.csv:3",
    ]


def test_flex_dates_that_could_be_two_days_are_refused() -> None:
    text = FLEX + "BUY,03/04/2024,AAPL,3,150,450,USD,-1,USD\n"

    assert wrong(text) == [
        "2 TradeDate: expected a time such as 20260131;130500, found '03/04/2024'",
    ]
    more = text + "BUY,13/04/2024,AAPL,3,150,450,USD,-1,USD\n"
    assert [each[:10] for each in told(more)] == ["2024-04-03", "2024-04-13"]


def test_flex_times_say_their_zone_themselves() -> None:
    row = "BUY,20240{};093000 {},AAPL,3,150,450,USD,-1,USD\n"
    text = FLEX + row.format("102", "EST") + row.format("702", "EDT") + row.format("702", "AEST")

    assert [each[:19] for each in told(text, zone=60)] == [
        "2024-01-02 14:30:00",
        "2024-07-02 13:30:00",
        "2024-07-01 23:30:00",
    ]
    assert wrong(FLEX + row.format("102", "IST"))[0].startswith("2 TradeDate: expected a time such as")


def test_flex_exchanges_money_as_money() -> None:
    text = FLEX + "BUY,20240102,EUR.USD,1000,1.0851,1085.1,USD,-2,USD\n"

    assert told(text) == ["2024-01-02 00:00:00 buy 1000 EUR, -1085.1 USD, fee -2 USD < f.csv:2"]


def test_flex_counts_a_trade_once_at_whatever_levels_it_is_told() -> None:
    header, row = f"{FLEX.strip()},LevelOfDetail\n", "BUY,20240102,AAPL,{},150,{},USD,{},USD,{}\n"
    fills = row.format(1, 150, -1, "EXECUTION") + row.format(2, 300, -1, "EXECUTION")
    order, lot = row.format(3, 450, -2, "ORDER"), row.format(3, 450, 0, "CLOSED_LOT")
    total = row.format(3, 450, -2, "SYMBOL_SUMMARY")

    assert [each.split(" <")[0][20:] for each in told(header + order + fills + lot + total)] == [
        "buy 1 AAPL, -150 USD, fee -1 USD",
        "buy 2 AAPL, -300 USD, fee -1 USD",
    ]
    assert [each[20:46] for each in told(header + order + lot + total)] == ["buy 3 AAPL, -450 USD, fee "]
    assert len(told(header + total)) == 1


def test_flex_buys_no_shares_where_it_trades_a_contract_on_them() -> None:
    text = FLEX.strip() + ",AssetClass\nBUY,20240102,AAPL,3,150,450,USD,-1,USD,CFD\n"

    assert told(text) == []
    assert left(text) == ["2: a contract, for which no price is paid: its gain is in the statement"]


CONTRACTS = FLEX.strip() + ",AssetClass,Multiplier,Notes/Codes,TradeID\n"
PUT, CALL = "IBKR:CZR-260821P00030000", "IBKR:AAPL-260724C00011500"


def test_flex_options_are_paid_for_and_end_worthless() -> None:
    text = (
        CONTRACTS
        + """BUY,20260717;120816,CZR   260821P00030000,2,0.7,140,USD,-1.25,USD,OPT,100,O,t1
SELL,20260821;162000,CZR   260821P00030000,-2,0,0,USD,0,USD,OPT,100,C;Ep,t2
"""
    )
    assert told(text, zone=0) == [
        f"2026-07-17 12:08:16 fill position 2 USD of {PUT} at 0.7 × 100, paid -140 USD of {PUT}, fee -1.25 USD < f.csv:2",
        f"2026-08-21 16:20:00 expiry position -2 USD of {PUT} at 0 × 100 < f.csv:3",
    ]
    position = folded(text, base="USD").positions[ACCOUNT, PUT]
    assert (position.pool.quantity, position.gained, position.paid) == (0, -140, -140)
    assert len(set(marks(text))) == 2


def test_flex_delivers_shares_for_an_option_in_a_row_of_their_own() -> None:
    text = (
        CONTRACTS
        + """SELL,20260601;100000,AAPL  260724C00011500,-4,0.5,-200,USD,-2,USD,OPT,100,O,t3
BUY,20260724;162000,AAPL  260724C00011500,4,0,0,USD,0,USD,OPT,100,A;C,t4
SELL,20260724;162000,AAPL,-400,11.5,-4600,USD,0,USD,STK,1,A,t5
"""
    )
    assert [each[20:].partition(" <")[0] for each in told(text, zone=0)] == [
        f"fill position -4 USD of {CALL} at 0.5 × 100, paid 200 USD of {CALL}, fee -2 USD",
        f"expiry position 4 USD of {CALL} at 0 × 100",
        "sell 4600 USD, -400 AAPL",
    ]


def test_flex_futures_gain_by_their_prices() -> None:
    text = (
        CONTRACTS
        + """BUY,20260601;150000,ESU6,1,5300.25,265012.5,USD,-2.25,USD,FUT,50,O,t6
SELL,20260602;150000,ESU6,-1,5310.25,-265512.5,USD,-2.25,USD,FUT,50,C,t7
"""
    )
    assert [each[20:].partition(" <")[0] for each in told(text, zone=0)] == [
        "fill position 1 USD of IBKR:ESU6 at 5300.25 × 50, fee -2.25 USD",
        "fill position -1 USD of IBKR:ESU6 at 5310.25 × 50, fee -2.25 USD",
    ]
    position = folded(text, base="USD").positions[ACCOUNT, "IBKR:ESU6"]
    assert (position.gained, position.paid) == (500, 0)


def test_flex_contracts_need_to_say_how_much_one_is_of() -> None:
    text = FLEX.strip() + ",AssetClass\nBUY,20260601,ESU6,1,5300.25,265012.5,USD,-2.25,USD,FUT\n"

    assert wrong(text) == [
        "2 multiplier: expected how much one contract is of, found nothing: add this column to the export"
    ]


ACTIONS = (
    "CurrencyPrimary,AssetClass,Symbol,Description,Date/Time,ActionDescription,Quantity,Type,TransactionID\n"
)


def _action(symbol: str, words: str, quantity: str, type_: str, number: int) -> str:
    about = f"{words} ({symbol}, INVENTED, US{number})"
    return f'USD,STK,{symbol},INVENTED,20240831;202500,"{about}",{quantity},{type_},{number}\n'


def test_flex_says_by_how_much_a_split_changed_what_there_was() -> None:
    text = ACTIONS + _action("AAPL", "AAPL(US1) SPLIT 4 FOR 1", "300", "FS", 1)
    bought = FLEX + "BUY,20240102,AAPL,100,150,15000,USD,-1,USD\n"

    assert formats(text) == ["ibkr-actions"]
    assert [each.partition(" <")[0] for each in told(text, zone=0)] == [
        "2024-08-31 20:25:00 split -100 AAPL, 400 AAPL"
    ]
    (lot,) = folded(bought, text, base="USD").pool(ACCOUNT, "AAPL").lots()
    assert (lot.quantity, lot.cost, lot.opened_us) == (400, 15000, 1_704_153_600_000_000)
    assert len(told(text + text.partition("\n")[2], zone=0)) == 1
    half = ACTIONS + _action("AAPL", "AAPL(US1) SPLIT 3 FOR 2", "2.5", "FS", 1)
    assert told(half, zone=0)[0][20:].startswith("split -5 AAPL, 7.5 AAPL")


def test_flex_writes_a_consolidation_and_another_name_in_two_rows() -> None:
    text = (
        ACTIONS
        + _action("VUSA.OLD", "VUSA(US1) SPLIT 1 FOR 10", "-50", "RS", 1)
        + _action("T", "T(US3) CUSIP/ISIN CHANGE TO (US4)", "-7", "IC", 3)
        + _action("VUSA", "VUSA(US1) SPLIT 1 FOR 10", "5", "RS", 2)
        + _action("INCH", "T(US3) CUSIP/ISIN CHANGE TO (US4)", "7", "IC", 4)
    )
    assert [each[20:].partition(" <")[0] for each in told(text, zone=0)] == [
        "split -50 VUSA, 5 VUSA",
        "rename -7 T, 7 INCH",
    ]
    same = "".join(
        _action(each, "T(US3) CUSIP/ISIN CHANGE TO (US4)", sign + "7", "IC", len(sign))
        for each, sign in (("T.OLD", "-"), ("T", ""))
    )
    assert left(ACTIONS + same) == [f"{at}: nothing is left of it: what goes out comes in" for at in (2, 3)]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [("AAPL", "AAPL(US1) MERGED(Acquisition) FOR USD 50 PER SHARE", "-3", "TC")],
            "2 Type: expected a split or another name, found what gives or takes more than that",
        ),
        (
            [("VUSA.OLD", "VUSA(US1) SPLIT 1 FOR 10", "-50", "RS")],
            "2 row: expected what it was and what it became",
        ),
        (
            [("VUSA", "VUSA(US1) SPLIT 4 FOR 1", at, "FS") for at in ("-1", "4")],
            "2 row: expected one row of a split, found several: type it in",
        ),
        ([("VUSA", "VUSA(US1) SPLIT", "3", "FS")], "2 ActionDescription: expected a plain decimal number"),
    ],
)
def test_flex_refuses_what_an_action_does_not_say(rows: list[tuple[str, str, str, str]], said: str) -> None:
    text = ACTIONS + "".join(_action(*row, at) for at, row in enumerate(rows))

    assert wrong(text)[0].startswith(said)


def test_flex_has_taxes_beside_the_commission() -> None:
    text = FLEX.strip() + ",Taxes\nBUY,20240102,AAPL,3,150,450,GBP,-1,GBP,-2.25\n"

    assert told(text) == ["2024-01-02 00:00:00 buy 3 AAPL, -450 GBP, fee -3.25 GBP < f.csv:2"]


@pytest.mark.parametrize(
    ("column", "detail", "summary"), [("LevelOfDetail", "DETAIL", "SUMMARY"), ("ClientAccountID", "U1", "-")]
)
def test_flex_sums_of_cash_are_left_out(column: str, detail: str, summary: str) -> None:
    text = f"""Type,SettleDate,Description,Amount,CurrencyPrimary,TransactionID,{column}
Dividends,20240202,CASH DIVIDEND,0.72,USD,77,{detail}
Dividends,20240202,CASH DIVIDEND,0.72,USD,,{summary}
"""
    assert told(text) == ["2024-02-02 00:00:00 dividend 0.72 USD < f.csv:2 (CASH DIVIDEND)"]
    assert left(text) == ["3: a sum of rows that stand for themselves"]
    alone = "".join(text.splitlines(keepends=True)[::2])
    assert len(told(alone)) == 1
