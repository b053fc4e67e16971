"""What processes count together, and what each counts alone while Redis is away."""

from __future__ import annotations

import pytest
from django.core.cache import caches

from marketdash.accounts.cache import SharedCache


def test_two_processes_count_together(redis_url: str) -> None:
    one, other = (SharedCache(redis_url, {"KEY_PREFIX": "test-shared"}) for _ in range(2))
    one.set("guesses", 1, 60)

    assert other.incr("guesses") == 2
    assert one.get("guesses") == 2
    assert other.add("guesses", 0) is False
    assert one.delete("guesses") is True and other.get("guesses") is None


def test_without_redis_each_process_still_counts(caplog: pytest.LogCaptureFixture) -> None:
    cache = SharedCache("unix:///nowhere/redis.sock", {"KEY_PREFIX": "test-alone"})

    assert cache.add("guesses", 1, 60) is True
    assert cache.incr("guesses") == 2
    assert cache.get("guesses") == 2

    assert len([line for line in caplog.messages if "Redis is away" in line]) == 1


def test_counts_in_memory_are_not_crowded_out_by_those_of_many_addresses() -> None:
    """Django's own memory holds three hundred."""
    for cache in (SharedCache("unix:///nowhere/redis.sock", {"KEY_PREFIX": "test-many"}), caches["default"]):
        cache.set("account", 5, 600)
        for number in range(2000):
            cache.set(f"address-{number}", 1, 600)

        assert cache.get("account") == 5
        cache.clear()
