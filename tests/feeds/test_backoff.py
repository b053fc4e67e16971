"""Waits between attempts: spread, growing, never ending."""

from __future__ import annotations

from itertools import islice

from feeds.backoff import REFUSED_REGION_S, Backoff, Repeats, full_jitter, limited, retry_after_s

NS = 1_000_000_000


def longest(low: float, high: float) -> float:
    return high


def test_ceilings_double_up_to_the_cap_and_never_end():
    waits = list(islice(full_jitter(uniform=longest), 12))

    assert waits == [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30, 30]


def test_waits_are_spread_over_the_whole_range():
    waits = [next(full_jitter(base_s=8)) for _ in range(300)]

    assert min(waits) < 1 and max(waits) > 7 and all(0 <= wait <= 8 for wait in waits)


def test_reset_begins_with_the_shortest_wait():
    backoff = Backoff(uniform=longest)
    grown = [backoff.next_s() for _ in range(3)]

    backoff.reset()

    assert grown == [0.25, 0.5, 1]
    assert backoff.next_s() == 0.25


def test_a_refused_region_waits_ten_minutes():
    backoff = Backoff(uniform=longest)

    assert backoff.next_s(status=451) >= REFUSED_REGION_S
    assert backoff.next_s(status=403) >= REFUSED_REGION_S


def test_the_venues_own_time_is_waited_for():
    backoff = Backoff(uniform=longest)

    assert backoff.next_s(status=429, retry_after_s=90) >= 90
    assert backoff.next_s(status=503, retry_after_s=7) >= 7
    assert backoff.next_s(status=418) >= 60


def test_retry_after_is_seconds_or_a_date():
    noon_ns = 1_767_268_800 * NS  # 2026-01-01 12:00:00 UTC

    assert retry_after_s("120", noon_ns) == 120
    assert retry_after_s("Thu, 01 Jan 2026 12:00:30 GMT", noon_ns) == 30
    assert retry_after_s("Thu, 01 Jan 2026 11:00:00 GMT", noon_ns) == 0
    assert retry_after_s("soon", noon_ns) == 0
    assert retry_after_s("", noon_ns) == 0


def test_repeats_are_at_once_after_a_calm_time_and_later_within_it():
    repeats = Repeats(calm_s=10, uniform=longest)

    waits = [repeats.wait_s("BTC", at * NS) for at in (0, 1, 2, 3, 60)]

    assert waits == [0.0, 0.25, 0.5, 1, 0.0]
    assert repeats.wait_s("ETH", 61 * NS) == 0.0


def test_some_repeats_are_at_once_however_near_and_are_earned_again():
    repeats = Repeats(calm_s=10, spare=3, uniform=longest)

    waits = [repeats.wait_s("BTC", at * NS) for at in (0, 1, 2, 3, 4, 13, 14)]

    assert waits == [0.0, 0.0, 0.0, 0.25, 0.5, 0.0, 1.0]


def test_what_fails_at_once_each_time_is_asked_ever_more_rarely():
    repeats, now_s, waits = Repeats(calm_s=5, cap_s=30, spare=5, uniform=longest), 0.0, []
    while now_s < 900:
        waits.append(repeats.wait_s("BTC", round(now_s * NS)))
        now_s += waits[-1] + 0.3

    assert waits[:7] == [0.0] * 5 + [0.25, 0.5]
    assert len(waits) < 50 and max(waits) == 30


def test_until_when_we_are_limited_is_the_next_full_minute_and_the_same_with_our_second_more():
    said = [limited(600 * NS, wait_s) for wait_s in (59, 60, 61, 62, 121)]

    assert [words[-9:] for words in said] == ["00:11 UTC"] * 3 + ["00:12 UTC"] * 2
