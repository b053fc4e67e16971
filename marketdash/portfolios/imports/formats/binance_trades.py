"""Binance: spot trades, with assets behind the numbers (now) or in columns (before)."""

from __future__ import annotations

from marketdash.portfolios.accounting.ledger import BUY, SELL
from marketdash.portfolios.imports.declared import Format, came, does, fee, named

TRADES = Format(
    name="binance-trades",
    title="Binance spot trades",
    venue="BINANCE",
    mark="binance",
    columns=named(
        time="date|time",
        pair="pair",
        side="side",
        price="price",
        executed="executed",
        amount="amount",
        fee="fee",
    ),
    needs=("time", "pair", "side", "price", "executed", "amount", "fee"),
    word=("side",),
    words={
        "buy": does(BUY, came("executed", "base", 1), came("amount", "quote", -1), fee()),
        "sell": does(SELL, came("executed", "base", -1), came("amount", "quote", 1), fee()),
    },
    pair="pair",
    suffixed={"executed": "base", "amount": "quote", "fee": "fee asset"},
    times=("%y-%m-%d %H:%M:%S",),
    zone="",
    fill=(),
)

IN_COLUMNS = Format(
    name="binance-trades-old",
    title="Binance spot trades, older",
    venue="BINANCE",
    mark="binance",
    columns=named(
        time="date",
        pair="market|pair",
        base="base asset",
        quote="quote asset",
        side="type",
        price="price",
        amount="amount",
        total="total",
        fee="fee",
        fee_asset="fee coin",
    ),
    needs=("time", "pair", "side", "price", "amount", "total", "fee", "fee asset"),
    word=("side",),
    words={
        "buy": does(BUY, came("amount", "base", 1), came("total", "quote", -1), fee()),
        "sell": does(SELL, came("amount", "base", -1), came("total", "quote", 1), fee()),
    },
    pair="pair",
    zone="",
)
FORMATS = (TRADES, IN_COLUMNS)
