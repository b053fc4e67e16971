"""A slope is found in noise, and no surer of itself than it may be."""

from __future__ import annotations

import math
import random

from tests.fakes.slope import least, slope


def drifting(per_hour: float, chance: random.Random, alike: float) -> list[tuple[float, float]]:
    """An hour of samples each 5 s; the noise forgets slowly, as memory does."""
    noise, found = 0.0, []
    for at in range(720):
        noise = alike * noise + chance.gauss(0, 1)
        found.append((at * 5.0, per_hour * at * 5 / 3600 + noise))
    return found


def test_nearly_all_slopes_are_within_their_error():
    chance = random.Random(1)
    within = 0
    for _ in range(200):
        found = slope(drifting(5.0, chance, 0.8))
        within += abs(found.per_hour - 5.0) <= found.error_per_hour
    assert within > 170


def test_a_line_without_noise_is_sure():
    found = slope([(at, 2 * at) for at in range(20)])

    assert math.isclose(found.per_hour, 7200) and found.error_per_hour < 1e-6


def test_of_too_few_samples_nothing_is_known():
    assert slope([(0, 1), (1, 2)]).error_per_hour == math.inf


def test_what_is_taken_for_a_moment_is_no_growth_and_what_stays_is():
    chance = random.Random(2)
    for per_hour in (0.0, 5.0):
        found = [
            (at_s, value + 10 * (chance.random() < 0.5)) for at_s, value in drifting(per_hour, chance, 0)
        ]
        lowest = slope(least(found, 120))
        assert abs(lowest.per_hour - per_hour) <= lowest.error_per_hour < 2


def test_the_lowest_of_each_window_stays_where_it_was():
    samples = [(0.0, 3.0), (5.0, 1.0), (9.0, 2.0), (11.0, 7.0), (31.0, 4.0), (39.0, 4.0)]

    assert least(samples, 10) == [(5.0, 1.0), (11.0, 7.0), (31.0, 4.0)]
