"""Ghostfolio: CSV under any of the names that it takes itself, and the activities of its JSON."""

from __future__ import annotations

from marketdash.portfolios.accounting.ledger import BUY, DIVIDEND, FEE, FEES, INTEREST, SELL
from marketdash.portfolios.imports.declared import Format, came, does, fee, left, named

_GOT, _GIVEN = (came("quantity", "symbol", sign, size=True) for sign in (1, -1))
_PAID, _WAS_PAID = (came("quantity price", "currency", sign, size=True) for sign in (-1, 1))
_FEE = fee("fee", "currency", size=True)

_QUOTE = r"(?<=.)-(?:USD|EUR|GBP|CHF|CAD|AUD|JPY)$|(?<!^.)(?<!^FD)(?<!^PY)(?<!^AL)(?<!^CRV)(?<!^FRX)USD$"
"""BTCUSD is BTC, TUSD is itself."""

ACTIVITIES = Format(
    name="ghostfolio",
    title="Ghostfolio activities",
    columns=named(
        time="date|tradedate",
        symbol="code|symbol|ticker",
        currency="currency|ccy|currencyprimary",
        price="price|unitprice|unit price|tradeprice|value",
        quantity="quantity|qty|shares|units",
        action="action|type|buy/sell",
        fee="fee|commission|ibcommission",
        note="note|comment",
    ),
    needs=("time", "symbol", "currency", "price", "quantity", "action", "fee"),
    word=("action",),
    words={
        "buy": does(BUY, _GOT, _PAID, _FEE),
        "sell": does(SELL, _GIVEN, _WAS_PAID, _FEE),
        "dividend": does(DIVIDEND, _WAS_PAID, _FEE),
        "interest": does(INTEREST, _WAS_PAID, _FEE),
        "fee": does(FEES, came("quantity price", "currency", -1, role=FEE, size=True), _FEE),
        "item": left("a thing of its own, which no ledger of assets has"),
        "liability": left("a debt of its own, which no ledger of assets has"),
    },
    times=("%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y %H:%M:%S"),
    code=_QUOTE,
    never=("asset", "pair", "order id", "trade id", "txid", "isin", "trademoney"),
)
FORMATS = (ACTIVITIES,)
