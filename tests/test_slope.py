"""A slope is found in noise, and no surer of itself than it may be."""

from __future__ import annotations

import math
import random

from tests.fakes.slope import slope


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
