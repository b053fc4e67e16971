"""A curve as people see it: a picture of lines in a box of 1000 × 300, and its returns in words. Pure.

The picture is part of the page and needs no script: whoever has a link sees it, and on the first paint. A
script draws it anew each minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Context, Decimal, localcontext
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from marketdash.numerals import ENGLISH, Style
from marketdash.portfolios.accounting.exact import precisely
from marketdash.portfolios.equity import returns
from marketdash.portfolios.equity.returns import PERIODS, Flow, Point, Return, Returns
from marketdash.portfolios.equity.thinning import MINUTE_US
from marketdash.portfolios.valuing.lines import HUNDRED
from marketdash.portfolios.words.shown import Cell, money, percent

WIDTH, HEIGHT, COLUMNS = 1000, 300, 400
"""More points than twice the columns are not seen: of each column the lowest and the highest are drawn."""
_PIXELS = Context(prec=28)
"""Where a line is drawn is rounded; what it is of is not."""
ALONE = 8
"""So wide is what has no neighbour."""

MISSED = 3
"""A point that is so many times later than it was due leaves a gap in the line; a missing day always."""
WHOLE, BY_CLOSES, LACKING = range(3)
"""How a line is drawn; between two points as the greater of both."""


class Choice(NamedTuple):
    name: str
    words: str
    chosen: bool


class Figure(NamedTuple):
    """``more``: what else belongs to it, or why there is none."""

    label: str
    cell: Cell
    more: str
    about: str


class Picture(NamedTuple):
    """Paths: ``whole`` where everything had a live price, ``lacking`` where not, ``by_closes`` before it was
    noted, ``area`` below all."""

    whole: str
    by_closes: str
    lacking: str
    area: str
    marks: list[Cell]
    times: list[str]
    words: str


class Curve(NamedTuple):
    """``picture`` is None where there is no point; then ``empty`` says so. ``until_us``: the last one's."""

    periods: list[Choice]
    figures: list[Figure]
    picture: Picture | None
    notes: list[str]
    empty: str = ""
    until_us: int = 0


def periods(chosen: str) -> list[Choice]:
    return [Choice(name, name.capitalize(), name == chosen) for name in PERIODS]


def nothing(period: str, words: str) -> Curve:
    blank = Return(None)
    return Curve(periods(period), _figures(Returns(blank, blank, None, blank), ENGLISH), None, [], words)


def curve(
    points: Sequence[Point], flows: Iterable[Flow], base: str, period: str, style: Style = ENGLISH
) -> Curve:
    """Of at least one point."""
    whole = returns.whole(points)
    with precisely():
        figures = _figures(returns.returns(whole, flows), style)
    notes = list(_notes(points, whole))
    return Curve(periods(period), figures, _picture(points, base, style), notes, "", points[-1].at_us)


def _figures(found: Returns, style: Style) -> list[Figure]:
    yearly = "" if found.yearly is None else f"{_percent(found.yearly, style)} a year"
    fall = found.drawdown
    return [
        _figure("Time-weighted", found.time_weighted, "", "whenever money came or went", style),
        _figure("Money-weighted", found.money_weighted, yearly, "of what was there and paid in", style),
        _figure(
            "Drawdown",
            fall._replace(value=None if fall.value is None else -fall.value),
            "",
            "the deepest fall from the highest before it, whatever was taken out",
            style,
        ),
    ]


def told(found: Curve) -> dict[str, Any]:
    """What a page that is open draws anew."""
    picture = found.picture
    return {
        "figures": [
            {"text": each.cell.text, "way": each.cell.way, "more": each.more} for each in found.figures
        ],
        "picture": picture and {**picture._asdict(), "marks": [mark.text for mark in picture.marks]},
        "notes": " ".join(found.notes),
        "empty": found.empty,
    }


def _figure(label: str, found: Return, more: str, about: str, style: Style) -> Figure:
    return Figure(label, _percent(found.value, style), more or found.why, about)


def _percent(value: Decimal | None, style: Style) -> Cell:
    return percent(None if value is None else value * HUNDRED, style)


def _notes(points: Sequence[Point], whole: Sequence[Point]) -> Iterator[str]:
    first, last = whole[0], whole[-1]
    if first is last:
        yield f"One point so far, of {_time(first.at_us)}."
    else:
        yield f"From {_time(first.at_us)} to {_time(last.at_us)}."
    days = [each for each in points if each.by_closes]
    if days:
        yield f"Lighter, until {_day(days[-1].at_us)}: from daily closes, before it was measured."
        yield from _holes(days)
    lacking = sum(each.partial for each in points)
    if lacking == len(points):
        yield f"Something had no {'close' if days else 'live price'} in all of it."
    elif lacking:
        words = "no live price, or no close of that day" if days else "no live price"
        yield f"Dashed: something had {words}. Returns leave {lacking} of {len(points)} points out."


def _holes(days: Sequence[Point]) -> Iterator[str]:
    missing = (days[-1].at_us - days[0].at_us) // returns.DAY_US + 1 - len(days)
    if missing:
        yield f"Of {missing} day{'s' if missing > 1 else ''} no close is stored."


def _day(us: int) -> str:
    """That ended then."""
    return f"{datetime.fromtimestamp(us // 1_000_000 - 1, UTC):%-d %b %Y}"


def _time(us: int) -> str:
    return f"{datetime.fromtimestamp(us // 1_000_000, UTC):%-d %b %Y, %H:%M} UTC"


def _picture(points: Sequence[Point], base: str, style: Style) -> Picture:
    totals = [each.total for each in points]
    low, high = min(totals), max(totals)
    with precisely():
        marks = [high] if low == high else [high, (low + high) / 2, low]
    ends = [points[0].at_us] if len(points) == 1 else [points[0].at_us, points[-1].at_us]
    with localcontext(_PIXELS):
        drawn = [_Drawn(points, low, high).placed(run) for run in _runs(points)]
    pieces = [piece for run in drawn for piece in _pieces(run)]
    lowest, highest, last = (money(total, base, style) for total in (low, high, totals[-1]))
    return Picture(
        **{
            name: " ".join(_line(piece) for piece in pieces if piece[-1].style == drawn_as)
            for name, drawn_as in (("whole", WHOLE), ("by_closes", BY_CLOSES), ("lacking", LACKING))
        },
        area=" ".join(f"{_line(run)}V{HEIGHT}H{run[0].x}Z" for run in drawn if len(run) > 1),
        marks=[money(mark, base, style) for mark in marks],
        times=[_time(us).removesuffix(" UTC") for us in ends],
        words=f"Total in {base}: lowest {lowest}, highest {highest}, last {last}",
    )


def _runs(points: Sequence[Point]) -> list[list[Point]]:
    """Parts without a gap."""
    found = [[points[0]]]
    for one, other in pairwise(points):
        due_us = max(one.grain, other.grain) * MINUTE_US
        most_us = due_us if one.by_closes else MISSED * due_us
        if other.at_us - one.at_us > most_us:
            found.append([])
        found[-1].append(other)
    return found


class _Spot(NamedTuple):
    x: Decimal
    y: Decimal
    style: int


class _Drawn:
    """Where points are in the box."""

    def __init__(self, points: Sequence[Point], low: Decimal, high: Decimal) -> None:
        self._first_us, self._low = points[0].at_us, low
        self._span_us, self._span = points[-1].at_us - self._first_us, high - low

    def placed(self, run: Sequence[Point]) -> list[_Spot]:
        columns = groupby(run, lambda each: self._across(each, COLUMNS) // 1)
        return [self._spot(each) for _, column in columns for each in _extremes(list(column))]

    def _across(self, point: Point, width: int) -> Decimal:
        if not self._span_us:
            return Decimal(width) / 2
        return Decimal(point.at_us - self._first_us) * width / self._span_us

    def _spot(self, point: Point) -> _Spot:
        up = (point.total - self._low) * HEIGHT / self._span if self._span else Decimal(HEIGHT) / 2
        style = LACKING if point.partial else BY_CLOSES if point.by_closes else WHOLE
        return _Spot(round(self._across(point, WIDTH), 1), round(HEIGHT - up, 1), style)


def _extremes(column: list[Point]) -> list[Point]:
    """Its lowest, highest and last, in their order; one that lacks something is not hidden by others."""
    low, high = min(column, key=lambda each: each.total), max(column, key=lambda each: each.total)
    lacking = [each for each in column if each.partial][:1]
    kept = {low, high, column[-1], *lacking}
    return [each for each in column if each in kept]


def _pieces(run: Sequence[_Spot]) -> Iterator[list[_Spot]]:
    """A run cut where it is drawn otherwise: a line to or from a point that lacks something lacks it too."""
    piece = [run[0]]
    for one, other in pairwise(run):
        style = max(one.style, other.style)
        if len(piece) > 1 and piece[-1].style != style:
            yield piece
            piece = [piece[-1]]
        piece.append(other._replace(style=style))
    yield piece


def _line(spots: Sequence[_Spot]) -> str:
    """One alone is a dash with no area below it, since a dot as wide as the line is not seen."""
    if len(spots) == 1:
        return f"M{spots[0].x - ALONE // 2} {spots[0].y}h{ALONE}"
    return "M" + "L".join(f"{spot.x} {spot.y}" for spot in spots)
