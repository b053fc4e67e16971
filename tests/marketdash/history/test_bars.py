"""What is stored, and what comes back: the same on both databases."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.symbols import INTERVALS
from marketdash.history import actions, derive, queries
from marketdash.history.derive import MINUTE_US, Stored
from marketdash.history.models import Bar, Span
from tests.marketdash.history.making import DAY_US, SYMBOL, T0_US, bar, instrument, stored


def all_rows() -> list[tuple[object, ...]]:
    names = ("interval", *Stored._fields)
    return list(Bar.objects.order_by("interval", "start_us").values_list(*names))


def page(row_id: int, interval: int = 1, *, until: int = 10, limit: int = 500) -> queries.Page:
    return queries.page(row_id, interval, T0_US + until * interval * MINUTE_US, limit)


def test_every_digit_comes_back(database: str) -> None:
    row = instrument()
    long = "12345678901234567890.00000000000000000003"
    actions.upsert([bar(0, long, volume="123456789012345678901234.100000000000000003", trades=10**12)])

    (found,) = page(row.id).bars

    assert (found.close, found.volume) == (long, "123456789012345678901234.100000000000000003")
    assert found.trades == 10**12


def test_the_same_bars_again_change_nothing(database: str) -> None:
    instrument()
    bars = [bar(at, interval=interval) for interval in INTERVALS for at in range(3)]
    first = actions.upsert(bars)
    rows = all_rows()

    again = actions.upsert(bars)

    assert first == again == actions.Kept(len(bars), 0, 0)
    assert all_rows() == rows


@pytest.mark.parametrize(
    ("before", "after", "wins"),
    [(True, False, True), (False, True, False), (True, True, True), (False, False, True)],
    ids=["repaired", "never worse", "more of it", "late trade"],
)
def test_an_incomplete_bar_never_replaces_a_complete_one(
    database: str, before: bool, after: bool, wins: bool
) -> None:
    row = instrument()
    actions.upsert([bar(0, "1", incomplete=before)])
    actions.upsert([bar(0, "2", incomplete=after)])

    assert page(row.id).bars[0].close == ("2" if wins else "1")


def test_the_last_of_one_batch_wins_too(database: str) -> None:
    row = instrument()
    actions.upsert([bar(0, "1", incomplete=True), bar(0, "2"), bar(0, "3", incomplete=True)])

    assert page(row.id).bars[0].close == "2"


def test_what_no_row_can_carry_costs_the_others_nothing(database: str) -> None:
    row = instrument()
    wrong = [bar(0)._replace(open="NaN"), bar(0)._replace(interval=7), bar(0, volume="1E+99"), bar(0, "-1")]
    running = bar(1)._replace(closed=False)

    kept = actions.upsert([*wrong, running, bar(2), bar(3)._replace(start_us=1 << 70), bar(0, symbol="X:Y")])

    assert [each.start_us for each in page(row.id).bars] == [bar(2).start_us]
    assert kept == actions.Kept(1, 5, 1)


def test_pages_meet_without_a_seam(database: str) -> None:
    row = instrument()
    actions.upsert([bar(at, str(at + 1)) for at in range(25) if at % 7])

    seen: list[Stored] = []
    before_us, more = T0_US + DAY_US, True
    while more:
        found = queries.page(row.id, 1, before_us, 4)
        seen = [*found.bars, *seen]
        before_us, more = found.before_us, found.more

    assert [each.close for each in seen] == [str(at + 1) for at in range(25) if at % 7]


def test_a_longer_bar_is_derived_where_it_is_missing_and_only_there(database: str) -> None:
    row = instrument()
    actions.upsert([bar(at, str(at + 1), volume="0.1") for at in range(20)])
    actions.upsert([bar(1, "777", interval=5, volume="9")])

    found = page(row.id, 5).bars

    assert [(each.close, each.volume) for each in found] == [
        ("5", "0.5"),
        ("777", "9"),
        ("15", "0.5"),
        ("20", "0.5"),
    ]
    assert not any(each.incomplete for each in found)


def test_a_derived_bar_takes_the_place_of_an_incomplete_one(database: str) -> None:
    row = instrument()
    actions.upsert([bar(0, "1", interval=15, incomplete=True), *(bar(at, str(at)) for at in range(1, 16))])

    assert page(row.id, 15).bars[0].incomplete, "a minute is missing, so the derived one is no better"

    actions.upsert([bar(0)])

    assert page(row.id, 15).bars[0].close == "14"


def test_a_minute_without_trades_is_none_missed(database: str) -> None:
    row = instrument()
    actions.upsert([bar(at) for at in range(60) if at % 9])
    assert page(row.id, 60).bars[0].incomplete

    actions.cover(row.id, 1, T0_US, T0_US + 60 * MINUTE_US)

    assert not page(row.id, 60).bars[0].incomplete


def test_days_of_minutes_become_days(database: str) -> None:
    row = instrument()
    actions.upsert([bar(at, str(1 + at)) for at in range(2 * 1440)])

    days = queries.page(row.id, 1440, T0_US + 5 * DAY_US, 10).bars

    assert [each.close for each in days] == ["1440", "2880"]
    assert [each.start_us for each in days] == [T0_US, T0_US + DAY_US]


def test_a_page_that_would_read_too_much_ends_early_and_goes_on(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = instrument()
    actions.upsert([bar(at, str(1 + at)) for at in range(100)])
    monkeypatch.setattr(queries, "_ROWS", 30)

    seen: list[Stored] = []
    before_us, more, pages = T0_US + DAY_US, True, 0
    while more:
        found = queries.page(row.id, 5, before_us, 500)
        seen = [*found.bars, *seen]
        before_us, more, pages = found.before_us, found.more, pages + 1

    assert [each.close for each in seen] == [str(at) for at in range(5, 101, 5)]
    assert pages > 2


def test_spans_grow_together_and_the_later_of_two_stays(database: str) -> None:
    row = instrument()
    for from_us, until_us in ((100, 200), (200, 300), (50, 120), (10, 20), (900, 950)):
        actions.cover(row.id, 1, from_us, until_us)
        span = Span.objects.get()
        known = (span.from_us, span.until_us)
        assert known == ((100, 200) if until_us == 200 else (100, 300) if from_us == 200 else known)

    assert known == (900, 950)


def test_the_last_close_of_each(database: str) -> None:
    instrument()
    instrument("ETH/USD")
    instrument("OLD/USD")
    actions.upsert([bar(0, "1"), bar(5, "2"), bar(0, "3", interval=1440, symbol="KRAKEN:OLD/USD")])

    found = queries.last_closes([SYMBOL, "KRAKEN:ETH/USD", "KRAKEN:OLD/USD", "KRAKEN:NONE"])

    assert found == {
        SYMBOL: queries.LastClose("2", T0_US + 6 * MINUTE_US),
        "KRAKEN:OLD/USD": queries.LastClose("3", T0_US + DAY_US),
    }


def test_the_last_close_before_a_time(database: str) -> None:
    instrument()
    instrument("OLD/USD")
    actions.upsert([bar(0, "1"), bar(5, "2"), bar(0, "3", interval=1440, symbol="KRAKEN:OLD/USD")])
    first, second = T0_US + MINUTE_US, T0_US + 6 * MINUTE_US

    assert queries.last_closes([SYMBOL], second) == {SYMBOL: queries.LastClose("2", second)}
    assert queries.last_closes([SYMBOL], second - 1) == {SYMBOL: queries.LastClose("1", first)}
    assert queries.last_closes([SYMBOL, "KRAKEN:OLD/USD"], first - 1) == {}


def test_the_closes_of_a_day(database: str) -> None:
    instrument()
    actions.upsert([bar(at, str(at + 1), interval=15) for at in range(5)])

    assert queries.closes([SYMBOL, "KRAKEN:NONE"], 15, 3, T0_US + 75 * MINUTE_US) == {SYMBOL: ["3", "4", "5"]}
    assert queries.closes([SYMBOL], 15, 3, T0_US + DAY_US) == {}


_PRICES = st.decimals("0.00000001", "99999999", places=8).map(lambda number: format(number, "f"))
_MINUTES = st.lists(
    st.tuples(st.integers(0, 400), _PRICES, _PRICES, st.booleans(), st.integers(0, 5)),
    min_size=1,
    max_size=60,
    unique_by=lambda each: each[0],
)


@settings(max_examples=60, deadline=None)
@given(_MINUTES, st.sampled_from([each for each in INTERVALS if each > 1]))
def test_derived_bars_equal_an_oracle_in_any_number_of_steps(minutes: list, interval: int) -> None:
    """Written from the definition, in integers, straight from minutes; ours goes by every length between."""
    parts = [
        stored(at, price, volume=volume, incomplete=hole, trades=count)._replace(
            high=price, low=price, open=price
        )
        for at, price, volume, hole, count in sorted(minutes)
    ]
    whole = (T0_US, T0_US + DAY_US)
    steps = [each for each in INTERVALS if each <= interval and interval % each == 0]

    ours = parts
    for part, longer in zip(steps, steps[1:], strict=False):
        ours = list(derive.lengthened(ours, part, longer, whole))

    assert [_numbers(each) for each in ours] == _oracle(minutes, interval)


def _numbers(each: Stored) -> tuple[object, ...]:
    return ((each.start_us - T0_US) // MINUTE_US, *map(Decimal, each[1:6]), each.trades, each.incomplete)


def _oracle(minutes: list, interval: int) -> list[tuple[object, ...]]:
    slots: dict[int, list] = {}
    for each in sorted(minutes):
        slots.setdefault(each[0] // interval * interval, []).append(each)
    found = []
    for start, inside in slots.items():
        units = [int(Decimal(price) * 10**8) for _, price, _, _, _ in inside]
        volume = sum(int(Decimal(volume) * 10**8) for _, _, volume, _, _ in inside)
        numbers = (units[0], max(units), min(units), units[-1], volume)
        counts = [count for *_, count in inside]
        trades = sum(counts) if 0 not in counts else 0
        scaled = (Decimal(number).scaleb(-8) for number in numbers)
        found.append((start, *scaled, trades, any(hole for _, _, _, hole, _ in inside)))
    return found
