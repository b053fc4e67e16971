"""Lateness by two clocks that drift: none that is not there, and one that grows is seen, however slowly."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from channels.layers import InMemoryChannelLayer
from hypothesis import given
from hypothesis import strategies as st

from marketdash.live import bus
from marketdash.live import hub as hubs
from marketdash.live.hub import BACKLOG_US, Hub
from marketdash.live.lateness import LEAP_US, WINDOW_US, Lateness

S = 1_000_000
DAY_S = 24 * 3600
DRIFT = 500e-6
ROUNDING_US = 2
drifts = st.floats(-DRIFT, DRIFT)


class Line:
    """From a writer whose clock parts from ours by ``drift``; ``lag_us``: of the message that comes next."""

    def __init__(self, drift: float = 0.0, parted_us: float = 5e12) -> None:
        self.lateness = Lateness()
        self.now_us, self.lag_us, self.drift, self._parted_us = 3600 * S, 0.0, drift, parted_us

    def passes(self, seconds: float, *, stands: bool = False) -> None:
        """With ``stands`` the writer's machine did, and its clock with it."""
        self.now_us += round(seconds * S)
        self._parted_us += seconds * S * (1 if stands else self.drift)

    @property
    def sent_us(self) -> int:
        return round(self.now_us - self._parted_us - self.lag_us)

    def late_us(self) -> int:
        return self.lateness.of(self.sent_us, self.now_us)

    def each(self, every_s: float, for_s: float, grows: float = 0.0) -> Iterator[int]:
        for _ in range(round(for_s / every_s)):
            self.passes(every_s)
            self.lag_us += grows * every_s * S
            yield self.late_us()


@given(st.lists(st.tuples(st.integers(1, 8), drifts), min_size=3), st.integers(0, 99))
def test_no_drift_of_a_day_looks_like_a_lag(hours: list[tuple[int, float]], seed: int) -> None:
    line, chance = Line(), random.Random(seed)
    for count, line.drift in hours:
        for _ in range(count * 360):
            line.passes(10)
            line.lag_us = chance.expovariate(1 / 20_000) if chance.random() < 0.9 else 3e6 * chance.random()
            assert 0 <= line.late_us() <= line.lag_us + ROUNDING_US
        if line.now_us > (DAY_S + 3600) * S:
            break


@given(st.floats(0.003, 1.0), drifts)
def test_a_lag_that_grows_is_seen_before_it_is_long(growth: float, drift: float) -> None:
    line = Line(drift)
    late_us = list(line.each(0.25, 2.5 / growth, growth))

    assert max(late_us) > BACKLOG_US
    assert all(each <= 2.5 * S + ROUNDING_US for each in late_us)


@given(st.floats(0.003, 0.035), drifts)
def test_a_lag_that_grew_slowly_is_not_forgotten_until_it_ends(growth: float, drift: float) -> None:
    line = Line(drift)
    for _ in line.each(0.25, 2.5 / growth, growth):
        pass

    assert all(late_us > BACKLOG_US for late_us in line.each(0.25, 5 / growth, growth))
    assert all(late_us > BACKLOG_US for late_us in line.each(0.25, 10 * WINDOW_US / S))
    line.lag_us = 0.0
    assert max(line.each(0.25, 60)) <= ROUNDING_US


@given(st.floats(LEAP_US / S + 0.05, 3600.0), drifts)
def test_a_clock_that_stood_is_forgiven_within_two_windows(stood_s: float, drift: float) -> None:
    line = Line(drift)
    assert max(line.each(0.25, 100)) <= ROUNDING_US
    line.passes(stood_s, stands=True)

    late_us = list(line.each(0.25, 40))

    assert late_us[0] > LEAP_US and max(late_us[4 * 31 :]) <= 2 * DRIFT * 2 * WINDOW_US


async def test_a_hub_that_takes_in_less_than_comes_shows_nothing_old(monkeypatch: pytest.MonkeyPatch) -> None:
    line, old_us = Line(DRIFT), list[float]()
    monkeypatch.setattr(hubs, "now_us", lambda: line.now_us)
    hub = Hub(InMemoryChannelLayer(), shards=1)
    for _ in range(4 * 600):
        line.passes(0.25)
        line.lag_us += 0.01 * 0.25 * S
        before = hub.counters["backlog"]
        hub.take(bus.rows("1", "d.00", line.sent_us, []))
        if hub.counters["backlog"] == before:
            old_us.append(line.lag_us)

    assert BACKLOG_US <= max(old_us) <= 1.2 * BACKLOG_US
