"""Returns by hand-computed examples, and by laws that hold for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketdash.portfolios.equity import returns, thinning
from marketdash.portfolios.equity.returns import DAY_US, Flow, Point, Returns
from marketdash.portfolios.equity.thinning import HOUR, MINUTE_US, Old, kept
from tests.marketdash.portfolios.writing import entry, leg, rate

YEAR_US = 365 * DAY_US


@pytest.fixture
def rounding_is_an_error() -> None:
    """No error here: these tests divide, and round what they show, themselves."""


def days(*totals: str | None, **more: Any) -> list[Point]:
    """A point a day; None: of that day there is none. Each holds the entries up to its own number."""
    told = [(at, total) for at, total in enumerate(totals) if total is not None]
    return [Point(at * DAY_US, Decimal(total), entries=at, **more) for at, total in told]


def flow(day: int, worth: str | None, at: float | None = None) -> Flow:
    """Recorded in the stretch that ends with the point of ``day``."""
    return Flow(day, int((day if at is None else at) * DAY_US), None if worth is None else Decimal(worth))


def percents(found: Returns) -> tuple[str, ...]:
    return tuple(
        str(each.value and round(each.value * 100, 4)) for each in (found.time_weighted, found.money_weighted)
    )


def test_without_flows_it_is_the_last_by_the_first() -> None:
    found = returns.returns(days("100", "80", "120"), [])

    assert (found.time_weighted.value, found.money_weighted.value) == (Decimal("0.2"), Decimal("0.2"))
    assert found.drawdown.value == Decimal("0.2") and found.yearly is None


def test_money_that_came_at_a_bad_time() -> None:
    """100 becomes 110; 110 comes; 220 becomes 198: 1.1 × 0.9 − 1 = −1 %. By money: 100 g³ + 110 g = 198."""
    found = returns.returns(days("100", "110", "220", "198"), [flow(2, "110")])

    assert percents(found) == ("-1.0000", "-8.7092")
    pace = (1 + (found.money_weighted.value or 0)) ** (Decimal(1) / 3)
    assert abs(100 * pace**3 + 110 * pace - 198) < Decimal("1E-9")
    assert found.drawdown.value == Decimal("0.1")


def test_money_that_came_works_from_the_beginning_of_its_stretch() -> None:
    found = returns.returns(days("100", "220"), [flow(1, "100")])

    assert found.time_weighted.value == Decimal("0.1")


def test_money_that_went() -> None:
    """200 → 150, of which 40 were taken out: (150 + 40) ÷ 200; then 150 → 180."""
    found = returns.returns(days("200", "150", "180"), [flow(1, "-40")])

    assert found.time_weighted.value == Decimal("0.95") * Decimal("1.2") - 1


def test_the_first_money_begins_it_and_the_last_ends_it() -> None:
    told = days("0", "100", "150", "0", "0")

    found = returns.returns(told, [flow(1, "100"), flow(3, "-150")])

    assert percents(found) == ("50.0000", str(round((Decimal("1.5") ** Decimal("1.5") - 1) * 100, 4)))


def test_all_lost_is_all_lost() -> None:
    found = returns.returns(days("100", "0"), [])

    assert percents(found) == ("-100.0000", "-100.0000") and found.drawdown.value == 1


def test_a_year_and_more_is_told_by_the_year_too() -> None:
    told = [Point(0, Decimal(100)), Point(2 * YEAR_US, Decimal(121))]

    found = returns.returns(told, [])

    assert (found.money_weighted.value, found.yearly) == (Decimal("0.21"), Decimal("0.1"))


@pytest.mark.parametrize(
    ("told", "flows", "why"),
    [
        (days("1"), [], returns.SHORT),
        (days("100", "300"), [flow(1, None)], returns.UNKNOWN),
        (days("0", "5"), [], returns.NOTHING),
        (days("-5", "5"), [], returns.OWED),
        (days("0.00000000000000000001", "9000000000"), [], returns.NOTHING),
    ],
)
def test_what_cannot_be_said_says_why(told: list[Point], flows: list[Flow], why: str) -> None:
    found = returns.returns(told, flows)

    assert (found.time_weighted.value, found.time_weighted.why) == (None, why)
    assert found.drawdown.value is None and found.money_weighted.value is None


def test_flows_that_turn_often_have_one_rate_or_none() -> None:
    """1000, −2300, +1320 have two rates, 10 and 20 per cent; then neither is said."""
    two = days("1000", "0", "0")
    found = returns.returns(two, [flow(1, "-2300"), flow(2, "1320")])
    assert (found.money_weighted.value, found.money_weighted.why) == (None, "no single rate fits")

    one = returns.returns(days("1000", "900", "1500"), [flow(1, "-200"), flow(2, "500", 1.5)])
    assert one.money_weighted.value is not None and one.time_weighted.value is not None


def test_of_two_rates_none_is_said_though_one_is_nearer() -> None:
    """1000, −1450, +475: half of it was lost each time, or a twentieth."""
    found = returns.returns(days("1000", "0", "0"), [flow(1, "-1450"), flow(2, "475")])

    assert (found.money_weighted.value, found.money_weighted.why) == (None, "no single rate fits")


def test_on_days_by_closes_money_counts_when_it_came() -> None:
    """All of it was recorded later, at once."""
    told = [
        Point(at * DAY_US, Decimal(total), False, 5, by_closes=True) for at, total in enumerate((100, 220))
    ]

    found = returns.returns(told, [Flow(3, DAY_US // 2, Decimal(100)), Flow(6, DAY_US // 2, Decimal(7))])

    assert found.time_weighted.value == Decimal("0.1")


def test_hours_and_days_are_thinned_when_they_are_over_and_not_in_parts() -> None:
    hours, days = thinning.STEPS
    now = 100 * thinning.DAY

    assert {thinning.before(hours, now + minute) for minute in range(60)} == {98 * thinning.DAY}
    assert thinning.before(hours, now + 60) == 98 * thinning.DAY + 60
    assert thinning.before(days, now + 1439) == 10 * thinning.DAY


def test_what_is_recorded_of_the_time_before_is_no_gain_of_now() -> None:
    """The file of last year brings 5000 to a total of 100, of which 4000 were paid in."""
    told = days("100", "110", "5110", "5621")
    told[2] = told[2]._replace(since_us=-1)
    late = [flow(2, "4000", -300)]

    assert percents(returns.returns(told, late))[0] == "21.0000"
    told[2] = told[2]._replace(since_us=DAY_US)
    found = returns.returns(told, late).time_weighted.value or 0
    assert abs(found - (Decimal("1.1") * 5110 / 4110 * Decimal("1.1") - 1)) < Decimal("1E-24")


def test_a_point_that_lacks_a_price_is_left_out_and_what_it_says_of_the_past_is_not() -> None:
    told = days("100", "7", "120")
    told[1] = told[1]._replace(partial=True, since_us=-5)

    found = returns.whole(told)

    assert [(each.total, each.since_us) for each in found] == [(100, None), (120, -5)]
    assert returns.whole(days("1", "2", partial=True)) == days("1", "2", partial=True)


def test_what_is_paid_in_is_worth_what_markets_said_then() -> None:
    both = entry("deposit", leg("BTC", "2", worth="1000"), leg("EUR", "5"), rate("BTC", "30000"))
    stated = entry("withdrawal", leg("BTC", "-2", worth="1000"), leg("EUR", "-1", "fee"))
    unknown = entry("deposit", leg("BTC", "2"), leg("EUR", "5"))

    assert [returns.paid_in(each, "EUR") for each in (both, stated, unknown)] == [60005, -1000, None]


CENTS = st.integers(1, 10**9).map(lambda cents: Decimal(cents).scaleb(-2))
MOVES = st.lists(st.tuples(CENTS, st.integers(-5, 5)), min_size=2, max_size=12)


def fund(moves: Sequence[tuple[Decimal, int]]) -> tuple[list[Point], list[Flow]]:
    """Ten shares at first, then some more or fewer at each day's price, in the minute after its point."""
    held, told, flows = 10, [], []
    for day, (price, more) in enumerate(moves):
        bought = max(more, 1 - held)
        at_us = day * DAY_US + MINUTE_US
        flows.append(Flow(day, at_us, bought * price))
        told.append(Point(day * DAY_US, held * price, entries=day - 1))
        held += bought
        told.append(Point(at_us, held * price, entries=day, since_us=at_us if bought else None))
    return told, flows


@settings(max_examples=25)
@given(MOVES)
def test_time_weighted_is_what_one_share_returned_whoever_bought_when(moves: Any) -> None:
    found = returns.returns(*fund(moves))

    shares = [Fraction(price) for price, _ in moves]
    expected = shares[-1] / shares[0] - 1
    assert abs(Fraction(found.time_weighted.value or 0) - expected) <= Fraction(1, 10**9) * (
        1 + abs(expected)
    )
    deepest = max(1 - price / max(shares[: at + 1]) for at, price in enumerate(shares))
    assert abs(Fraction(found.drawdown.value or 0) - deepest) < Fraction(1, 10**9)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 99), CENTS), min_size=1, max_size=8), st.integers(-40, 60))
def test_money_weighted_finds_the_pace_at_which_all_of_it_grew(paid: Any, percent: int) -> None:
    """Each amount grows by ``percent`` in a hundred days, from its own day on."""
    pace = 1 + Decimal(percent) / 100
    first = min(day for day, _ in paid)
    end = sum(worth * pace ** (Decimal(100 - day) / 100) for day, worth in paid)
    told = [Point(0, Decimal(0)), Point(100 * DAY_US, end, entries=9)]

    found = returns.returns(told, [Flow(1, day * DAY_US, worth) for day, worth in paid])

    expected = pace ** (Decimal(100 - first) / 100) - 1
    assert abs((found.money_weighted.value or 0) - expected) < Decimal("1E-9")


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 3)), min_size=3, max_size=200))
def test_thinning_changes_no_return(moves: Any) -> None:
    told, flows = [], []
    for minute, (total, pays) in enumerate(moves):
        since = minute * MINUTE_US if pays == 3 and minute else None
        told.append(Point(minute * MINUTE_US, Decimal(total), entries=minute, since_us=since))
        if since is not None:
            flows.append(Flow(minute, since, Decimal(total % 1000 - 500)))
    told = [each._replace(total=each.total + 1000) for each in told]

    keys = kept([Old(at, at, 1, False, each.since_us) for at, each in enumerate(told)], HOUR)
    thinned = [told[0], *(told[at] for at in sorted(keys - {0}))]

    before, after = returns.returns(told, flows), returns.returns(thinned, flows)
    for one, other in (
        (before.time_weighted, after.time_weighted),
        (before.money_weighted, after.money_weighted),
    ):
        assert one.why == other.why
        assert abs((one.value or 0) - (other.value or 0)) <= Decimal("1E-15") * (1 + abs(one.value or 0))
