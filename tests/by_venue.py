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
    return [pytest.param(name, marks=() if name in few else LONG, id=name) for name in with_books]


def in_words(usual: str, **others: str) -> list[Any]:
    """Each rule's venue and what is done to it: something else where its protocol makes it that."""
    return [
        pytest.param(name := each.values[0], others.get(name, usual), marks=each.marks, id=name)
        for each in EACH_RULE
    ]


EACH_RULE = by_venue("BINANCE", "COINBASE", "DERIBIT", "KRAKEN")
"""Ids over a snapshot by REST, numbers of the link, the id before, a checksum."""
