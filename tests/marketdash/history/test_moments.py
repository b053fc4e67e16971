"""Closes near times: the nearest of all lengths, or none; and bars of long ago, asked for once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from feeds.symbols import INTERVALS
from marketdash import publish
from marketdash.history import actions, backfills, fetching, moments
from marketdash.history.derive import MINUTE_US
from marketdash.history.models import Backfill, Span
from marketdash.publish import PastClose
from tests.marketdash.history.making import DAY_US, SYMBOL, T0_US, bar, instrument

HOUR_US = 60 * MINUTE_US


def at(us: int) -> PastClose | None:
    return publish.closes_at([(SYMBOL, us)]).get((SYMBOL, us))


def test_the_nearest_close_of_the_shortest_bars_says_it(database: str) -> None:
    instrument()
    actions.upsert([bar(0, "1"), bar(1, "2"), bar(0, "60", interval=60), bar(0, "1440", interval=1440)])

    assert at(T0_US + 70_000_000) == PastClose("1", T0_US + MINUTE_US, 1)
    assert at(T0_US + 100_000_000) == PastClose("2", T0_US + 2 * MINUTE_US, 1)
    assert at(T0_US + 90_000_000) == PastClose("1", T0_US + MINUTE_US, 1), "the earlier of equals"
    assert at(T0_US + 2 * MINUTE_US) == PastClose("2", T0_US + 2 * MINUTE_US, 1)
    assert at(T0_US + 40 * MINUTE_US) == PastClose("60", T0_US + HOUR_US, 60), "nearer than the minutes"
    assert at(T0_US + 20 * HOUR_US) == PastClose("1440", T0_US + DAY_US, 1440)


def test_what_is_too_far_away_is_none(database: str) -> None:
    instrument()
    actions.upsert([bar(0, "1"), bar(50, "7", interval=1440)])

    assert at(T0_US + MINUTE_US + HOUR_US) == PastClose("1", T0_US + MINUTE_US, 1), "a quiet market"
    assert at(T0_US + MINUTE_US + HOUR_US + 1) is None
    assert at(T0_US - 1) is None
    day_us = T0_US + 51 * DAY_US
    assert at(day_us + DAY_US) == PastClose("7", day_us, 1440), "of the day before"
    assert at(day_us + DAY_US + 1) is None
    assert publish.closes_at([("KRAKEN:NOBODY/KNOWS", T0_US)]) == {}


def nearest(bars: list[tuple[int, int]], us: int) -> tuple[int, int] | None:
    """(length, end) by looking at every bar."""
    found = []
    for length, place in bars:
        start, end = place * length * MINUTE_US, (place + 1) * length * MINUTE_US
        reach = max(length * MINUTE_US, HOUR_US) if end <= us else length * MINUTE_US
        if (start <= us < end or end <= us) and abs(end - us) <= reach:
            found.append((abs(end - us), length, end))
    return min(found)[1:] if found else None


class Nearest(TestCase):
    """Against every bar looked at one by one."""

    @settings(max_examples=60)
    @given(
        st.lists(st.tuples(st.sampled_from(INTERVALS), st.integers(0, 3000)), max_size=12, unique=True),
        st.lists(st.integers(0, 4 * DAY_US), min_size=1, max_size=12),
    )
    def test_of_all_bars_the_nearest(self, bars: list[tuple[int, int]], times: list[int]) -> None:
        instrument()
        kept = [(length, place) for length, place in bars if place * length < 4 * 1440]
        actions.upsert([bar(place, f"{length}.{place}1", interval=length) for length, place in kept])

        found = moments.closes_at([(SYMBOL, T0_US + us) for us in times])

        for us in times:
            close = found.get((SYMBOL, T0_US + us))
            said = None if close is None else (close.interval, close.end_us - T0_US)
            assert said == nearest(kept, us), us


def fetch(at_us: int, now_us: int = T0_US + 400 * DAY_US) -> bool:
    return SYMBOL in fetching.fetch([(SYMBOL, at_us)], (60, 1440), now_us)


def test_bars_of_long_ago_are_asked_for_once(database: str) -> None:
    instrument()

    assert fetch(T0_US + 5) and fetch(T0_US + 5) and fetch(T0_US + DAY_US)

    hours, days = Backfill.objects.order_by("interval")
    assert (hours.since_us, days.since_us) == (T0_US - HOUR_US, T0_US - DAY_US)
    assert {hours.asked_by, days.asked_by} == {fetching.ASKED_BY}
    backfills.finish(hours)
    assert fetch(T0_US), "the days are still on their way"
    backfills.finish(days)
    assert not fetch(T0_US) and Backfill.objects.count() == 2
    assert fetch(T0_US - 9 * DAY_US), "further back is another wish"


def test_what_a_venue_does_not_give_is_asked_for_again_a_day_later(database: str) -> None:
    row = instrument()
    fetch(T0_US)
    for each in Backfill.objects.all():
        each.failures = backfills.GIVE_UP_AFTER
        backfills.failed(each, "away", T0_US)

    assert not fetch(T0_US)
    Backfill.objects.update(finished=timezone.now() - fetching.AGAIN - timedelta(minutes=1))
    assert fetch(T0_US)

    Backfill.objects.all().delete()
    for interval in (60, 1440):
        Span.objects.create(
            instrument=row, interval=interval, from_us=T0_US + DAY_US, until_us=T0_US + 2 * DAY_US
        )
    assert fetch(T0_US)
    Backfill.objects.all().delete()
    Span.objects.update(begins=True)
    assert not fetch(T0_US), "the venue has nothing older"


def test_hours_are_fetched_for_three_years_and_of_what_is_followed(database: str) -> None:
    row = instrument()
    now_us = T0_US + 4000 * DAY_US
    fetch(T0_US, now_us)
    hours, days = Backfill.objects.order_by("interval")
    assert (hours.since_us, days.since_us) == (now_us - fetching.HOURS_US, T0_US - DAY_US)

    Backfill.objects.all().delete()
    row.bars = False
    row.save()
    assert not fetch(T0_US) and not Backfill.objects.exists()


def test_nobody_remembers_anything_where_there_is_no_history(monkeypatch: Any) -> None:
    monkeypatch.setattr(publish, "_memory", None)

    assert publish.closes_at([(SYMBOL, T0_US)]) == {}
    assert publish.fetch_bars([(SYMBOL, T0_US)], (60,)) == set()


@pytest.mark.django_db
def test_many_moments_are_a_few_statements(django_assert_max_num_queries: Any) -> None:
    instrument()
    actions.upsert([bar(place) for place in range(30)])
    asked = [(SYMBOL, T0_US + second * 1_000_000) for second in range(1500)]

    with django_assert_max_num_queries(20):
        assert len(moments.closes_at(asked)) == 1500
