"""One setting names one Redis, several, or the Sentinels of one."""

from __future__ import annotations

import pytest

from marketdash.redis_hosts import client, parsed

OPTIONS = {"protocol": 2, "socket_timeout": 2}


@pytest.mark.parametrize("url", ["redis://h:6379/0", "rediss://u:p@h/1", "unix:///run/redis.sock"])
def test_one_server(url):
    assert parsed(url, OPTIONS) == [{"address": url, **OPTIONS}]
    assert client(parsed(url, OPTIONS)[0]).get_connection_kwargs()["socket_timeout"] == 2


def test_several_servers_keep_their_order():
    assert [host["address"] for host in parsed("redis://a:1/0, redis://b:2/0", {})] == [
        "redis://a:1/0",
        "redis://b:2/0",
    ]


def test_sentinels_name_a_master():
    (host,) = parsed("redis+sentinel://me:pass%2Fword@a,b:26380/prices/3", OPTIONS)

    assert host == {
        "master_name": "prices",
        "sentinels": [("a", 26379), ("b", 26380)],
        "db": 3,
        "username": "me",
        "password": "pass/word",
        **OPTIONS,
    }
    assert client(host).connection_pool.service_name == "prices"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost:6379",
        "http://h",
        "redis://",
        "redis://h:port",
        "redis://a,b",
        "redis+sentinel://a:26379",
        "redis+sentinel:///name",
        "redis+sentinel://a:x/name",
        "redis+sentinel://a/name/db",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError):
        parsed(text, {})
