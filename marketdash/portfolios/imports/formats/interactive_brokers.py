"""Interactive Brokers: Flex queries of trades and of cash, whose columns people choose themselves."""

from __future__ import annotations

from marketdash.portfolios.accounting.ledger import (
    BUY,
    DEPOSIT,
    DIVIDEND,
    FEE,
    FEES,
    INTEREST,
    SELL,
    WITHDRAWAL,
)
from marketdash.portfolios.imports.declared import Format, Skip, came, does, left, named

_FEE = came("fee", "fee asset", role=FEE, optional=True)
_MONEY = came("amount", "currency")
_TIMES = ("%Y%m%d;%H%M%S", "%Y-%m-%d;%H%M%S", "%Y-%m-%d;%H:%M:%S", "%Y%m%d", "%m/%d/%Y", "%d/%m/%Y")

_MONEYS = "(?:USD|EUR|GBP|JPY|CHF|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|TRY|KRW|SGD|HKD|ZAR|MXN|ILS|CNH)"
_TAX = came("tax", "currency", role=FEE, optional=True)
_BUY = does(
    BUY, came("quantity", "asset", 1, size=True), came("money", "currency", -1, size=True), _FEE, _TAX
)
_SELL = does(
    SELL, came("quantity", "asset", -1, size=True), came("money", "currency", 1, size=True), _FEE, _TAX
)
_SUM = "a sum of rows that stand for themselves"
_LOTS = frozenset({"closed_lot", "closed lot", "wash_sale", "wash sale", "lot"})
_MARGINED = frozenset({"fut", "fop", "cfd", "fxcfd"})
_SUMS = frozenset({"symbol_summary", "symbol summary", "asset_summary", "asset summary"})

TRADES = Format(
    name="ibkr-trades",
    title="Interactive Brokers Flex trades",
    columns=named(
        side="buy/sell",
        time="datetime|date/time|tradedate",
        symbol="symbol|isin",
        quantity="quantity",
        price="tradeprice",
        money="trademoney",
        currency="currencyprimary",
        fee="ibcommission",
        fee_asset="ibcommissioncurrency|currencyprimary",
        tax="taxes",
        level="levelofdetail",
        of="assetclass|assetcategory",
        id="tradeid|transactionid",
    ),
    needs=("side", "time", "symbol", "quantity", "price", "money", "currency", "fee"),
    word=("side",),
    words={
        "buy": _BUY,
        "sell": _SELL,
        "buy (ca.)": _SELL,  # cancelled: the row of the trade stays in the file, and this one takes it back
        "sell (ca.)": _BUY,
    },
    identity=("id",),
    cuts={"asset": ("symbol", rf"^({_MONEYS}(?=\.{_MONEYS}$)|.+)")},  # EUR.USD: euros, for dollars
    skips=(
        Skip("of", _MARGINED, "a contract, for which no price is paid: its gain is in the statement"),
        Skip("level", _LOTS, "a lot that a trade closed"),
        Skip("level", frozenset({"order"}), "an order: its executions stand for it", beside="execution"),
        Skip("level", _SUMS, _SUM, beside="execution|order"),
    ),
    times=_TIMES,
    zone="",
)

CASH = Format(
    name="ibkr-cash",
    title="Interactive Brokers Flex cash",
    columns=named(
        type="type",
        time="settledate|datetime|date/time",
        isin="isin",
        note="description",
        amount="amount",
        currency="currencyprimary",
        account="clientaccountid|accountid",
        level="levelofdetail",
        id="transactionid",
    ),
    needs=("type", "time", "note", "amount", "currency"),
    words={
        **dict.fromkeys(
            ("dividends", "payment in lieu of dividends", "withholding tax", "871(m) withholding"),
            does(DIVIDEND, _MONEY),
        ),
        **dict.fromkeys(
            (
                "broker interest received",
                "broker interest paid",
                "bond interest received",
                "bond interest paid",
            ),
            does(INTEREST, _MONEY),
        ),
        "deposits/withdrawals": does(DEPOSIT, _MONEY, debit=WITHDRAWAL),
        "deposits & withdrawals": does(DEPOSIT, _MONEY, debit=WITHDRAWAL),
        **dict.fromkeys(
            ("other fees", "commission adjustments", "advisor fees", "broker fees"),
            does(FEES, came("amount", "currency", role=FEE)),
        ),
        "broker interest accrued": left("booked later, when it is paid"),
    },
    identity=("id",),
    skips=(
        Skip("level", frozenset({"summary"}), _SUM, beside="detail"),
        Skip("account", frozenset({""}), _SUM, beside=".+"),
    ),
    times=_TIMES,
    zone="",
)
FORMATS = (TRADES, CASH)
