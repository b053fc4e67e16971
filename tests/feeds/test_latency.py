"""Latency by two clocks that do not agree: how much longer than the shortest way it took."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from feeds.latency import BOUNDS_US, Apart, Latency
from tests.feeds.making import NAME, T0_NS, PlainCodec, quote, trade
from tests.feeds.replaying import Recorded

S = 1_000_000_000


@pytest.mark.parametrize("clock_us", [-3_000_000, 0, 47_000])
def test_a_clock_that_is_off_moves_the_least_difference_and_no_percentile(clock_us):
    latency = Latency()
    for second in range(100):
        latency.add(clock_us + second * 1000, second * S)

    figures = latency.figures(100 * S)
    assert figures.least_us == clock_us
    assert (figures.p50_us, figures.p95_us, figures.p99_us) == (50_000, 95_000, 99_000)
    assert figures.samples == 100


def test_a_clock_that_was_set_is_forgotten_after_some_minutes():
    latency = Latency()
    for second in range(1200):
        latency.add(-5_000_000 if second < 300 else 20_000, second * S)

    figures = latency.figures(1200 * S)
    assert (figures.least_us, figures.p99_us) == (20_000, 0)


def test_buckets_count_everything_and_the_recent_does_not_last():
    latency = Latency()
    for took_us in (0, 1_000, 1_001, 6_000_000):
        latency.add(took_us, S)

    figures = latency.figures(2 * S)
    assert figures.buckets == (2, 1, *[0] * (len(BOUNDS_US) - 2), 1)
    assert figures.sum_us == 6_002_001
    assert latency.figures(400 * S) is None


def test_the_newest_of_each_second_is_measured_and_what_is_replayed_is_not():
    made = Recorded(PlainCodec())
    made.watch(["BTC/USD"], depth=10, channels=("ticker", "trade", "book"), link="link.0")
    made.clock.set_wall(T0_NS)
    made.state.apply(trade(1, replayed=True), "link.0")
    made.state.tick()
    assert made.state.latency.figures(made.clock.mono_ns()) is None

    made.clock.advance(1)
    late = replace(quote(), received_ns=T0_NS + S // 2)
    made.state.apply(late, "link.0")
    made.state.apply(replace(quote(), exchange_us=0, received_ns=T0_NS + S // 2), "link.0")
    made.state.apply(late, "link.0")
    made.state.tick()
    made.state.tick()

    figures = made.state.latency.figures(made.clock.mono_ns())
    assert (figures.samples, figures.least_us) == (1, 500_000)


def test_a_clock_that_was_set_is_believed_again_with_the_first_message():
    apart = Apart()
    for difference_us in (40_000, 55_000, 48_000):
        apart.add(difference_us)
    assert (apart.earliest_us(10_000_000), apart.latest_us(10_000_000)) == (9_945_000, 9_960_000)

    apart.set_by(3_600_000_000)
    assert apart.earliest_us(3_610_000_000) == 9_945_000, "the venue's time may not have moved at all"
    assert apart.latest_us(3_610_000_000) == 3_609_960_000, "or the machine slept"

    apart.add(3_600_050_000)
    assert (apart.earliest_us(3_610_000_000), apart.latest_us(3_610_000_000)) == (9_945_000, 9_960_000)

    apart.set_by(-1_800_000_000)
    apart.add(3_600_041_000)
    assert apart.earliest_us(3_610_000_000) == 9_945_000, "it was sleep: nothing is otherwise than it was"


@pytest.mark.parametrize("moved_s", [3600, -3600])
def test_no_minute_ends_because_our_clock_was_set(moved_s):
    made = Recorded(PlainCodec())
    made.watch(["BTC/USD"], depth=10, channels=("ticker", "trade", "book"), link="link.0")
    for second in range(90):
        made.clock.advance(1)
        now_ns = made.clock.wall_ns()
        made.state.apply(replace(trade(second + 1), exchange_us=now_ns // 1000, received_ns=now_ns), "link.0")
        made.state.tick()
    closed = [bar.start_us for bar in made.state.bars(NAME, 1) if bar.closed]
    made.clock.jump(moved_s)
    for _ in range(5):
        made.clock.advance(1)
        made.state.tick()

    assert [bar.start_us for bar in made.state.bars(NAME, 1) if bar.closed] == closed
