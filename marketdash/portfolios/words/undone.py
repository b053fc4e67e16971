"""What an import's end would leave behind, in words."""

from __future__ import annotations

from datetime import UTC, datetime

from marketdash.numerals import Style
from marketdash.portfolios.accounting.owing import Owed
from marketdash.portfolios.words.shown import quantity


def owed(found: Owed, account: str, style: Style) -> str:
    """Sold or spent by what stays, without having come in."""
    since = f"{datetime.fromtimestamp(found.first_us // 1_000_000, UTC):%Y-%m-%d}"
    entry, takes = ("entry", "takes") if found.entries == 1 else ("entries", "take")
    most, asset = quantity(found.most, style), found.asset
    which = f"{found.entries} {entry} that would stay, from {since} on,"
    head = f"{which} {takes} more {asset} out of {account} than would have come in"
    if found.last < 0:
        end = f"{quantity(found.last.copy_negate(), style)} {asset} would still be owed at the end"
    else:
        end = f"at the end {quantity(found.last, style)} {asset} would be there"
    return f"{head}: up to {most} {asset} would be owed, as a short position, and {end}"
