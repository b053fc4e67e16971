"""The harness itself: both databases are what they say, and each test leaves them as it found them."""

from __future__ import annotations

import pytest
import redis
from django.db import connection

from marketdash.instruments.models import Venue


@pytest.mark.parametrize("time", [1, 2])
def test_a_test_writes_to_the_named_database_and_leaves_nothing(database: str, time: int) -> None:
    assert connection.vendor == database
    assert not Venue.objects.exists()

    Venue.objects.create(name="KRAKEN", title="Kraken")


@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_a_committing_test_leaves_nothing_either(database: str, time: int) -> None:
    assert connection.vendor == database
    assert not Venue.objects.exists()

    Venue.objects.create(name="KRAKEN", title="Kraken")


def test_redis_is_real(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.info("server")["redis_version"]
