"""What an import's end would leave behind, in words."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.html import format_html

from marketdash.numerals import Style
from marketdash.portfolios.accounting.owing import Owed
from marketdash.portfolios.words.shown import quantity, within


def owed(found: Owed, account: str, style: Style) -> str:
    """Sold or spent by what stays, without having come in."""
    since = f"{datetime.fromtimestamp(found.first_us // 1_000_000, UTC):%Y-%m-%d}"
    entry, takes = ("entry", "takes") if found.entries == 1 else ("entries", "take")
    most, asset = within(quantity(found.most, style)), found.asset
    which = f"{found.entries} {entry} that would stay, from {since} on,"
    head = f"{which} {takes} more {asset} out of {account} than would have come in"
    end = "{} {} would still be owed at the end" if found.last < 0 else "at the end {} {} would be there"
    last = format_html(end, within(quantity(found.last.copy_abs(), style)), asset)
    return format_html("{}: up to {} {} would be owed, as a short position, and {}", head, most, asset, last)
