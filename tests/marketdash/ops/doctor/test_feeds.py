"""Workers that are missing, too many, or elsewhere: real leases in a real Redis."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from channels.layers import channel_layers, get_channel_layer

from marketdash import redis_hosts
from marketdash.live.lease import LEASE_MS, PartLeases, parts_of, writer_in
from marketdash.live.share import CLAIM
from marketdash.ops.doctor import feeds
from marketdash.ops.doctor.findings import FAIL, OK, WARN
from marketdash.ops.doctor.registry import Site
from tests import servers
from tests.marketdash.ops.doctor.making import looked, only, site

VENUES = ("KRAKEN", "BINANCE")


@pytest.fixture
def own_redis(settings: Any):
    with servers.redis() as url:
        hosts = [{"address": url, **settings.REDIS_OPTIONS}]
        settings.CHANNEL_LAYERS = {
            "default": {**settings.CHANNEL_LAYERS["default"], "CONFIG": {"hosts": hosts}}
        }
        channel_layers.backends = {}
        yield url
    channel_layers.backends = {}


def at(folder: Path, url: str) -> Site:
    leases = {venue: [part.key for part in parts_of([venue])] for venue in VENUES}
    return site(folder, REDIS_HOSTS=[{"address": url}], leases=leases, writer_in=writer_in)


async def test_no_worker_at_all(tmp_path: Path, own_redis: str):
    found = await only(at(tmp_path, own_redis), "workers")

    assert (found.verdict, found.found) == (FAIL, "none holds a lease")
    assert "manage.py ingest" in found.todo


async def test_workers_that_share_and_one_part_that_nobody_has(tmp_path: Path, own_redis: str):
    redis = redis_hosts.client({"address": own_redis})
    first, second, parts = PartLeases(redis), PartLeases(redis), parts_of(VENUES)
    await first.take(parts[::4])
    await first.take(parts[2::4])  # a call of its own, and the same writer
    await second.take(parts[1::2])
    assert (await only(at(tmp_path, own_redis), "workers")).found == "2, 24 parts"

    await second.give([parts[1]])
    [found] = await looked(at(tmp_path, own_redis), "workers")
    await redis.aclose()
    assert (found.verdict, found.found) == (FAIL, "BINANCE: nobody writes 1 of its 12 parts")


async def test_two_workers_of_one_shard(tmp_path: Path, own_redis: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(feeds, "CLAIMED_FOR_S", 0.3)
    redis = redis_hosts.client({"address": own_redis})
    holder, other, parts = PartLeases(redis), PartLeases(redis), parts_of(VENUES)
    await holder.take(parts)

    await other.say(parts[:6], CLAIM, 1000)
    looking = asyncio.create_task(only(at(tmp_path, own_redis), "workers"))
    while not looking.done():
        await other.say(parts[:6], CLAIM, 1000)
        await asyncio.wait([looking], timeout=0.1)
    found = looking.result()
    await redis.aclose()

    assert found.verdict == WARN and found.found.startswith("two are to write the same")
    assert "--shard i/n" in found.todo


async def test_a_claim_of_a_moment_is_no_mistake(
    tmp_path: Path, own_redis: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(feeds, "CLAIMED_FOR_S", 0.2)
    redis = redis_hosts.client({"address": own_redis})
    holder, parts = PartLeases(redis), parts_of(VENUES)
    await holder.take(parts)
    await holder.say(parts[:6], CLAIM, 100)

    assert (await only(at(tmp_path, own_redis), "workers")).verdict == OK
    await redis.aclose()
    assert LEASE_MS > 1000  # nothing of it ran out meanwhile


async def heard(asked: asyncio.Task) -> Any:
    """A worker says something again and again; its own first word may come before anybody listens."""
    layer = get_channel_layer()
    while not asked.done():
        await layer.group_send("t.00", {"type": "md.rows"})
        await asyncio.wait([asked], timeout=0.05)
    return asked.result()


async def test_a_worker_on_another_database_number(tmp_path: Path, own_redis: str):
    asked = asyncio.create_task(only(at(tmp_path, own_redis), "bus"))
    assert (await heard(asked)).verdict == OK

    found = await only(at(tmp_path, own_redis), "database number")
    assert found.verdict == FAIL and "same REDIS_URL" in found.todo


async def test_a_bus_on_which_nothing_is_heard(
    tmp_path: Path, own_redis: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(feeds, "HEARD_WITHIN_S", 0.2)

    found = await only(at(tmp_path, own_redis), "bus")

    assert found.verdict == FAIL and "start an ingest" in found.todo
