"""Holdings of which nothing but the price moves: nearly all lines, many times a second. Pure.

A line costs what its arithmetic and its text do: no object is made for it, and nothing is rounded that has
few enough places. What it is as a :class:`Holding` is made when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from marketdash.portfolios.accounting.exact import EXACT, PLACES, ZERO, precisely, share, short
from marketdash.portfolios.valuing.lines import Holding
from marketdash.portfolios.valuing.pricing import Priced
from marketdash.portfolios.valuing.told import Told, moved, words


class Steady:
    """One of them: all of it has a cost, and a price that says what it was a day ago. ``room``: places that
    a price may have, so that the value needs no rounding. ``course`` and ``earlier`` are the price's: whoever
    has moved on looks at the new one alone, because the old one is in no cache any more."""

    __slots__ = (
        *("kept", "asset", "quantity", "cost", "room", "told"),
        *("priced", "course", "earlier", "value", "then"),
    )

    def __init__(self, line: Holding, told: Told) -> None:
        assert line.priced is not None and line.value is not None and line.then is not None
        self.kept, self.asset, self.told = line.kept, line.asset, told
        self.quantity, places = short(line.quantity)
        self.room = PLACES - places
        self.cost, self.then = short(line.cost)[0], short(line.then)[0]
        self.priced, self.value = line.priced, line.value
        self.course, self.earlier = line.priced.course, line.priced.earlier

    def line(self) -> Holding:
        value = self.value
        with precisely():
            return Holding(self.kept, self.priced, value, value - self.cost, value - self.then, self.then)


shortened = EXACT.normalize


def is_steady(line: Holding, base: str) -> bool:
    return line.kept.is_known and line.then is not None and line.asset != base


class Step(NamedTuple):
    """What one look found. ``said`` is what to say of each line that is another than it was; ``again`` had
    the same value at a price that came anew, with that price before; ``left`` go another way now. By how much
    all values and all days grew.
    """

    said: list[str]
    again: list[tuple[Steady, Priced]]
    left: list[Steady]
    value: Decimal
    day: Decimal


def step(lines: Iterable[Steady], now: Mapping[str, Priced | None]) -> Step:
    """Bring them to the prices of ``now``. The hot path, under
    :func:`marketdash.portfolios.accounting.exact.precisely`."""
    said, again, left = [], [], []
    grown = days = ZERO
    for line in lines:
        before, priced = line.priced, now[line.asset]
        if priced is before:
            continue
        if priced is None or priced.course is not line.course:
            left.append(line)
            continue
        line.priced = priced
        if priced.places <= line.room:
            value = shortened(line.quantity * priced.price)
        else:
            value = share(line.quantity, priced.rate.over, priced.rate.under)
        more = value - line.value
        if priced.earlier is not line.earlier:
            then, _ = short(share(line.quantity, *priced.earlier))  # type: ignore[misc]
            days, line.then, line.earlier = days + line.then - then, then, priced.earlier
        elif not more:
            again.append((line, before))
            continue
        grown += more
        line.value = value
        of = priced.said or words(priced)
        said.append(moved(line.told, of, value, value - line.cost, value - line.then))
    return Step(said, again, left, grown, days + grown)
