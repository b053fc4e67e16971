"""What is asked for each kind of entry that somebody types in. Pure."""

from __future__ import annotations

from typing import NamedTuple

from marketdash.portfolios.ledger import (
    AIRDROP,
    BUY,
    DEPOSIT,
    DIVIDEND,
    FEES,
    FUNDING,
    INTEREST,
    RENAME,
    REWARD,
    SELL,
    SPLIT,
    SWAP,
    TRANSFER,
    WITHDRAWAL,
)


class Form(NamedTuple):
    """What is asked for a kind. ``sign`` of the first amount; ``worth`` names the field, ``of`` its leg.

    ``same``: the second amount is of the first one's asset.
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
}
