"""What sorts of instruments there are, and how deep a book of one is followed."""

from __future__ import annotations

from django.db import models


class Kind(models.TextChoices):
    SPOT = "spot"
    PERPETUAL = "perpetual"
    FUTURE = "future"
    OPTION = "option"
    EQUITY = "equity"
    FOREX = "forex"
    INDEX = "index"


OWNERSHIP = frozenset({Kind.SPOT.value, Kind.FOREX.value, Kind.EQUITY.value})
"""Where one thing itself is given for another: such a market's price is a rate between them. What is traded
in the others is a contract, or nothing."""


CONTRACTS = frozenset({Kind.PERPETUAL.value, Kind.FUTURE.value})
"""What has a mark price and an index; of quantities it may count contracts."""


class Depth(models.IntegerChoices):
    """Levels a side that are asked of the venue; 0 keeps no book."""

    OFF = 0, "No book"
    TEN = 10, "10"
    TWENTY_FIVE = 25, "25"
    HUNDRED = 100, "100"
    FIVE_HUNDRED = 500, "500"
    THOUSAND = 1000, "1000"
