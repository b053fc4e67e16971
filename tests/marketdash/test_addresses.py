"""Limits by address count an IPv6 client by its /64, of which it has every address, and IPv4 one by one."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer
from django.contrib.auth.signals import user_login_failed
from django.core.cache import cache
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from marketdash.addresses import counted_as
from marketdash.live import consumers
from marketdash.live.guarded_http import BLAMED_AT_MOST, Crowd
from marketdash.live.hub import Hub
from marketdash.live.viewers import MAX_SOCKETS_OF_ADDRESS, MAX_TURNED_AWAY

V4, V6 = st.ip_addresses(v=4), st.ip_addresses(v=6)


def mine(number: int) -> str:
    return f"2001:db8:1:2:{number:x}:{number:x}::{number:x}"


def mapped(number: int) -> str:
    return f"::ffff:192.0.2.{number}"


NEIGHBOUR = "2001:db8:1:3::1"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("fe80::7%eth0", "fe80::/64"),
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:c000:207", "192.0.2.7"),
        ("", ""),
        ("unknown", "unknown"),
        ("/run/web.sock", "/run/web.sock"),
        ("192.0.2.7:80", "192.0.2.7:80"),
        ("192.0.2.007", "192.0.2.007"),
        ("2001:db8::/64", "2001:db8::/64"),
    ],
)
def test_an_address_is_counted_as(address: str, expected: str) -> None:
    assert counted_as(address) == expected


@given(V6, st.integers(0, 2**64 - 1), st.integers(1, 2**64 - 1))
def test_a_whole_64_is_one_and_another_is_another(one: ipaddress.IPv6Address, host: int, net: int) -> None:
    same = ipaddress.IPv6Address(int(one) >> 64 << 64 | host)
    other = ipaddress.IPv6Address(int(one) ^ net << 64)
    if all(each.ipv4_mapped is None for each in (one, same, other)):
        assert counted_as(str(one)) == counted_as(str(same)) != counted_as(str(other))


@given(V4, V4)
def test_ipv4_is_one_by_one_however_it_is_written(one: ipaddress.IPv4Address, other: ipaddress.IPv4Address):
    assert counted_as(str(one)) == counted_as(f"::ffff:{one}") == str(one)
    assert (counted_as(f"::ffff:{one}") == counted_as(f"::ffff:{other}")) is (one == other)


@given(st.text())
def test_what_was_counted_once_is_counted_so_again(text: str) -> None:
    assert counted_as(counted_as(text)) == counted_as(text)


class From:
    """A transport from an address."""

    def __init__(self, address: str) -> None:
        self._peer = address, 1, 0, 0

    def get_extra_info(self, name: str) -> tuple[str, int, int, int]:
        return self._peer


@pytest.fixture
def crowd() -> Crowd:
    made = Crowd(lambda: 0.0)
    made.limit = 3
    return made


def test_connections_of_a_64_are_held_together(crowd: Crowd) -> None:
    assert [crowd.enters(From(mine(n))) for n in range(4)] == [True, True, True, False]
    assert crowd.enters(From(NEIGHBOUR))
    assert all(crowd.enters(From(mapped(n))) for n in range(9))

    crowd.leaves(From(mine(2)))

    assert crowd.enters(From(mine(9)))


def test_a_64_is_to_blame_together(crowd: Crowd) -> None:
    for number in range(int(BLAMED_AT_MOST) + 1):
        crowd.blames(From(mine(number)))
        crowd.blames(From(mapped(number)))

    assert not crowd.trusts(From(mine(99)))
    assert crowd.trusts(From(NEIGHBOUR)) and crowd.trusts(From(mapped(1)))


class Door:
    """Sockets of visitors at the consumer, without a server."""

    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[None]] = []

    async def opens(self, address: str) -> str:
        """The first that is said to it."""
        said: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        came = asyncio.Queue[dict[str, Any]]()
        came.put_nowait({"type": "websocket.connect"})

        async def send(message: dict[str, Any]) -> None:
            if not said.done():
                said.set_result(message["type"])

        scope = {"type": "websocket", "client": (address, 1), "headers": [], "subprotocols": []}
        self.tasks.append(asyncio.create_task(consumers.MarketConsumer()(scope, came.get, send)))
        return await said


async def test_sockets_of_a_64_are_counted_together(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.PUBLIC_MARKETS = True
    hub, at = Hub(InMemoryChannelLayer(), shards=1), Door()
    monkeypatch.setattr(consumers.process, "hub", lambda: hub)
    try:
        for number in range(MAX_SOCKETS_OF_ADDRESS + MAX_TURNED_AWAY):
            await at.opens(mine(number))
        assert len(hub.viewers.clients) == MAX_SOCKETS_OF_ADDRESS
        assert await at.opens(mine(999)) != "websocket.accept"
        assert await at.opens(NEIGHBOUR) == "websocket.accept"
        for number in range(MAX_SOCKETS_OF_ADDRESS + 1):
            assert await at.opens(mapped(number)) == "websocket.accept"
        assert len(hub.viewers.clients) == 2 * MAX_SOCKETS_OF_ADDRESS + 2
    finally:
        for task in at.tasks:
            task.cancel()
        await asyncio.gather(*at.tasks, return_exceptions=True)


@pytest.fixture
def tries() -> Iterator[list[int]]:
    """A password that was looked at, each."""
    made: list[int] = []

    def failed(**rest: Any) -> None:
        made.append(1)

    user_login_failed.connect(failed)
    yield made
    user_login_failed.disconnect(failed)


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "looked_at"), [(mine, 10), (mapped, 30), (lambda n: f"192.0.2.{n}", 30)])
def test_attempts_to_sign_in_are_counted_together(
    tries: list[int], address: Callable[[int], str], looked_at: int
) -> None:
    cache.clear()
    for number in range(30):
        fields = {"login": f"nobody{number}", "password": "a guess"}
        Client().post("/accounts/login/", fields, REMOTE_ADDR=address(number))

    assert len(tries) == looked_at
