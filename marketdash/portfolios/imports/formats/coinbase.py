"""Coinbase: transactions (as now and as before) and fills of Pro and Advanced."""

from __future__ import annotations

from marketdash.portfolios.accounting.ledger import BUY, DEPOSIT, FEE, REWARD, SELL, SWAP, WITHDRAWAL
from marketdash.portfolios.imports.declared import Format, Rule, Take, came, does, fee, left, named

_GOT = came("quantity", "asset", 1, size=True)
_GIVEN = came("quantity", "asset", -1, size=True)
_EARNED = came("quantity", "asset", 1, size=True, worth="subtotal", in_="currency")
_FEE = fee("fee", "currency", size=True)
_BUY = does(BUY, _GOT, came("subtotal", "currency", -1, size=True), _FEE)
_SELL = does(SELL, _GIVEN, came("subtotal", "currency", 1, size=True), _FEE)
_IN, _OUT, _REWARD = does(DEPOSIT, _GOT), does(WITHDRAWAL, _GIVEN), does(REWARD, _EARNED)
_MOVED = does(DEPOSIT, came("quantity", "asset"), debit=WITHDRAWAL)
_CONVERT = does(SWAP, _GIVEN, came("to_amount", "to asset", 1))  # what came for it stands in the note alone
_INSIDE = left("a move inside Coinbase")
_PAIR = r"for [\d.,]+ (\w+) on \w+-\1"
"""In a note of Advanced: what was paid or got, its fee in it. Money of the account has a sign before it."""


def _quoted(side: str, kind: str, moved: Take, sign: int) -> dict[str, Rule]:
    """Of a pair that is not quoted in the account's money, in which the columns have what it was worth."""
    whole = came("for", "for asset", sign)
    net = came("quantity rate", "for asset", sign, size=True)
    fees = came("for", "for asset", sign, role=FEE, less=(net,))
    dollars = came("subtotal", "dollars", sign, size=True), fee("fee", "dollars", size=True)
    words: dict[str, Rule] = {}
    for word in (f"advanced trade {side}", f"advance trade {side}"):
        words |= {f"{word} on": does(kind, moved, whole), f"{word} on at": does(kind, moved, net, fees)}
        words[f"{word} for"] = does(kind, moved, *dollars)
    return words


TRANSACTIONS = Format(
    name="coinbase",
    title="Coinbase transactions",
    venue="COINBASE",
    columns=named(
        id="id",
        time="timestamp",
        type="transaction type",
        asset="asset",
        quantity="quantity transacted",
        currency="price currency|spot price currency",
        price="price at transaction|spot price at transaction",
        subtotal="subtotal",
        fee="fees and/or spread|fees",
        note="notes",
    ),
    needs=("time", "type", "asset", "quantity", "currency", "price", "subtotal", "fee"),
    word=("type", "on", "at", "else"),
    words={
        **_quoted("buy", BUY, _GOT, -1),
        **_quoted("sell", SELL, _GIVEN, 1),
        **dict.fromkeys(("buy", "advanced trade buy", "advance trade buy", "card buy back"), _BUY),
        **dict.fromkeys(("sell", "advanced trade sell", "advance trade sell", "card spend"), _SELL),
        **dict.fromkeys(("convert", "retail simple dust"), _CONVERT),
        **dict.fromkeys(
            (
                "receive",
                "deposit",
                "exchange withdrawal",
                "pro withdrawal",
                "prime withdrawal",
                "admin credit",
            ),
            _IN,
        ),
        **dict.fromkeys(
            (
                *("send", "withdrawal", "exchange deposit", "pro deposit", "prime deposit", "admin debit"),
                *("donation", "subscription"),
            ),
            _OUT,
        ),
        **dict.fromkeys(("wrap asset", "unwrap asset", "asset migration", "retail eth2 deprecation"), _MOVED),
        **dict.fromkeys(
            (
                *("rewards income", "reward income", "staking income", "inflation reward", "learning reward"),
                *(
                    "coinbase earn",
                    "incentives rewards payout",
                    "incentives reward payout",
                    "interest payout",
                ),
                *("subscription rebate", "subscription rebates (24 hours)", "earn payout"),
            ),
            _REWARD,
        ),
        **dict.fromkeys(
            (
                *(
                    "retail staking transfer",
                    "retail unstaking transfer",
                    "staking transfer",
                    "unstaking transfer",
                ),
                *("vault withdrawal", "vault deposit", "cash to savings", "savings to cash"),
            ),
            _INSIDE,
        ),
    },
    identity=("id",),
    cuts={
        "to amount": ("note", r"\bto ([\d.,]+) "),
        "to asset": ("note", r"\bto [\d.,]+ (\w+)"),
        "for": ("note", r"(?=for [\d.,]+ (\w+) on \w+-\1\b)for ([\d.,]+)"),
        "for asset": ("note", rf"{_PAIR}\b"),
        "on": ("note", r"for [\d.,]+ (\w+) (on) \w+-\1\b"),
        "at": ("note", rf"{_PAIR} (at) [\d.,]+ "),
        "rate": ("note", rf"{_PAIR} at ([\d.,]+) "),
        "else": ("note", r"(?!for \D{0,3}[\d.,]+ (\w+) on \w+-\1\b)(for) \D{0,3}[\d.,]+ \w+ on \w+-\w"),
        "dollars": ("note", r"for \$[\d.,]+ USD on \w+-(USDC)\b"),
    },
)

FILLS = Format(
    name="coinbase-fills",
    title="Coinbase fills (Pro, Advanced)",
    venue="COINBASE",
    columns=named(
        id="trade id",
        product="product",
        side="side",
        time="created at",
        size="size",
        base="size unit",
        price="price",
        fee="fee",
        total="total",
        quote="price/fee/total unit",
    ),
    needs=("id", "product", "side", "time", "size", "base", "price", "fee", "quote"),
    word=("side",),
    words={
        "buy": does(BUY, came("size", "base", 1), came("size price", "quote", -1), fee("fee", "quote")),
        "sell": does(SELL, came("size", "base", -1), came("size price", "quote", 1), fee("fee", "quote")),
    },
    identity=("product", "id"),
    fill=("native", "trade_id"),
)
FORMATS = (TRANSACTIONS, FILLS)
