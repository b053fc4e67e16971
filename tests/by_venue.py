"""What every venue has to bear: a few venues of it in ``make test``, all of them in ``make acceptance``.

A venue more must not make the quick suite longer: what differs between venues, where a fault is concerned,
is how a book is proven, and of that one of each sort is enough to notice."""

from __future__ import annotations

from typing import Any

import pytest

from feeds.symbols import BOOK
from feeds.venues import VENUES, codec

LONG = pytest.mark.acceptance


def by_venue(*few: str) -> list[Any]:
    """Of those that have books: of an index there is one price, and no more to break."""
    with_books = [name for name in VENUES if BOOK in codec(name).channels]
    return [name if name in few else pytest.param(name, marks=LONG) for name in with_books]


EACH_RULE = by_venue("BINANCE", "COINBASE", "DERIBIT", "KRAKEN")
"""Ids over a snapshot by REST, numbers of the link, the id before, a checksum."""
