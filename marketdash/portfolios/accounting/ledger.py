"""What an entry of a ledger is: kinds, roles, signed legs. Pure.

A leg is signed as its account sees it: what comes in is positive, what goes out negative. Legs that belong
together are one entry, at one time; nothing of an entry changes once it is recorded.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

BUY, SELL, SWAP = "buy", "sell", "swap"
DEPOSIT, WITHDRAWAL, FEES = "deposit", "withdrawal", "fee"
TRANSFER, SPLIT, RENAME = "transfer", "split", "rename"
REWARD, INTEREST, DIVIDEND, AIRDROP, FUNDING = "reward", "interest", "dividend", "airdrop", "funding"
FILL, EXPIRY, EXERCISE, SETTLEMENT = "fill", "expiry", "exercise", "settlement"
REVERSAL = "reversal"

KINDS = {
    BUY: "Buy",
    SELL: "Sell",
    SWAP: "Swap",
    DEPOSIT: "Deposit",
    WITHDRAWAL: "Withdrawal",
    TRANSFER: "Transfer",
    FEES: "Fee",
    REWARD: "Reward",
    INTEREST: "Interest",
    DIVIDEND: "Dividend",
    AIRDROP: "Airdrop",
    FUNDING: "Funding",
    SPLIT: "Split",
    RENAME: "Rename",
    FILL: "Derivative fill",
    EXPIRY: "Expiry",
    EXERCISE: "Exercise",
    SETTLEMENT: "Settlement",
    REVERSAL: "Reversal",
}
TRADES = frozenset({BUY, SELL, SWAP})
INCOMES = frozenset({REWARD, INTEREST, DIVIDEND, AIRDROP})
CARRIES = frozenset({TRANSFER, SPLIT, RENAME})
"""Lots go on with their date and their cost: to another account, in another number, under another name."""
CONTRACTS = frozenset({FILL, EXPIRY, EXERCISE, SETTLEMENT})

PRINCIPAL, FEE, POSITION, PAID = "principal", "fee", "position", "paid"
ROLES = {
    PRINCIPAL: "What the entry is about",
    FEE: "Fee, or a rebate where it is positive",
    POSITION: "Contracts",
    PAID: "Money that a derivative paid or took",
}

TYPED, IMPORTED, EXCHANGE, CORRECTION = "typed", "import", "exchange", "correction"
SOURCES = {
    TYPED: "Typed in",
    IMPORTED: "Imported",
    EXCHANGE: "Said by the exchange",
    CORRECTION: "Correction",
}


class Worth(NamedTuple):
    """What a leg was worth at its time, never negative, in a currency, and who says so."""

    amount: Decimal
    currency: str
    source: str


class Contract(NamedTuple):
    """The terms of a position leg, whose amount is the number of contracts.

    A linear one is worth ``contracts × multiplier × price`` of its asset; an inverse one is made of
    ``contracts × multiplier`` of the quoted currency and pays ``÷ price`` of its asset.
    """

    price: Decimal
    multiplier: Decimal
    inverse: bool


class Leg(NamedTuple):
    """``asset`` of a position leg is what it settles in. ``instrument`` is a full name, of derivatives."""

    account: int
    asset: str
    amount: Decimal
    role: str = PRINCIPAL
    worth: Worth | None = None
    instrument: str = ""
    contract: Contract | None = None


class Rate(NamedTuple):
    """One ``asset`` was worth so much of ``currency`` at the time of the entry."""

    asset: str
    currency: str
    rate: Decimal
    source: str


class Entry(NamedTuple):
    """In a ledger entries follow one another by ``(at_us, id)``."""

    id: int
    at_us: int
    kind: str
    legs: tuple[Leg, ...]
    rates: tuple[Rate, ...] = ()
