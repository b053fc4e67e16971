"""A portfolio without amounts as people read it: what :mod:`percents` left of it, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from marketdash.instruments import display
from marketdash.numerals import ENGLISH, Style
from marketdash.portfolios.valuing.percents import Part, per_cents
from marketdash.portfolios.valuing.summary import Summary
from marketdash.portfolios.words import shown
from marketdash.portfolios.words.shown import Cell


class Line(NamedTuple):
    """``key``: as the page's script knows it. ``by``: path and age of its price; ``note``: what of it is not
    known."""

    key: str
    name: str
    weight: str
    percent: Cell
    day: Cell
    by: str
    note: str
    state: str


class Shown(NamedTuple):
    """As :class:`marketdash.portfolios.words.shown.Shown`, in per cents."""

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
    words = {row.asset: shown.by(row, base, closed) for row in summary.holdings}
    marks = [shown.by_mark(row, closed) for row in summary.positions]
    has_prices = any(each.age_us is not None for each in (*found.holdings, *found.positions))
    return Shown(
        base,
        shown.percent(found.day, style),
        shown.percent(found.gain, style),
        shown.partial(summary),
        display.age(found.age_us) if has_prices else "",
        [_line(each.name, each, words[each.name], style) for each in found.holdings],
        [
            _line(key, each, by, style)
            for key, each, by in zip(_numbered(found.positions), found.positions, marks, strict=True)
        ],
        shown.named(found.uncosted),
    )


def _numbered(parts: Iterable[Part]) -> Iterator[str]:
    """One instrument may be open in several accounts, of which nothing is said."""
    seen: Counter[str] = Counter()
    for part in parts:
        yield f"{part.name} {seen[part.name]}"
        seen[part.name] += 1


def _line(key: str, part: Part, by: str, style: Style) -> Line:
    return Line(
        key,
        part.name,
        shown.weight(part.weight, style),
        shown.percent(part.percent, style),
        shown.percent(part.day, style),
        by,
        "in part of unknown cost" if part.partly else "",
        "missing" if part.is_missing else "stale" if part.is_stale else "live",
    )
