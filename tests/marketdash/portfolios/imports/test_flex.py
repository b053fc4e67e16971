"""Interactive Brokers' Flex queries of trades and of cash."""

from __future__ import annotations

import pytest

from tests.marketdash.portfolios.imports.reading import formats, left, reading, told, wrong


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
