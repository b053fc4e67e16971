"""What is asked for each kind of entry that somebody types in. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from marketdash.portfolios.accounting.ledger import (
    AIRDROP,
    BUY,
    DEPOSIT,
    DIVIDEND,
    EXERCISE,
    EXPIRY,
    FEES,
    FILL,
    FUNDING,
    INTEREST,
    RENAME,
    REWARD,
    SELL,
    SETTLEMENT,
    SPLIT,
    SWAP,
    TRANSFER,
    WITHDRAWAL,
)

CALL, PUT, CASH = "call", "put", "cash"


class Form(NamedTuple):
    """What is asked for a kind. ``sign`` of the first amount; ``worth`` names the field, ``of`` its leg.

    ``same``: the second amount is of the first one's asset. ``instrument``: it is of a derivative; ``sides``
    are then words and sign of each way that contracts go, and without them it is money alone. ``settles``:
    words of each way in which they may end.
    """

    first: str
    sign: int
    second: str = ""
    worth: str = ""
    of: int = 0
    other: str = ""
    fee: bool = True
    either_way: bool = False
    same: bool = False
    instrument: bool = False
    sides: Mapping[str, tuple[str, int]] = MappingProxyType({})
    price: str = "Price"
    settles: Mapping[str, str] = MappingProxyType({})

    @property
    def is_trade(self) -> bool:
        """One asset for another, at a price."""
        return bool(self.second and self.worth)


_TRADED = {"buy": ("Bought", 1), "sell": ("Sold", -1)}
_ENDED = {"long": ("That were held", -1), "short": ("That were owed", 1)}
_EXERCISED = {"long": ("Held, and exercised", -1), "short": ("Written, and assigned", 1)}
_SETTLES = {CALL: "A call: delivered", PUT: "A put: delivered", CASH: "Paid out in cash"}
_EITHER_WAY = Form("Received, or paid with a minus", 1, worth="Worth then", either_way=True)
FORMS = {
    BUY: Form("Bought", 1, "Paid", "Worth of what was paid", 1),
    SELL: Form("Sold", -1, "Got", "Worth of what was got", 1),
    SWAP: Form("Given", -1, "Got", "Worth of what was given"),
    DEPOSIT: Form("Came in", 1, worth="What it had cost"),
    WITHDRAWAL: Form("Went out", -1),
    TRANSFER: Form("Moved", -1, other="To account"),
    FEES: Form("Fee", -1, worth="Worth then", fee=False),
    REWARD: Form("Received", 1, worth="Worth then"),
    INTEREST: _EITHER_WAY,
    DIVIDEND: _EITHER_WAY,
    AIRDROP: Form("Received", 1, worth="Worth then"),
    FUNDING: _EITHER_WAY,
    SPLIT: Form("As it was", -1, "As it is now", same=True),
    RENAME: Form("Of the old asset", -1, "Of the new one"),
    FILL: Form("Contracts", 1, instrument=True, sides=_TRADED),
    EXPIRY: Form("Contracts", 1, instrument=True, sides=_ENDED, price="Settlement price"),
    EXERCISE: Form(
        *("Contracts", 1),
        instrument=True,
        sides=_EXERCISED,
        price="Strike, or settlement price in cash",
        settles=_SETTLES,
    ),
    SETTLEMENT: Form("Received, or paid with a minus", 1, instrument=True, either_way=True),
}
