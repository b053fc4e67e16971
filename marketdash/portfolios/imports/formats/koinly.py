"""Koinly: its transactions, its report of them, and the universal form that it takes."""

from __future__ import annotations

from marketdash.portfolios.accounting.ledger import (
    AIRDROP,
    DEPOSIT,
    FEE,
    FEES,
    FUNDING,
    INTEREST,
    REWARD,
    WITHDRAWAL,
)
from marketdash.portfolios.imports.declared import TRADE, Format, Rule, came, does, fee, named

_GOT = came("to_amount", "to asset", 1, optional=True)
_EARNED = came("to_amount", "to asset", 1, optional=True, worth="worth", in_="worth asset")
_GIVEN = came("from_amount", "from asset", -1, optional=True)
_FEE = fee("fee", "fee asset")
_COST = does(FEES, came("from_amount", "from asset", -1, role=FEE, optional=True), _FEE)
_BOTH = does(TRADE, _GOT, _GIVEN, _FEE, alone=(DEPOSIT, WITHDRAWAL))
_TAGS = {
    REWARD: (
        "reward",
        "staking",
        "mining",
        "income",
        "other income",
        "cashback",
        "salary",
        "royalty",
        "fork",
    ),
    INTEREST: ("lending interest", "loan interest", "interest"),
    AIRDROP: ("airdrop", "gift"),
    FUNDING: ("realized gain", "margin trade", "funding fee", "futures"),
}
_OUT = {FUNDING: FUNDING, INTEREST: INTEREST}


def _words() -> dict[str, Rule]:
    """Deposits by their tag, and all else by its type; the universal form has tags alone."""
    ins, outs = (
        ("deposit", "crypto deposit", "fiat deposit"),
        ("withdrawal", "crypto withdrawal", "fiat withdrawal"),
    )
    words = dict.fromkeys(("buy", "sell", "exchange", "trade", "transfer", "swap", ""), _BOTH)
    words |= dict.fromkeys(ins, does(DEPOSIT, _GOT, _FEE)) | dict.fromkeys(
        outs, does(WITHDRAWAL, _GIVEN, _FEE)
    )
    for kind, tags in _TAGS.items():
        words |= {f"{word} {tag}": does(kind, _EARNED, _FEE) for word in ins for tag in tags}
        alone = (kind, _OUT.get(kind, WITHDRAWAL))
        words |= {tag: does(TRADE, _EARNED, _GIVEN, _FEE, alone=alone) for tag in tags}
    words |= {f"{word} {tag}": _COST for word in outs for tag in ("margin fee", "loan fee")}
    words |= {f"{word} fee refund": does(REWARD, _EARNED, _FEE) for word in ins}
    for tag in _TAGS[FUNDING]:
        words |= {f"{word} {tag}": does(FUNDING, _GIVEN, _FEE) for word in outs}
    return words


KOINLY = Format(
    name="koinly",
    title="Koinly transactions",
    columns=named(
        id="id (read-only)",
        time="date",
        type="type",
        tag="tag|label",
        from_amount="from amount|sent amount",
        from_asset="from currency|sent currency",
        to_amount="to amount|received amount",
        to_asset="to currency|received currency",
        fee="fee amount",
        fee_asset="fee currency",
        worth="net worth amount|net value (*)",
        worth_asset="net worth currency",
        note="description",
    ),
    needs=("time", "from amount", "from asset", "to amount", "to asset", "fee", "fee asset", "tag"),
    word=("type", "tag"),
    words=_words(),
    otherwise=_BOTH,
    in_header={"worth": "worth asset"},
    identity=("id",),
    code=r";\d+$",
)
FORMATS = (KOINLY,)
