"""Redis as people set it up: real servers, each with one thing wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from marketdash.environment import Environment
from marketdash.ops.doctor.findings import FAIL, OK, WARN
from marketdash.ops.doctor.registry import Site
from tests import servers
from tests.marketdash.ops.doctor.making import looked, only, site

OPTIONS = {"protocol": 2, "socket_timeout": 2, "socket_connect_timeout": 1}


def at(folder: Path, url: str) -> Site:
    return site(folder, REDIS_HOSTS=Environment({}).redis_hosts("REDIS_URL", url, OPTIONS))


@pytest.fixture(scope="module")
def locked() -> Iterator[str]:
    with servers.redis("--requirepass", "geheim") as url:
        yield url


@pytest.fixture(scope="module")
def cache() -> Iterator[str]:
    """A Redis that somebody set up as a cache, and left its buffers small."""
    small = ("--client-output-buffer-limit", "pubsub 1mb 512kb 10")
    with servers.redis("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru", *small) as url:
        yield url


async def test_a_redis_that_is_well(tmp_path: Path, redis_url: str):
    for check in ("redis", "redis memory", "redis buffers"):
        assert (await only(at(tmp_path, redis_url), check)).verdict == OK, check


@pytest.mark.parametrize(
    ("change", "said", "todo"),
    [
        (lambda url: url, "uthentication", "write its password into REDIS_URL"),
        (lambda url: url.replace("unix://", "unix://:wrong@"), "password", "correct the password"),
    ],
    ids=["no password", "a wrong one"],
)
async def test_a_redis_that_wants_a_password(tmp_path: Path, locked: str, change, said: str, todo: str):
    found = await only(at(tmp_path, change(locked)), "redis")

    assert found.verdict == FAIL
    assert said in found.found and todo in found.todo
    assert (await only(at(tmp_path, locked.replace("unix://", "unix://:geheim@")), "redis")).verdict == OK


async def test_a_password_that_nobody_asked_for(tmp_path: Path, redis_url: str):
    found = await only(at(tmp_path, redis_url.replace("unix://", "unix://:extra@")), "redis")

    assert found.verdict == FAIL and "cut the password out" in found.todo


async def test_a_database_number_that_is_not_there(tmp_path: Path, redis_url: str):
    found = await only(at(tmp_path, f"{redis_url}?db=99"), "redis")

    assert found.verdict == FAIL and "correct the number" in found.todo


@pytest.mark.parametrize(
    ("url", "todo"),
    [
        ("redis://127.0.0.1:1/0", "start Redis"),
        ("unix:///nowhere/redis.sock", "start Redis"),
        ("redis://no-such-host.invalid/0", "REDIS_URL"),
    ],
)
async def test_no_redis(tmp_path: Path, url: str, todo: str):
    found = await only(at(tmp_path, url), "redis")

    assert found.verdict == FAIL and todo in found.todo


async def test_one_of_several_is_named(tmp_path: Path, redis_url: str):
    first, second = await looked(at(tmp_path, f"{redis_url},redis://127.0.0.1:1/0"), "redis")

    assert (first.verdict, first.name, second.verdict, second.name) == (
        OK,
        "redis 1 of 2",
        FAIL,
        "redis 2 of 2",
    )


async def test_a_redis_that_forgets_leases(tmp_path: Path, cache: str):
    found = await only(at(tmp_path, cache), "redis memory")

    assert (found.verdict, found.found) == (FAIL, "maxmemory-policy allkeys-lru, beyond 64 MiB")
    assert "noeviction" in found.todo


async def test_a_redis_that_cuts_off_who_pauses(tmp_path: Path, cache: str):
    found = await only(at(tmp_path, cache), "redis buffers")

    assert (found.verdict, found.found) == (WARN, "pubsub 1 MiB at once, 0 MiB for 10 s")
    assert "64mb 16mb 30" in found.todo
