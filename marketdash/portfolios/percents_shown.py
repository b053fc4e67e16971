"""A portfolio without amounts as people read it: what :mod:`percents` left of it, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from marketdash.instruments import display
from marketdash.numerals import ENGLISH, Style
from marketdash.portfolios import shown
from marketdash.portfolios.percents import Part, per_cents
from marketdash.portfolios.shown import Cell
from marketdash.portfolios.summary import Summary


class Line(NamedTuple):
    """``by``: path and age of its price; ``note``: what of it is not known."""

    name: str
    weight: str
    percent: Cell
    day: Cell
    by: str
    note: str
    state: str


class Shown(NamedTuple):
    """As :class:`marketdash.portfolios.shown.Shown`, in per cents."""

    base: str
    day: Cell
    gain: Cell
    partial: str
    age: str
    rows: list[Line]
    positions: list[Line]
    uncosted: str


def in_per_cents(summary: Summary, closed: Mapping[str, str], style: Style = ENGLISH) -> Shown:
    """No amount goes in, so that none comes out: of ``summary`` itself only words about prices are taken."""
    found, base = per_cents(summary), summary.base
    words = [shown.by(row, base, closed) for row in summary.holdings]
    marks = [shown.by_mark(row, closed) for row in summary.positions]
    has_prices = any(each.age_us is not None for each in (*found.holdings, *found.positions))
    return Shown(
        base,
        shown.percent(found.day, style),
        shown.percent(found.gain, style),
        shown.partial(summary),
        display.age(found.age_us) if has_prices else "",
        [_line(each, by, style) for each, by in zip(found.holdings, words, strict=True)],
        [_line(each, by, style) for each, by in zip(found.positions, marks, strict=True)],
        shown.named(found.uncosted),
    )


def _line(part: Part, by: str, style: Style) -> Line:
    return Line(
        part.name,
        shown.weight(part.weight, style),
        shown.percent(part.percent, style),
        shown.percent(part.day, style),
        by,
        "in part of unknown cost" if part.partly else "",
        "missing" if part.is_missing else "stale" if part.is_stale else "live",
    )
