"""Bybit: the log of a unified account (spot in two rows, contracts in one) and of the funding account."""

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
from marketdash.portfolios.imports.declared import (
    TRADE,
    Contracts,
    Format,
    Rule,
    came,
    does,
    left,
    named,
    refused,
)

_CHANGED = came("change", "currency")
_CASH = came("cash", "currency")
_INSIDE = left("a move inside Bybit")
_BETWEEN = left(
    "a move between the unified and the funding account, which are one here: "
    "import the file of the other one too"
)
_FEE = came(
    *("change", "currency"),
    role=FEE,
    optional=True,
    less=(_CASH, came("funding", "currency")),
)
"""What else changed the balance: which sign a fee has in its own column depends on the file."""
_SPOT = does(TRADE, _CASH, _FEE)
_GAINED = came("cash", "currency", role=PAID, instrument="contract", optional=True)


def _fill(sign: int) -> Rule:
    moved = came("quantity", "currency", sign, role=POSITION, instrument="contract", price="price", size=True)
    return does(FILL, moved, _GAINED, _FEE)


UNIFIED = Format(
    name="bybit-unified",
    title="Bybit unified account",
    venue="BYBIT",
    mark="bybit",
    columns=named(
        currency="currency",
        contract="contract",
        type="type",
        action="action",
        direction="direction",
        quantity="quantity",
        price="filled price",
        fee="fee paid",
        funding="funding",
        cash="cash flow",
        change="change",
        balance="wallet balance",
        time="time",
        trade="trade id|tradeid",
        order="order id|orderid",
    ),
    needs=("currency", "contract", "type", "direction", "quantity", "price", "fee", "cash", "change", "time"),
    word=("type", "action", "direction"),
    words={
        "trade buy": _SPOT,
        "trade sell": _SPOT,
        **{f"trade {action} buy": _fill(1) for action in ("open", "close")},
        **{f"trade {action} sell": _fill(-1) for action in ("open", "close")},
        **{
            f"{forced} close {side}": _fill(sign)
            for forced in ("liquidation", "adl")
            for side, sign in (("buy", 1), ("sell", -1))
        },
        "delivery": refused(
            "expected a row that says whether a long or a short ended, found a delivery: type the expiry in, "
            "at its price and with what it paid"
        ),
        "currency buy": _SPOT,
        "currency sell": _SPOT,
        "settlement": does(FUNDING, came("change", "currency", less=(_CASH,)), _GAINED),
        **dict.fromkeys(("transfer in", "transfer out"), _BETWEEN),
        "interest": does(INTEREST, _CHANGED),
        "airdrop": does(AIRDROP, _CHANGED, debit=WITHDRAWAL),
        **dict.fromkeys(
            ("bonus", "bonus recollect", "fee refund", "reward", "rebate"),
            does(REWARD, _CHANGED, debit=WITHDRAWAL),
        ),
        **{
            f"{kind} {move}": _INSIDE
            for kind in ("flexible staking", "fixed staking", "tokens")
            for move in ("subscription", "redemption")
        },
    },
    together=("time", "contract", "order", "trade"),
    contracts=(
        Contracts(r"-[CP](?:-USD[CT])?$", "BYBIT_OPTION"),
        Contracts(r"USD(?:[A-Z]\d\d)?$", "BYBIT_INVERSE", inverse=True),
        Contracts(r".", "BYBIT_LINEAR"),
    ),
)

_MOVED = came("quantity", "coin")
_ABOUT = (
    r"(?i)(interest distribution|rewards distribution|subscription|redemption|auto-earn"
    r"|unified trading account|earn account|launchpool manual withdrawal|launchpool yield)"
)
"""What Earn does has one type, as has what is moved; which it is stands in the description alone."""

FUNDS = Format(
    name="bybit-funding",
    title="Bybit funding account",
    venue="BYBIT",
    mark="bybit funds",
    columns=named(
        time="date & time",
        coin="coin",
        quantity="qty",
        type="type",
        balance="account balance",
        note="description",
    ),
    needs=("time", "coin", "quantity", "type", "balance"),
    word=("about", "type"),
    words={
        **dict.fromkeys(
            ("interest distribution", "rewards distribution", "launchpool yield"), does(INTEREST, _MOVED)
        ),
        **dict.fromkeys(
            ("subscription", "redemption", "auto-earn", "earn account", "launchpool manual withdrawal"),
            _INSIDE,
        ),
        "unified trading account": _BETWEEN,
        "convert": does(TRADE, _MOVED, alone=(DEPOSIT, WITHDRAWAL)),
        **dict.fromkeys(("reward", "rewards", "bonus", "cashback"), does(REWARD, _MOVED, debit=WITHDRAWAL)),
        "airdrop": does(AIRDROP, _MOVED, debit=WITHDRAWAL),
        "interest": does(INTEREST, _MOVED),
    },
    otherwise=does(DEPOSIT, _MOVED, debit=WITHDRAWAL),
    together=("time",),
    cuts={"about": ("note", _ABOUT)},
)
FORMATS = (UNIFIED, FUNDS)
