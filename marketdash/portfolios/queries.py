"""What may be read of portfolios, by whom, and what follows from their ledgers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from marketdash import access
from marketdash.portfolios import reading
from marketdash.portfolios.ledger import Entry
from marketdash.portfolios.lots import Book
from marketdash.portfolios.models import Portfolio

SAVE_AFTER = 500
"""Entries that were folded since: they cost a few hundredths of a second, and saving about as much."""


def portfolios(user: Any) -> QuerySet[Portfolio]:
    """Those that somebody may see. Whoever asks for one asks for it here."""
    return access.owned(Portfolio.objects.select_related("base"), user)


def entries(portfolio: Portfolio) -> Iterator[Entry]:
    """Those that count, in their order: neither reversals nor what they reversed. Four queries."""
    return reading.entries(portfolio, reading.reach(portfolio))


def book(portfolio: Portfolio, method: str = "") -> Book:
    """All lots, gains and sums, by the portfolio's method or another; from where it was last saved."""
    method = method or portfolio.method
    reach = reading.reach(portfolio)
    found = reading.saved_book(portfolio, method, reach) or Book(portfolio.base.code, method)
    further = list(reading.entries(portfolio, reach, found.last))
    found.fold(further)
    if len(further) >= SAVE_AFTER:
        reading.save(portfolio, found, reach)
    return found
