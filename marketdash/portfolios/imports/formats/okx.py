"""OKX: the history of a trading account (spot in two rows, contracts in one) and of the funding account."""

from __future__ import annotations

from marketdash.portfolios.accounting.ledger import (
    AIRDROP,
    DEPOSIT,
    EXPIRY,
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
    Take,
    came,
    does,
    fee,
    left,
    named,
    refused,
)

_FEE = came("fee", "fee asset", role=FEE, optional=True)
_NET = came("change", "unit", less=(_FEE,))
_SPOT = does(TRADE, _NET, _FEE)
_CHANGED = came("change", "unit")
_INSIDE = left("a move inside OKX")
_BETWEEN = left(
    "a move between the trading and the funding account, which are one here: "
    "import the history of the other one too"
)
_GAINED = came("gain", "unit", role=PAID, instrument="symbol", optional=True)
_PREMIUM = came("change", "unit", role=PAID, instrument="symbol", less=(_FEE,))
_SIDES = {
    **dict.fromkeys(("buy", "open long", "close short"), 1),
    **dict.fromkeys(("sell", "open short", "close long"), -1),
}
_FORCED = ("partial liquidation", "liquidation", "adl")
_ENDED = {
    **{f"{forced} {word}": 1 for forced in _FORCED for word in ("buy", "close short", "short")},
    **{f"{forced} {word}": -1 for forced in _FORCED for word in ("sell", "close long", "long")},
}
"""What OKX ends itself: a liquidation of a long sells it."""


def _fill(sign: int, paid: Take, kind: str = FILL) -> Rule:
    moved = came("amount", "unit", sign, role=POSITION, instrument="symbol", price="price", size=True)
    return does(kind, moved, paid, _FEE)


_KINDS = ("swap", "perpetual", "futures", "option")
_EXERCISED = refused(
    "expected a row that says what the option was worth when it ended, found an exercise: type the expiry "
    "in, with what it paid"
)
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
        "spot": does(TRADE, _NET, _FEE, alone=(DEPOSIT, WITHDRAWAL)),  # a conversion, also of dust to nothing
        "margin buy": _SPOT,
        "margin sell": _SPOT,
        "transfer": _INSIDE,
        **{f"{kind} transfer {way}": _BETWEEN for kind in ("transfer", *_KINDS) for way in ("in", "out")},
        **{
            f"{kind} {action}": _fill(sign, _PREMIUM if kind == "option" else _GAINED)
            for kind in _KINDS
            for action, sign in (_SIDES | _ENDED).items()
        },
        **{
            f"{kind} delivery {side}": _fill(sign, _GAINED, EXPIRY)
            for kind in ("swap", "perpetual", "futures")
            for side, sign in (("long", -1), ("short", 1))
        },
        **{
            f"option {action}": _EXERCISED
            for action in ("exercised", "counterparty exercised", "expired otm", "expired")
        },
        **{
            f"{kind} {action}": does(FUNDING, _CHANGED)
            for kind in ("swap", "perpetual")
            for action in ("funding fee income", "funding fee expense", "funding fee")
        },
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
            ("interest", "simple earn flexible interest", "earn interest", "deposit yield"),
            does(INTEREST, _MOVED),
        ),
        **dict.fromkeys(
            ("rebate", "fee rebate", "referral", "reward", "bonus", "staking yield"),
            does(REWARD, _MOVED, debit=WITHDRAWAL),
        ),
        **dict.fromkeys(
            (
                *("stake", "redeem staking", "savings subscription", "savings redemption"),
                *("simple earn subscription", "simple earn redemption"),
                *("data migration in", "data migration out"),
            ),
            _INSIDE,
        ),
        **dict.fromkeys(("from unified trading account", "to unified trading account"), _BETWEEN),
    },
    otherwise=does(DEPOSIT, _MOVED, fee("fee", "symbol", size=True), debit=WITHDRAWAL),
    identity=("id",),
    note=("type",),
    zone="",
)
FORMATS = (TRADING, FUNDS)
