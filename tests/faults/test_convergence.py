"""Many patterns of loss on the bus: how long until all clients hold what the writer does."""

from __future__ import annotations

import pytest

from tests.fakes import virtual_time
from tests.marketdash.live.test_convergence import HEALED_S, on_loop_time, seconds_to_agree

__all__ = ["on_loop_time"]
pytestmark = pytest.mark.timeout(1800)


@pytest.mark.fault(
    "F25",
    "The layer loses, repeats and reorders 20 % of all messages",
    goal="all clients hold what the writer does 2 s after the last change, in 1,000 rounds",
)
def test_two_seconds_are_enough_in_every_round(on_loop_time, score):
    for seed in range(1000 * score.seed, 1000 * score.seed + score.times(1000, few=2)):
        score.took(virtual_time.run(seconds_to_agree(seed, 0.2)))

    assert max(score.took_s) <= HEALED_S


@pytest.mark.fault(
    "F25",
    "The layer loses, repeats and reorders 20 % of all messages; 200 clients",
    goal="all clients hold what the writer does 2 s after the last change",
)
@pytest.mark.faults
def test_two_hundred_clients_agree(on_loop_time, score):
    for seed in range(score.seed, score.seed + score.times(20)):
        score.took(virtual_time.run(seconds_to_agree(seed, 0.2, clients=200)))

    assert max(score.took_s) <= HEALED_S
