"""Longer bars of shorter ones, exactly. Pure.

A time without a bar may be one without trades, or one that nobody saw; only who knows that all bars are there
(``whole``) may call the result complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Context, Decimal
from itertools import groupby
from typing import NamedTuple

from feeds.symbols import INTERVALS

MINUTE_US = 60_000_000
_EXACT = Context(prec=100)


class Stored(NamedTuple):
    """A closed bar of a known instrument and interval."""

    start_us: int
    open: str
    high: str
    low: str
    close: str
    volume: str
    trades: int
    incomplete: bool


def start_of(us: int, interval: int) -> int:
    """The start of the bar that ``us`` falls into. Days are UTC days."""
    return us - us % (interval * MINUTE_US)


def shorter(interval: int) -> int | None:
    """The next length below that fits into ``interval`` a whole number of times."""
    return max((each for each in INTERVALS if each < interval and interval % each == 0), default=None)


def joined(parts: Sequence[Stored], part: int, interval: int, whole: bool) -> Stored:
    """One bar of ``interval`` minutes out of its parts of ``part`` minutes, oldest first, at least one."""
    first, last = parts[0], parts[-1]
    volume = Decimal(0)
    for each in parts:
        volume = _EXACT.add(volume, Decimal(each.volume))
    all_there = whole or len(parts) == interval // part
    return Stored(
        start_of(first.start_us, interval),
        first.open,
        max((each.high for each in parts), key=Decimal),
        min((each.low for each in parts), key=Decimal),
        last.close,
        format(volume, "f"),
        # 0 means that the source does not count: then the sum is not known either.
        sum(each.trades for each in parts) if all(each.trades for each in parts) else 0,
        not all_there or any(each.incomplete for each in parts),
    )


def lengthened(
    parts: Iterable[Stored], part: int, interval: int, whole: tuple[int, int] = (0, 0)
) -> Iterator[Stored]:
    """Bars of ``interval`` minutes of all ``parts``, oldest first; from ``whole[0]`` until ``whole[1]`` all
    parts are there that ever were."""
    for start_us, group in groupby(parts, lambda each: start_of(each.start_us, interval)):
        inside = whole[0] <= start_us and start_us + interval * MINUTE_US <= whole[1]
        yield joined(list(group), part, interval, inside)


def merged(first: Iterable[Stored], second: Iterable[Stored]) -> list[Stored]:
    """Oldest first; of two bars of one time the complete one, else that of ``first``."""
    by_start = {each.start_us: each for each in first}
    for each in second:
        held = by_start.get(each.start_us)
        if held is None or (held.incomplete and not each.incomplete):
            by_start[each.start_us] = each
    return [by_start[start_us] for start_us in sorted(by_start)]
