"""Interactive Brokers: Flex queries of trades, cash and corporate actions, whose columns people choose.

An option is paid for, a future is not: what it gained follows from its prices.
"""

from __future__ import annotations

from marketdash.portfolios.accounting.ledger import (
    BUY,
    DEPOSIT,
    DIVIDEND,
    EXPIRY,
    FEE,
    FEES,
    FILL,
    INTEREST,
    PAID,
    POSITION,
    SELL,
    WITHDRAWAL,
)
from marketdash.portfolios.imports.declared import (
    CARRIED,
    Contracts,
    Format,
    Rule,
    Skip,
    came,
    does,
    left,
    named,
    refused,
)

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
_MARGINED = frozenset({"cfd", "fxcfd"})
_SUMS = frozenset({"symbol_summary", "symbol summary", "asset_summary", "asset summary"})


def _contract(kind: str, sign: int, *, paid: bool) -> Rule:
    moved = came(
        *("quantity", "currency", sign),
        role=POSITION,
        instrument="symbol",
        price="price",
        size=True,
        multiplier="multiplier",
    )
    premium = came("money", "currency", -sign, role=PAID, instrument="symbol", size=True)
    return does(kind, moved, *((premium,) if paid else ()), _FEE, _TAX)


_SIDES = {"buy": 1, "sell": -1, "buy (ca.)": -1, "sell (ca.)": 1}
_ENDS = {"": FILL, " ep": EXPIRY, " ex": EXPIRY, " a": EXPIRY}
"""Codes of what ends by itself, is exercised or assigned; what is delivered has a row of its own."""

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
        codes="notes/codes|notes|codes|code",
        multiplier="multiplier",
        id="tradeid|transactionid",
    ),
    needs=("side", "time", "symbol", "quantity", "price", "money", "currency", "fee"),
    word=("side", "class", "code"),
    words={
        "buy": _BUY,
        "sell": _SELL,
        "buy (ca.)": _SELL,  # cancelled: the row of the trade stays in the file, and this one takes it back
        "sell (ca.)": _BUY,
        **{
            f"{side} {of}{code}": _contract(kind, sign, paid=of != "fut")
            for side, sign in _SIDES.items()
            for of in ("opt", "fop", "fsfop", "fut")
            for code, kind in _ENDS.items()
        },
    },
    identity=("id",),
    cuts={
        "asset": ("symbol", rf"^({_MONEYS}(?=\.{_MONEYS}$)|.+)"),  # EUR.USD: euros, for dollars
        "class": ("of", r"(?i)^(opt|fop|fsfop|fut)$"),
        "code": ("codes", r"(?:^|[;, ])(Ep|Ex|A)(?:[;, ]|$)"),
    },
    contracts=(Contracts(r".", "IBKR", multiplier=""),),
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
    never=("quantity", "actiondescription"),
    skips=(
        Skip("level", frozenset({"summary"}), _SUM, beside="detail"),
        Skip("account", frozenset({""}), _SUM, beside=".+"),
    ),
    times=_TIMES,
    zone="",
)

_RATIO = r"[\d.]*\d"
_HALF = does(CARRIED, came("quantity", "symbol"), apart=True)
_SPLIT = ("new", "old")
_NEW_SHARES = refused(
    "expected a split or another name, found what gives or takes more than that: type it in, with the part "
    "of the cost that goes with it"
)

ACTIONS = Format(
    name="ibkr-actions",
    title="Interactive Brokers Flex corporate actions",
    columns=named(
        type="type",
        time="datetime|date/time|reportdate|report date",
        symbol="symbol|isin",
        quantity="quantity",
        currency="currencyprimary",
        note="actiondescription|description",
        level="levelofdetail",
        id="transactionid",
    ),
    needs=("type", "time", "symbol", "quantity", "currency", "note"),
    never=("buy/sell", "tradeprice"),
    words={
        "fs": does(
            CARRIED,
            came("quantity", "symbol", -1, size=True, split=_SPLIT),
            came("quantity", "symbol", 1, size=True, split=_SPLIT),
        ),
        **dict.fromkeys(("rs", "ic"), _HALF),
    },
    otherwise=_NEW_SHARES,
    identity=("id",),
    together=("time", "action"),
    cuts={
        "new": ("note", rf"(?i) SPLIT ({_RATIO}) FOR "),
        "old": ("note", rf"(?i) SPLIT {_RATIO} FOR ({_RATIO})"),
        "action": ("note", r"^(.+) \([^()]*\)$"),
    },
    skips=(Skip("level", frozenset({"summary"}), _SUM, beside="detail"),),
    code=r"\.OLD$",
    times=_TIMES,
    zone="",
)
FORMATS = (TRADES, CASH, ACTIONS)
