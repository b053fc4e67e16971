"""Deribit: the transaction log of one currency, which its instruments or the file's name say."""

from __future__ import annotations

from marketdash.portfolios.accounting.ledger import (
    DEPOSIT,
    EXPIRY,
    FEE,
    FILL,
    FUNDING,
    PAID,
    POSITION,
    REWARD,
    WITHDRAWAL,
)
from marketdash.portfolios.imports.declared import Contracts, Format, Rule, came, does, left, named

_CHANGED = came("change", "currency")
_FEE = came("fee =-1", "currency", role=FEE, optional=True)  # below 0 it is a rebate
_PAID = came("change", "currency", role=PAID, instrument="instrument", less=(_FEE,))
_FUNDED = came("funding", "currency", optional=True)
_SESSION = came("change", "currency", role=PAID, instrument="instrument", less=(_FEE, _FUNDED))


def _fill(kind: str, sign: int) -> Rule:
    moved = came("amount", "currency", sign, role=POSITION, instrument="instrument", price="price", size=True)
    return does(kind, moved, _PAID, _FEE)


LOG = Format(
    name="deribit",
    title="Deribit transaction log",
    venue="DERIBIT",
    columns=named(
        id="id",
        time="date",
        instrument="instrument",
        type="type",
        side="side",
        amount="amount",
        price="price",
        cash="cash flow",
        funding="funding",
        fee="fee charged",
        change="change",
        currency="currency",
        note="note",
    ),
    needs=("id", "time", "instrument", "type", "side", "amount", "price", "cash", "fee", "change"),
    word=("type", "side"),
    words={
        **{
            f"{word}{moved}{side}": _fill(kind, sign)
            for word, kind in (("trade ", FILL), ("delivery ", EXPIRY))
            for side, sign in (("buy", 1), ("sell", -1))
            for moved in ("", "open ", "close ")
        },
        "settlement": does(FUNDING, _FUNDED, _SESSION, _FEE),
        "deposit": does(DEPOSIT, _CHANGED),
        "withdrawal": does(WITHDRAWAL, came("change", "currency", less=(_FEE,)), _FEE),
        **dict.fromkeys(("transfer", "swap"), does(DEPOSIT, _CHANGED, debit=WITHDRAWAL)),
        "usdc reward": does(REWARD, _CHANGED, debit=WITHDRAWAL),
        **dict.fromkeys(("correction", "socialized fund", "negative balance fee"), does(FUNDING, _CHANGED)),
        "options settlement summary": left("a sum of rows that stand for themselves"),
        "futures settlement summary": left("a sum of rows that stand for themselves"),
    },
    identity=("id",),
    times=("%d %b %Y %H:%M:%S",),
    fills={
        "currency": ("instrument", r"(?:transaction_log-\d+-|^(?:[A-Z0-9]+_)?)([A-Z]{3,5})(?=[-.])"),
    },
    contracts=(
        Contracts(r"-[CP]$", "DERIBIT"),
        Contracts(r"_USD[CT]-", "DERIBIT"),
        Contracts(r"-", "DERIBIT", inverse=True),
    ),
)
FORMATS = (LOG,)
