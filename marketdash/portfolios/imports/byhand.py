"""A format that somebody makes by saying which column means what. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from marketdash.portfolios.accounting.ledger import (
    AIRDROP,
    BUY,
    DEPOSIT,
    DIVIDEND,
    FEE,
    FEES,
    INTEREST,
    REWARD,
    SELL,
    WITHDRAWAL,
)
from marketdash.portfolios.imports import recognising
from marketdash.portfolios.imports.declared import TRADE, Format, came, does, fee

NAME = "by hand"


class Asked(NamedTuple):
    """A meaning that a column can be chosen for; ``likely`` are names that such columns have."""

    meaning: str
    label: str
    about: str
    likely: tuple[str, ...]


ASKED = (
    Asked("time", "Time", "Needed.", ("time", "date", "timestamp", "datetime", "date/time", "when")),
    Asked(
        "type",
        "Kind",
        "buy, sell, deposit, withdrawal, reward, interest, …",
        ("type", "action", "side", "kind"),
    ),
    Asked(
        "amount",
        "Amount",
        "Signed, or with a kind.",
        ("amount", "quantity", "qty", "shares", "size", "units", "change"),
    ),
    Asked("asset", "Asset", "What the amount is of.", ("asset", "symbol", "ticker", "coin", "code", "base")),
    Asked("price", "Price", "Of one, for buy and sell.", ("price", "unit price", "unitprice", "rate")),
    Asked("currency", "Currency", "What the price is in.", ("currency", "quote", "price currency")),
    Asked(
        "got",
        "Received",
        "Where a row has both sides.",
        ("received", "buy", "to amount", "amount in", "received amount"),
    ),
    Asked(
        "got asset", "Received asset", "", ("received currency", "buy currency", "to currency", "currency in")
    ),
    Asked(
        "given",
        "Sent",
        "Where a row has both sides.",
        ("sent", "sell", "from amount", "amount out", "sent amount"),
    ),
    Asked(
        "given asset", "Sent asset", "", ("sent currency", "sell currency", "from currency", "currency out")
    ),
    Asked("fee", "Fee", "What was paid.", ("fee", "fees", "commission", "fee amount")),
    Asked("fee asset", "Fee asset", "Else that of the price.", ("fee currency", "fee coin", "fee asset")),
    Asked(
        "id",
        "Number",
        "By which a row is known for ever.",
        ("id", "txid", "trade id", "transaction id", "tx-id"),
    ),
    Asked("note", "Note", "", ("note", "notes", "comment", "description")),
)
_FEE = fee("fee", "fee asset", size=True)
_SIDES = (
    came("got", "got asset", 1, size=True, optional=True),
    came("given", "given asset", -1, size=True, optional=True),
)
_MOVED = came("amount", "asset", optional=True)
_IN = came("amount", "asset", 1, size=True, optional=True)
_OUT = came("amount", "asset", -1, size=True, optional=True)
_COST = does(FEES, came("amount", "asset", -1, role=FEE, size=True, optional=True), _FEE)

_TIMES = (
    *("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "ms"),
    *(f"{date}{time}" for date in ("%m/%d/%Y", "%d/%m/%Y") for time in (" %H:%M:%S", " %H:%M", "")),
)
"""Of the last two orders a file has one: :func:`~.cells.in_order`."""


def _words() -> dict[str, object]:
    paid, was_paid = (came("amount price", "currency", sign, size=True, optional=True) for sign in (-1, 1))
    words = {
        **dict.fromkeys(
            ("buy", "bought", "purchase", "market buy", "limit buy"), does(BUY, _IN, paid, *_SIDES, _FEE)
        ),
        **dict.fromkeys(
            ("sell", "sold", "sale", "market sell", "limit sell"), does(SELL, _OUT, was_paid, *_SIDES, _FEE)
        ),
    }
    for kind, names in {
        DEPOSIT: ("deposit", "receive", "received", "in", "credit"),
        REWARD: ("reward", "staking", "mining", "income", "cashback"),
        AIRDROP: ("airdrop", "gift", "fork"),
    }.items():
        words |= dict.fromkeys(names, does(kind, _MOVED, *_SIDES, _FEE, debit=WITHDRAWAL))
    words |= dict.fromkeys(
        ("withdrawal", "withdraw", "send", "sent", "out", "debit"), does(WITHDRAWAL, _OUT, *_SIDES, _FEE)
    )
    for kind in (INTEREST, DIVIDEND):
        words[kind] = does(kind, _MOVED, *_SIDES, _FEE)
    words |= dict.fromkeys(("fee", "fees", "commission"), _COST)
    either = does(TRADE, _MOVED, *_SIDES, _FEE, alone=(DEPOSIT, WITHDRAWAL))
    return words | dict.fromkeys(
        ("", "trade", "swap", "exchange", "convert", "conversion", "transfer"), either
    )  # type: ignore[return-value]


_WORDS = _words()


def format_of(header: Sequence[str], columns: Mapping[str, str]) -> Format | None:
    """``columns``: meaning → a column's plain name, as :func:`~.recognising.columns` has them."""
    there = set(recognising.columns(header))
    chosen = {asked.meaning: columns.get(asked.meaning, "") for asked in ASKED}
    if chosen["time"] not in there or not ({chosen["amount"], chosen["got"], chosen["given"]} & there):
        return None
    chosen["fee asset"] = chosen["fee asset"] or chosen["currency"] or chosen["asset"]
    return Format(
        name=NAME,
        mark=f"{NAME} {header_hash(header)}",  # numbers of another file are others
        title="Columns chosen by hand",
        columns={meaning: (name,) for meaning, name in chosen.items() if name in there},
        needs=(),
        words=_WORDS,  # type: ignore[arg-type]
        identity=("id",) if chosen["id"] in there else (),
        times=_TIMES,
        zone="",
    )


def header_hash(header: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(header).encode()).hexdigest()


def proposed(header: Sequence[str]) -> dict[str, str]:
    """The column that each meaning most likely has."""
    there = recognising.columns(header)
    return {
        asked.meaning: found
        for asked in ASKED
        if (found := next((name for name in asked.likely if name in there), ""))
    }
