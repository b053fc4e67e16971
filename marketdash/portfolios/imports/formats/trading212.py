"""Trading 212: its history, whose totals have the fees in them.

A fee in another currency than the total stays in it: what it came to in that currency stands nowhere.
"""

from __future__ import annotations

from marketdash.portfolios.accounting.ledger import (
    BUY,
    DEPOSIT,
    DIVIDEND,
    INTEREST,
    REWARD,
    SELL,
    SWAP,
    WITHDRAWAL,
)
from marketdash.portfolios.imports.declared import CARRIED, Format, came, does, fee, named, refused

_INSIDE = ("conversion fee", "stamp duty", "french tax", "finra fee", "transaction fee")
_FEES = tuple(
    fee(name.replace(" ", "_"), f"{name} asset", size=True, within=("currency",)) for name in _INSIDE
)
_GOT, _GIVEN = (came("shares", "ticker", sign) for sign in (1, -1))
_BUY = does(BUY, _GOT, came("total", "currency", -1, size=True, less=_FEES), *_FEES)
_SELL = does(SELL, _GIVEN, came("total", "currency", 1, size=True, less=_FEES), *_FEES)
_MONEY = came("total", "currency")
_ORDERS = ("market", "limit", "stop", "stop limit")
_FREE = refused(
    "expected a row that says what the new shares cost, found one without a price: type it in, with the "
    "part of the old cost that is theirs"
)

HISTORY = Format(
    name="trading212",
    title="Trading 212 history",
    columns=named(
        action="action",
        time="time",
        isin="isin",
        ticker="ticker",
        shares="no. of shares",
        price="price / share",
        total="total|total (*)",
        currency="currency (total)",
        conversion_fee="currency conversion fee|currency conversion fee (*)",
        conversion_fee_asset="currency (currency conversion fee)",
        stamp_duty="stamp duty reserve tax|stamp duty|stamp duty reserve tax (*)|stamp duty (*)",
        stamp_duty_asset="currency (stamp duty reserve tax)|currency (stamp duty)",
        french_tax="french transaction tax|french transaction tax (*)",
        french_tax_asset="currency (french transaction tax)",
        finra_fee="finra fee|finra fee (*)",
        finra_fee_asset="currency (finra fee)",
        transaction_fee="transaction fee|transaction fee (*)",
        transaction_fee_asset="currency (transaction fee)",
        given="currency conversion from amount",
        given_asset="currency (currency conversion from amount)",
        got="currency conversion to amount",
        got_asset="currency (currency conversion to amount)",
        note="notes",
        id="id",
        any="id|no. of shares",
    ),
    needs=("action", "time", "total", "any"),  # a column is there only if something of those days has it
    word=("action",),
    words={
        **{f"{order} buy": _BUY for order in _ORDERS},
        **{f"{order} sell": _SELL for order in _ORDERS},
        "currency conversion": does(
            SWAP,
            came("got", "got asset", 1, size=True),
            came("given", "given asset", -1, size=True),
        ),
        **dict.fromkeys(("dividend", "dividend adjustment"), does(DIVIDEND, _MONEY)),
        **dict.fromkeys(("deposit", "card credit", "card refund"), does(DEPOSIT, _MONEY, debit=WITHDRAWAL)),
        "withdrawal": does(WITHDRAWAL, came("total", "currency", -1, size=True)),
        "card debit": does(WITHDRAWAL, came("total", "currency", -1, size=True)),
        "stock split close": does(CARRIED, _GIVEN, apart=True),  # all that there was, before
        "stock split open": does(CARRIED, _GOT, apart=True),  # and after
        "stock split": refused("expected a close and an open of the split, found one row: type the split in"),
        "transfer in": does(DEPOSIT, _GOT),
        "transfer out": does(WITHDRAWAL, _GIVEN),
        **dict.fromkeys(
            ("spin off", "stock distribution", "custom stock distribution", "equity rights"), _FREE
        ),
        "result adjustment": refused(
            "expected a row that says what moved, found a correction of a gain: type in what your cash got"
        ),
        **dict.fromkeys(("interest on cash", "lending interest", "interest"), does(INTEREST, _MONEY)),
        **dict.fromkeys(
            ("spending cashback", "free shares promotion", "card cashback"), does(REWARD, _MONEY)
        ),
    },
    in_header={
        "total": "currency",
        **{name.replace("_", " "): f"{name} asset" for name in _INSIDE},
    },
    identity=("id",),
    together=("time", "ticker"),
)
FORMATS = (HISTORY,)
