"""Whether what a venue says of an account's trade can be what happened. Pure."""

from __future__ import annotations

from feeds.events import BUY, SELL
from feeds.private import Fill
from feeds.symbols import is_number

_YEAR_10000_US = 253_402_300_800_000_000


def proven(fill: Fill) -> Fill:
    """The fill as it is; raises ``ValueError`` where it could not be what happened."""
    for what in ("trade_id", "order_id", "base", "quote"):
        if not 0 < len(getattr(fill, what)) <= 128:
            raise ValueError(f"{what}: expected 1 to 128 characters, found {getattr(fill, what)!r:.40}")
    if fill.side not in (BUY, SELL):
        raise ValueError(f"side: expected buy or sell, found {fill.side!r:.40}")
    if not 0 <= fill.exchange_us < _YEAR_10000_US:
        raise ValueError(f"time: expected one before the year 10000, found {str(fill.exchange_us)[:20]} µs")
    for what in ("price", "qty"):
        text = getattr(fill, what)
        if not is_number(text) or not text.strip("0."):
            raise ValueError(f"{what}: expected a number above 0, found {text!r:.40}")
    if fill.cost and not is_number(fill.cost):
        raise ValueError(f"cost: expected a number, found {fill.cost!r:.40}")
    for asset, amount in fill.fees:
        if not asset or not is_number(amount.removeprefix("-")):
            raise ValueError(f"fee: expected an amount of an asset, found {amount!r:.40} {asset!r:.20}")
    return fill


def number_or_nothing(text: str) -> str:
    """A plain number, or ``""`` for what an order says instead of one."""
    return text if is_number(text) else ""
