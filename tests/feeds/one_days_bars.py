"""Bars of one market, from the start of a day on."""

from __future__ import annotations

from feeds.bars import Bars
from tests.feeds.making import NAME, T0_US

# A minute that is also the start of a day, so that every interval begins there.
DAY_US = T0_US - T0_US % 86_400_000_000 + 86_400_000_000
S0 = (DAY_US - T0_US) / 1e6
LONG_AGO_US = 0


def bars(since_us: int = LONG_AGO_US) -> Bars:
    return Bars(NAME, since_us)


def complete(made: Bars, interval: int = 1) -> list[bool]:
    return [not bar.incomplete for bar in made.read(interval)]
