"""What of the same asset stands beside an instrument, as ``static/js/core/kin.js`` has it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from marketdash.instruments.listed import Listed

MAX_KIN = 40


def elsewhere(listed: Listed, every: Iterable[Listed]) -> list[Listed]:
    """The same asset on every venue: of an option the same option first; then those with the same quote
    currency first, contracts after what they are of."""
    same = [each for each in every if each.asset == listed.asset and each.symbol != listed.symbol]
    kin = [each for each in same if not each.strike or same_option(each, listed)]

    def order(each: Listed) -> tuple[object, ...]:
        other = each.quote_asset != listed.quote_asset
        return not each.strike, other, each.quote_asset, bool(each.channels), each.venue, each.native

    return sorted(kin, key=order)[:MAX_KIN]


def same_option(one: Listed, other: Listed) -> bool:
    """Whether both are the right to the same thing at the same time; what they are paid in may differ."""
    if not one.strike or not other.strike:
        return False
    alike = (one.right, one.expiry) == (other.right, other.expiry)
    return alike and Decimal(one.strike) == Decimal(other.strike)
