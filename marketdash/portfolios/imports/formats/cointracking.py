"""CoinTracking: its table of trades, with three columns of the same name ``Cur.``.

Fees are in what was bought or sold already; one in a third currency has a row of its own.
"""

from __future__ import annotations

from marketdash.portfolios.accounting.ledger import (
    AIRDROP,
    DEPOSIT,
    DIVIDEND,
    FEE,
    FEES,
    FUNDING,
    INTEREST,
    REWARD,
    WITHDRAWAL,
)
from marketdash.portfolios.imports.declared import TRADE, Format, came, does, fee, named

_FEE = fee("fee", "fee asset", within=("buy asset", "sell asset"))
_GOT = came("buy", "buy asset", 1, optional=True, less=(_FEE,))
_GIVEN = came("sell", "sell asset", -1, optional=True, less=(_FEE,))
_IN = {
    DEPOSIT: ("deposit", "receive loan", "receive lp token", "remove liquidity"),
    AIRDROP: ("airdrop", "gift/tip", "airdrop (non taxable)", "hard fork"),
    INTEREST: ("interest income", "lending income"),
    DIVIDEND: ("dividends income",),
    FUNDING: ("margin profit", "margin trade", "derivatives / futures profit"),
    REWARD: (
        *("income", "mining", "staking", "reward / bonus", "masternode", "minting", "other income"),
        *("mining (commercial)", "income (non taxable)", "learning reward", "liquidity rewards income"),
        *("lp rewards", "reward/bonus"),
    ),
}
_OUT = {
    WITHDRAWAL: (
        *("withdrawal", "spend", "donation", "stolen", "lost", "repay loan", "liquidation"),
        *("expense (non taxable)", "provide liquidity", "return lp token"),
    ),
    FUNDING: ("margin loss", "derivatives / futures loss"),
}

COINTRACKING = Format(
    name="cointracking",
    title="CoinTracking trades",
    columns=named(
        type="type",
        buy="buy",
        buy_asset="cur.",
        sell="sell",
        sell_asset="cur. 2",
        fee="fee",
        fee_asset="cur. 3",
        time="date",
        exchange="exchange",
        note="comment",
    ),
    needs=("type", "buy", "buy asset", "sell", "sell asset", "fee", "time"),
    words={
        **dict.fromkeys(("trade", "swap (non taxable)"), does(TRADE, _GOT, _GIVEN, _FEE)),
        "gift": does(TRADE, _GOT, _GIVEN, _FEE, alone=(AIRDROP, WITHDRAWAL)),
        **{word: does(kind, _GIVEN, _FEE) for kind, words in _OUT.items() for word in words},
        **{word: does(kind, _GOT, _FEE) for kind, words in _IN.items() for word in words},
        **dict.fromkeys(
            ("other fee", "margin fee", "borrowing fee", "settlement fee", "loan fee"),
            does(FEES, came("sell", "sell asset", -1, role=FEE, optional=True)),
        ),
    },
    times=("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M"),
    zone="",
)
FORMATS = (COINTRACKING,)
