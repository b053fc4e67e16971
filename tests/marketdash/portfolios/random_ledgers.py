"""Random ledgers that mean something: every kind, shorts and flips, dust, unknown worths, things carried.

A ledger is drawn as rows of small whole numbers, so that what fails becomes small, and built from them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from hypothesis import strategies as st

from marketdash.portfolios.accounting import shapes
from marketdash.portfolios.accounting.exact import precisely
from marketdash.portfolios.accounting.ledger import Contract, Entry, Leg, Rate, Worth

ASSETS = ("EUR", "USD", "BTC", "ETH")
INSTRUMENTS = (("DERIBIT:BTC-PERPETUAL", "BTC", True), ("BINANCE_USDM:BTCUSDT", "USD", False))
_PAID_IN = ("USD", "EUR", "BTC")
"""For what an exercise delivers: what some contracts settle in, or something else."""
KINDS = (
    *("buy", "buy", "buy", "sell", "sell", "swap", "swap", "deposit", "withdrawal", "transfer", "transfer"),
    *("fee", "reward", "interest", "dividend", "airdrop", "funding", "split", "rename"),
    *("fill", "fill", "fill", "expiry", "exercise", "settlement"),
)
_EXPONENTS = (0, 0, -2, -2, -8, -18, -24)
_DIGITS = 999
# kind, account, asset, how much further the other asset is, two numbers, how it is valued, flags
_SIZES = (len(KINDS), 2, 4, 3, _DIGITS, len(_EXPONENTS), _DIGITS, len(_EXPONENTS), 6, 16)
FIRST_IS_ALL, HAS_FEE, IS_NEGATIVE, HAS_MORE = 1, 2, 4, 8
MOST = math.prod(_SIZES)
rows = st.lists(st.integers(0, MOST - 1), min_size=1, max_size=24)


class Row(NamedTuple):
    """One whole number taken apart: drawn at once, and small in every part when it is small."""

    kind: str
    account: int
    asset: str
    other: str
    first: Decimal
    second: Decimal
    how: int
    flags: int


def row_of(number: int) -> Row:
    parts = []
    for size in _SIZES:
        number, part = divmod(number, size)
        parts.append(part)
    kind, account, asset, further, *numbers, how, flags = parts
    first, second = (Decimal(numbers[at] + 1).scaleb(_EXPONENTS[numbers[at + 1]]) for at in (0, 2))
    other = ASSETS[(asset + 1 + further) % len(ASSETS)]
    return Row(KINDS[kind], 1 + account, ASSETS[asset], other, first, second, how, flags)


class Builder:
    """Rows become entries, each of a shape that would be recorded."""

    def __init__(self) -> None:
        self.held: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
        self.entries: list[Entry] = []

    def add(self, row: Row) -> None:
        held = self.held[row.account, row.asset]
        if row.flags & FIRST_IS_ALL and held > 0:
            row = row._replace(first=held)  # to the last digit
        legs = _legs(row)
        if row.flags & HAS_FEE:
            legs.append(Leg(row.account, ASSETS[row.flags % len(ASSETS)], -row.second, "fee"))
        at_us = 1_000_000 * (1 + len(self.entries) // 2)  # two of each time: their numbers order them
        self._append(Entry(len(self.entries) + 1, at_us, row.kind, *_valued(legs, row.how, row.second)))

    def _append(self, entry: Entry) -> None:
        shapes.check(entry.kind, entry.legs)
        for leg in entry.legs:
            if leg.role != "position":
                self.held[leg.account, leg.asset] += leg.amount
        self.entries.append(entry)


def _legs(row: Row) -> list[Leg]:
    kind, account, asset, other, first, second, _, flags = row
    sign = -1 if flags & IS_NEGATIVE else 1
    if kind in ("sell", "swap"):
        more = [Leg(3 - account, other, second * 2)] if flags & HAS_MORE else []
        return [Leg(account, asset, -first), Leg(account, other, second), *more]
    if kind == "buy":
        return [Leg(account, asset, first), Leg(account, other, -second)]
    if kind == "transfer":
        return [Leg(account, asset, -sign * first), Leg(3 - account, asset, sign * first)]
    if kind in ("split", "rename"):
        became = asset if kind == "split" else other
        return [Leg(account, asset, -sign * first), Leg(account, became, sign * second)]
    if kind in ("fill", "expiry", "exercise", "settlement"):
        return _of_contracts(row, sign)
    if kind == "fee":
        return [Leg(account, asset, -sign * first, "fee")]
    free = kind in ("interest", "dividend", "funding")
    return [Leg(account, asset, (sign if free else -1 if kind == "withdrawal" else 1) * first)]


def _of_contracts(row: Row, sign: int) -> list[Leg]:
    name, asset, inverse = INSTRUMENTS[row.first > 1]
    paid = Leg(row.account, asset, sign * row.second, "paid", instrument=name)
    if row.kind == "settlement":
        return [paid]
    price = row.second if inverse or row.kind == "fill" else Decimal(0)
    terms = Contract(price, Decimal(10 if inverse else 1), inverse)
    position = Leg(row.account, asset, sign * row.first, "position", None, name, terms)
    got, given = (
        Leg(row.account, "ETH", sign * row.first),
        Leg(row.account, _PAID_IN[row.how % 3], -sign * row.second),
    )
    delivered = [got, given] if row.kind == "exercise" else []
    return [position, *delivered, *([paid] if row.flags & HAS_MORE else [])]


def _valued(legs: Sequence[Leg], how: int, number: Decimal) -> tuple[tuple[Leg, ...], tuple[Rate, ...]]:
    """None, stated in the currency, stated in another, by a rate, by two rates, or only some of it."""
    assets = dict.fromkeys(leg.asset for leg in legs)
    worth = Worth(number * 3, "EUR" if how == 1 else "USD", "stated")
    to_euro = (Rate("USD", "EUR", Decimal("0.9"), "rate"),)
    if how == 3:
        return tuple(legs), tuple(Rate(each, "EUR", number * 7, "rate") for each in assets if each != "EUR")
    if how == 4:
        return tuple(legs), (
            *(Rate(each, "USD", number, "rate") for each in assets if each != "USD"),
            *to_euro,
        )
    if how == 5:
        return (stated_leg(legs[0], worth), *legs[1:]), to_euro
    return tuple(stated_leg(leg, worth) if how else leg for leg in legs), to_euro if how == 2 else ()


def stated_leg(leg: Leg, worth: Worth) -> Leg:
    return leg if leg.role == "position" else leg._replace(worth=worth)


def built(drawn: Sequence[int]) -> list[Entry]:
    builder = Builder()
    with precisely():
        for row in drawn:
            builder.add(row_of(row))
    return builder.entries


ledgers = rows.map(built)
