"""Known headers are of one format each, in any order of columns; headers of others are of none."""

from __future__ import annotations

import pytest

from marketdash.portfolios.imports import recognising
from marketdash.portfolios.imports.formats import BY_NAME, FORMATS

OURS = {
    "binance-trades": [
        "Date(UTC),Pair,Side,Price,Executed,Amount,Fee",
        "Time,Pair,Side,Price,Executed,Amount,Fee",
        "Order No,Time,Pair,Side,Price,Executed,Amount,Fee,AOR Conversion Pair,AOR Conversion Rate",
    ],
    "binance-trades-old": [
        "Date(UTC),Market,Type,Price,Amount,Total,Fee,Fee Coin",
        "Date(UTC),Pair,Base Asset,Quote Asset,Type,Price,Amount,Total,Fee,Fee Coin",
    ],
    "binance-statement": [
        "UTC_Time,Account,Operation,Coin,Change,Remark",
        "User_ID,UTC_Time,Account,Operation,Coin,Change,Remark",
        "User ID,Time,Account,Operation,Coin,Change,Remark",
    ],
    "coinbase": [
        "ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes",
        "Timestamp,Transaction Type,Asset,Quantity Transacted,Spot Price Currency,Spot Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes",
    ],
    "coinbase-fills": [
        "portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit"
    ],
    "kraken-ledgers": [
        "txid,refid,time,type,subtype,aclass,asset,amount,fee,balance",
        "txid,refid,time,type,subtype,aclass,subclass,asset,wallet,amount,fee,balance,amountusd,feeusd,balanceusd,feecurrency",
    ],
    "kraken-trades": [
        "txid,ordertxid,pair,time,type,ordertype,price,cost,fee,vol,margin,misc,ledgers",
        "txid,ordertxid,pair,aclass,subclass,time,type,ordertype,price,cost,fee,vol,margin,misc,ledgers,posttxid,posstatuscode,cprice,ccost,cfee,cvol,cmargin,net,trades",
    ],
    "bybit-unified": [
        "Uid,Currency,Contract,Type,Direction,Quantity,Position,Filled Price,Funding,Fee Paid,Cash Flow,Change,Wallet Balance,Action,Time(UTC)",
        "Time,Currency,Contract,Type,Direction,Quantity,Position,Filled Price,Funding,Fee Paid,Cash Flow,Change,Wallet Balance,Action,Fee Rate,Trade ID,Order ID",
    ],
    "bybit-funding": ["Uid,Date & Time(UTC),Coin,QTY,Type,Account Balance,Description"],
    "okx-trading": [
        "id,Order id,Time,Trade Type,Symbol,Action,Amount,Trading Unit,Filled Price,PnL,Fee,Fee Unit,Position Change,Position Balance,Balance Change,Balance,Balance Unit"
    ],
    "okx-funding": ["id,Time,Type,Amount,Before Balance,After Balance,Symbol"],
    "deribit": [
        "ID,UserSeq,Date,Instrument,Type,Side,Amount,Base Amount,Position,Price,Mark Price,Index Price,Cash Flow,Funding,Fee Rate,Fee Charged,Fee Balance,Change,Balance,Equity,Trade ID,Order ID,Info,Note"
    ],
    "ghostfolio": [
        "Date,Code,DataSource,Currency,Price,Quantity,Action,Fee,Note",
        "TradeDate,Ticker,CCY,UnitPrice,Shares,Type,Commission,Comment",
        "accountId,comment,fee,quantity,type,unitPrice,currency,dataSource,date,symbol,tags",
    ],
    "koinly": [
        "ID (read-only),Parent ID (read-only),Date (UTC),Type,Tag,From Wallet (read-only),From Wallet ID,From Amount,From Currency,To Wallet (read-only),To Wallet ID,To Amount,To Currency,Fee Amount,Fee Currency,Net Worth Amount,Net Worth Currency",
        "Date,Type,Tag,Sending Wallet,Sent Amount,Sent Currency,Sent Cost Basis,Receiving Wallet,Received Amount,Received Currency,Received Cost Basis,Fee Amount,Fee Currency,Gain (EUR),Net Value (EUR),Fee Value (EUR),TxSrc,TxDest,TxHash,Description",
    ],
    "cointracking": ["Type,Buy,Cur.,Sell,Cur.,Fee,Cur.,Exchange,Group,Comment,Date,Tx-ID"],
    "rotki-trades": [
        "Location,Spend Currency,Receive Currency,Receive Amount,Spend Amount,Fee,Fee Currency,Description,Timestamp"
    ],
    "rotki-events": ["Type,Location,Currency,Amount,Fee,Fee Currency,Description,Timestamp"],
    "ibkr-trades": [
        "Buy/Sell,TradeDate,ISIN,Quantity,TradePrice,TradeMoney,CurrencyPrimary,IBCommission,IBCommissionCurrency",
        "ClientAccountID,CurrencyPrimary,AssetClass,Symbol,UnderlyingSymbol,Multiplier,Strike,Expiry,Put/Call,TradeID,DateTime,TransactionType,Quantity,TradePrice,TradeMoney,IBCommission,IBCommissionCurrency,Open/CloseIndicator,Notes/Codes,Buy/Sell,LevelOfDetail",
    ],
    "ibkr-actions": [
        "ClientAccountID,CurrencyPrimary,AssetClass,Symbol,Description,ISIN,Multiplier,Report Date,Date/Time,ActionDescription,Amount,Proceeds,Value,Quantity,FifoPnlRealized,Code,Type,TransactionID,ActionID,LevelOfDetail",
        "Type,Date/Time,Symbol,Quantity,CurrencyPrimary,Description",
    ],
    "ibkr-cash": ["Type,SettleDate,ISIN,Description,Amount,CurrencyPrimary"],
    "trading212": [
        "Action,Time,ISIN,Ticker,Name,No. of shares,Price / share,Currency (Price / share),Exchange rate,Result,Currency (Result),Total,Currency (Total),Withholding tax,Currency (Withholding tax),Notes,ID,Currency conversion fee,Currency (Currency conversion fee)",
        "Action,Time,Notes,ID,Total,Currency (Total)",
        "Action,Time,ISIN,Ticker,Name,No. of shares,Price / share,Currency (Price / share),Exchange rate,Result (EUR),Total (EUR),Withholding tax,Currency (Withholding tax),Charge amount (EUR),Stamp duty reserve tax (EUR),Notes,ID,Currency conversion fee (EUR)",
    ],
}
OTHERS = [
    "Date(UTC),Symbol,Side,Price,Quantity,Amount,Fee,Fee Coin,Realized Profit,Quote Asset",
    "Date(UTC+0),Coin,Network,Amount,Address,TXID,Status",
    "Date,Wallet,Pair,Type,Sell,Buy,Price,Inverse Price,Date Updated,Status",
    "portfolio,type,time,amount,balance,amount/balance unit,transfer id,trade id,order id",
    "tradeCreatedAt,orderId,symbol,side,price,size,funds,fee,liquidity,feeCurrency,orderType",
    "ID,Account,Type,Subtype,Datetime,Amount,Amount currency,Value,Value currency,Rate,Rate currency,Fee,Fee currency,Order ID",
    "#,PAIR,AMOUNT,PRICE,FEE,FEE PERC,FEE CURRENCY,DATE,ORDER ID",
    "Timestamp (UTC),Transaction Description,Currency,Amount,To Currency,To Amount,Native Currency,Native Amount,Native Amount (in USD),Transaction Kind,Transaction Hash",
    "Timestamp (UTC),Type,Internal Id,Platform,Account Name,Platform Id,Blockchain Id,Record Type,Asset,Amount,Description",
    "Symbol,Side,Qty,Fill Price,Commission,Closing Time",
    "Date,Time,Symbol,Quantity,Price,Side",
    "Date,Action,Symbol,Description,Quantity,Price,Fees & Comm,Amount",
    "Date,Ticker,Type,Quantity,Price per share,Total Amount,Currency,FX Rate",
    "Datum,Tijd,Valutadatum,Product,ISIN,Omschrijving,FX,Mutatie,,Saldo,,Order Id",
]


@pytest.mark.parametrize(("name", "header"), [(name, each) for name, all in OURS.items() for each in all])
def test_a_known_header_is_of_one_format(name: str, header: str) -> None:
    for cells in (header.split(","), [cell.upper() for cell in header.split(",")]):
        assert [each.name for each in recognising.candidates(cells, FORMATS)] == [name]
    if "Cur." not in header:  # which of them is which follows from their order
        assert [each.name for each in recognising.candidates(header.split(",")[::-1], FORMATS)] == [name]


@pytest.mark.parametrize("header", OTHERS)
def test_others_are_of_none(header: str) -> None:
    assert recognising.candidates(header.split(","), FORMATS) == []


def test_every_format_has_its_headers_here_and_a_name_of_its_own() -> None:
    assert set(OURS) == set(BY_NAME) and len(BY_NAME) == len(FORMATS)


def test_every_format_says_what_its_rules_need() -> None:
    """A meaning that no column, pair, suffix, cut or file can have would never be there."""
    for format in FORMATS:
        rules = [*format.words.values(), *([format.otherwise] if format.otherwise else [])]
        known = {*format.columns, *format.suffixed.values(), *format.cuts, *format.fills, "base", "quote"}
        takes = [take for rule in rules for take in rule.takes]
        for take in [*takes, *(inner for each in takes for inner in each.less)]:
            asked = {
                *take.amount,
                *take.within,
                take.asset,
                take.worth,
                take.in_,
                take.instrument,
                take.price,
                take.multiplier,
                *take.split,
            }
            assert {each for each in asked if each and not each.startswith("=")} <= known, format.name
        in_header = {*format.in_header, *format.in_header.values()}
        assert {*format.needs, *format.identity, *format.together, *in_header} <= known, format.name
        assert all(word == word.lower().strip() for word in format.words), format.name
