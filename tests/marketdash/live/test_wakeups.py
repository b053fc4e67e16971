"""No wake-up is lost: whatever happens between any two steps of a flush, a moment after the last change
everybody has what the hub has, and the second look had nothing to do."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.fakes.restless import Restless

STEPS = (60, 150, 300)


@pytest.fixture
def restless(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Restless]:
    """By the seed that the test is given, in a time of its own."""
    seed, failing = request.param
    made = Restless(seed, failing=failing)
    monkeypatch.setattr(time, "monotonic", lambda: made.loop.now_s)
    monkeypatch.setattr(time, "monotonic_ns", lambda: int(made.loop.now_s * 1e9))
    made.begin()
    yield made
    made.end()


def all_happens(world: Restless) -> None:
    for _ in range(world.chance.choice(STEPS)):
        world.step()


@pytest.mark.parametrize("restless", [(seed, False) for seed in range(60)], indirect=True, ids=str)
def test_everybody_has_all_a_moment_after_the_last_change(restless: Restless) -> None:
    all_happens(restless)

    assert restless.hush() == []
    assert (restless.told_late, restless.failures) == (0, [])
    assert [each for reader in restless.readers for each in reader.holes] == []


@pytest.mark.parametrize("restless", [(seed, True) for seed in range(60)], indirect=True, ids=str)
def test_what_fails_is_made_up_for_within_a_second(restless: Restless) -> None:
    all_happens(restless)

    assert restless.hush() == []
    assert {type(each) for each in restless.failures} <= {ZeroDivisionError}
