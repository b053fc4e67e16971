"""Kraken: ledgers (a row for each leg) and trades. A trade's ``refid`` is its number in the other file."""

from __future__ import annotations

from marketdash.portfolios.accounting.ledger import (
    AIRDROP,
    BUY,
    DEPOSIT,
    DIVIDEND,
    FEE,
    FUNDING,
    REWARD,
    SELL,
    WITHDRAWAL,
)
from marketdash.portfolios.imports.declared import (
    TRADE,
    Format,
    Skip,
    came,
    does,
    fee,
    left,
    named,
)

_AMOUNT = came("amount", "asset", optional=True)
_EARNED = came("amount", "asset", worth="usd", in_="=USD")
_FEE = came("fee =-1", "fee asset", role=FEE, optional=True)  # below 0 it comes back
_REWARD = does(REWARD, _EARNED, _FEE, debit=WITHDRAWAL)  # one that was too much is taken back
_GIFT = does(AIRDROP, _AMOUNT, _FEE, debit=WITHDRAWAL)
_INSIDE = left("a move inside Kraken")
_CRYPTO = "XBT|ETH|LTC|XRP|XLM|XMR|ZEC|ETC|REP|MLN|XDG|ICN|NMC|XVN"
_MONEY = "EUR|USD|GBP|CAD|JPY|AUD|CHF|KRW"
"""What Kraken listed first, and writes with a letter before it; ZETA and XION came later and are whole."""
_ZEROS = frozenset({"", "0", *(f"0{sign}{'0' * places}" for sign in ".," for places in range(1, 11))})

LEDGERS = Format(
    name="kraken-ledgers",
    title="Kraken ledgers",
    venue="KRAKEN",
    mark="kraken",
    columns=named(
        id="txid",
        trade="refid",
        time="time",
        type="type",
        subtype="subtype",
        asset="asset",
        amount="amount",
        fee="fee",
        fee_asset="feecurrency|asset",
        usd="amountusd",
        note="subtype",
        balance="balance",
    ),
    needs=("id", "trade", "time", "type", "asset", "amount", "fee", "balance"),
    word=("type", "subtype"),
    words={
        "trade": does(TRADE, _AMOUNT, _FEE),
        "spend": does(TRADE, _AMOUNT, _FEE),
        "receive": does(TRADE, _AMOUNT, _FEE),
        "sale": does(TRADE, _AMOUNT, _FEE),
        "conversion": does(TRADE, _AMOUNT, _FEE),
        "deposit": does(DEPOSIT, _AMOUNT, _FEE, debit=WITHDRAWAL),
        "withdrawal": does(DEPOSIT, _AMOUNT, _FEE, debit=WITHDRAWAL),  # one that failed comes back
        "credit": does(DEPOSIT, _AMOUNT, _FEE, debit=WITHDRAWAL),
        "staking": _REWARD,
        "reward": _REWARD,
        "earn reward": _REWARD,
        "earn bonus": _REWARD,
        "invite bonus": _REWARD,
        "dividend": does(DIVIDEND, _EARNED, _FEE),
        "margin": does(FUNDING, _AMOUNT, _FEE),
        "rollover": does(FUNDING, _AMOUNT, _FEE),
        "settled": does(TRADE, _AMOUNT, _FEE, alone=(FUNDING, FUNDING)),
        "adjustment": _GIFT,
        "transfer": _GIFT,
        "transfer spotfromfutures": does(DEPOSIT, _AMOUNT, _FEE),
        "transfer spottofutures": does(WITHDRAWAL, _AMOUNT, _FEE),
        "transfer spottostaking": _INSIDE,
        "transfer stakingfromspot": _INSIDE,
        "transfer stakingtospot": _INSIDE,
        "transfer spotfromstaking": _INSIDE,
        "earn airdrop": _GIFT,
        "earn delistingconversion": _GIFT,
        "earn autoallocate": _INSIDE,
        "earn allocation": _INSIDE,
        "earn deallocation": _INSIDE,
        "earn autoallocation": _INSIDE,
        "earn migration": _INSIDE,
        "hybridearndeposit": _INSIDE,
        "hybridearnwithdrawal": _INSIDE,
    },
    identity=("id",),
    together=("trade",),
    skips=(Skip("id", frozenset({""}), "not booked yet: the booked row stands for it"),),
    code=rf"(?:\d\d)?\.(?:[A-Z]|HOLD)$|^X(?=(?:{_CRYPTO})(?:\.|$))|^Z(?=(?:{_MONEY})(?:\.|$))|(?<=^ETH)2",
)

_TRADE_FEE = fee("fee", "quote")
TRADES = Format(
    name="kraken-trades",
    title="Kraken trades",
    venue="KRAKEN",
    mark="kraken",
    columns=named(
        id="txid",
        order="ordertxid",
        pair="pair",
        time="time",
        type="type",
        cost="cost",
        fee="fee",
        vol="vol",
        margin="margin",
        price="price",
    ),
    needs=("id", "order", "pair", "time", "type", "price", "cost", "fee", "vol"),
    words={
        "buy": does(BUY, came("vol", "base", 1), came("cost", "quote", -1), _TRADE_FEE),
        "sell": does(SELL, came("vol", "base", -1), came("cost", "quote", 1), _TRADE_FEE),
    },
    identity=("id",),
    pair="pair",
    fill=("trade_id",),
    skips=(Skip("margin", _ZEROS, "on margin: its gain is in the ledgers", unless=True),),
    note=(),
)
FORMATS = (LEDGERS, TRADES)
