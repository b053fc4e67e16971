"""The names of a made-up chain: dates a week apart, fifty strikes on each, calls and puts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

STRIKES = range(40_000, 90_000, 1_000)


class Made(NamedTuple):
    native: str
    expiry: datetime
    strike: str
    right: str


def chain(options: int) -> list[Made]:
    first = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=7)
    found: list[Made] = []
    for week in range(-(-options // (2 * len(STRIKES)))):
        expiry = first + timedelta(weeks=week)
        for strike in STRIKES:
            for right in ("call", "put"):
                day = f"{expiry:%-d%b%y}".upper()
                found.append(Made(f"BTC-{day}-{strike}-{right[0].upper()}", expiry, str(strike), right))
    return found[:options]


def natives(options: int) -> list[str]:
    return [each.native for each in chain(options)]
