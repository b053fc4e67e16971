"""OKX: the history of a trading account (spot in two rows, contracts in one) and of the funding account."""

from __future__ import annotations

from marketdash.portfolios.accounting.ledger import (
    AIRDROP,
    DEPOSIT,
    FEE,
    FILL,
    FUNDING,
    INTEREST,
    PAID,
    POSITION,
    REWARD,
    WITHDRAWAL,
)
from marketdash.portfolios.imports.declared import TRADE, Contracts, Format, Rule, came, does, fee, named

_FEE = came("fee", "fee asset", role=FEE, optional=True)
_SPOT = does(TRADE, came("change", "unit", less=(_FEE,)), _FEE)
_CHANGED = came("change", "unit")
_GAINED = came("gain", "unit", role=PAID, instrument="symbol", optional=True)


def _fill(sign: int) -> Rule:
    moved = came("amount", "unit", sign, role=POSITION, instrument="symbol", price="price", size=True)
    return does(FILL, moved, _GAINED, _FEE)


_KINDS = ("swap", "futures", "option")
TRADING = Format(
    name="okx-trading",
    title="OKX trading history",
    venue="OKX",
    mark="okx",
    columns=named(
        order="order id",
        time="time",
        kind="trade type",
        symbol="symbol",
        action="action",
        amount="amount",
        price="filled price",
        gain="pnl",
        fee="fee",
        fee_asset="fee unit",
        change="balance change",
        unit="balance unit",
    ),
    needs=("order", "time", "kind", "symbol", "action", "amount", "price", "gain", "fee", "change", "unit"),
    word=("kind", "action"),
    words={
        "spot buy": _SPOT,
        "spot sell": _SPOT,
        "transfer transfer in": does(DEPOSIT, _CHANGED),
        "transfer transfer out": does(WITHDRAWAL, _CHANGED),
        **{
            f"{kind} {action}": _fill(sign)
            for kind in _KINDS
            for sign, actions in ((1, "buy; open long; close short"), (-1, "sell; open short; close long"))
            for action in actions.split("; ")
        },
        **{
            f"swap {action}": does(FUNDING, _CHANGED)
            for action in ("funding fee income", "funding fee expense", "funding fee")
        },
        **{f"{kind} transfer in": does(DEPOSIT, _CHANGED) for kind in _KINDS},
        **{f"{kind} transfer out": does(WITHDRAWAL, _CHANGED) for kind in _KINDS},
    },
    together=("order", "time"),
    contracts=(
        Contracts(r"-USD-(?!.*-[CP]$)", "OKX", multiplier="", inverse=True),
        Contracts(r"-(?:SWAP|\d{6}(?:-\d+-[CP])?)$", "OKX", multiplier=""),
    ),
    zone="",
)

_MOVED = came("amount", "symbol")
FUNDS = Format(
    name="okx-funding",
    title="OKX funding history",
    venue="OKX",
    mark="okx funds",
    columns=named(
        id="id",
        time="time",
        type="type",
        amount="amount",
        symbol="symbol",
        before="before balance",
        after="after balance",
        fee="fee",
    ),
    needs=("id", "time", "type", "amount", "symbol", "before", "after"),
    words={
        "airdrop": does(AIRDROP, _MOVED, debit=WITHDRAWAL),
        **dict.fromkeys(
            ("interest", "simple earn flexible interest", "earn interest"), does(INTEREST, _MOVED)
        ),
        **dict.fromkeys(("rebate", "referral", "reward", "bonus"), does(REWARD, _MOVED, debit=WITHDRAWAL)),
    },
    otherwise=does(DEPOSIT, _MOVED, fee("fee", "symbol", size=True), debit=WITHDRAWAL),
    identity=("id",),
    note=("type",),
    zone="",
)
FORMATS = (TRADING, FUNDS)
