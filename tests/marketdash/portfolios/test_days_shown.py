"""Days from closes beside points that were noted: what they returned, and how they are drawn."""

from __future__ import annotations

from decimal import Decimal

from marketdash.portfolios.equity import equity_shown, returns
from marketdash.portfolios.equity.days import DAY_US
from marketdash.portfolios.equity.returns import Flow, Point
from marketdash.portfolios.equity.thinning import DAY


def day(number: int, total: str, partial: bool = False, entries: int = 9) -> Point:
    return Point(number * DAY_US, Decimal(total), partial, entries, None, DAY, True)


def test_days_count_what_happened_in_them_and_points_what_was_recorded() -> None:
    points = [
        day(1, "100"),
        day(2, "160"),
        day(3, "80"),
        Point(3 * DAY_US + 5, Decimal(80), entries=9),
        Point(4 * DAY_US, Decimal(100), entries=12),
    ]
    paid = [
        Flow(4, DAY_US, Decimal(50)),
        Flow(5, DAY_US - 1, Decimal(999)),
        Flow(11, 2 * DAY_US, Decimal(20)),
    ]

    told = [list(each.flows) for each in returns.stretches(points, paid)]

    assert told == [[paid[0]], [], [], [paid[2]]]
    found = returns.returns(points, paid).time_weighted.value
    assert found is not None and str(found).startswith("-0.466666666666666666666")


def test_what_a_first_point_does_not_know_yet_is_neither_gain_nor_loss() -> None:
    points = [
        day(1, "100"),
        day(2, "110"),
        Point(2 * DAY_US + 9, Decimal(50), entries=3, since_us=DAY_US),
        Point(3 * DAY_US, Decimal(110), entries=9, since_us=DAY_US),
    ]

    found = returns.returns(points, [Flow(2, 0, Decimal(50)), Flow(9, 5, Decimal(50))])

    assert found.time_weighted.value == Decimal("0.1")


def test_partial_days_are_no_part_of_returns() -> None:
    points = [day(1, "100"), day(2, "1", partial=True), day(3, "120")]

    assert returns.returns(returns.whole(points), []).time_weighted.value == Decimal("0.2")


def shown(*points: Point) -> equity_shown.Curve:
    return equity_shown.curve(points, [], "EUR", "all")


def test_days_are_drawn_apart_and_a_missing_one_is_a_gap() -> None:
    measured = Point(5 * DAY_US, Decimal(3))
    found = shown(day(1, "3"), day(2, "0"), day(4, "3"), measured)

    assert found.picture is not None
    assert found.picture.by_closes == "M0.0 0.0L250.0 300.0 M750.0 0.0L1000.0 0.0"
    assert (found.picture.whole, found.picture.lacking) == ("", "")
    assert found.notes[1:] == [
        "Lighter, until 4 Jan 1970: from daily closes, before it was measured.",
        "Of 1 day no close is stored.",
    ]
    partial = shown(
        day(1, "3"), day(2, "0", partial=True), day(3, "3"), measured._replace(at_us=3 * DAY_US + 9)
    )
    assert partial.picture is not None and partial.picture.lacking == "M0.0 0.0L500.0 300.0L1000.0 0.0"
    assert "no close of that day. Returns leave 1 of 4 points out." in partial.notes[2]
