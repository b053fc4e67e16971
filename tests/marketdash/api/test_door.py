"""Who may ask: a session, a token for its scopes, a visitor where markets are public; and how often."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import AsyncClient, Client

from marketdash.accounts import tokens
from marketdash.accounts.models import Token
from marketdash.api import door
from marketdash.api.limits import BURST, Limiter
from marketdash.api.problems import Problem

pytestmark = pytest.mark.django_db(transaction=True)


async def error_of(client: AsyncClient, path: str, status: int, **headers: str) -> dict[str, str]:
    answer = await client.get(f"/api/v1/{path}", headers=headers)
    assert answer.status_code == status, answer.content
    if status == 401:
        assert answer["WWW-Authenticate"].startswith("Bearer")
    return json.loads(answer.content)["errors"][0]


async def test_visitors_come_in_only_where_markets_are_public(
    async_client: AsyncClient, rows: Any, settings: Any
) -> None:
    assert (await async_client.get("/api/v1/tickers")).status_code == 200
    settings.PUBLIC_MARKETS = False

    said = await error_of(async_client, "tickers", 401)

    assert said == {
        "field": "Authorization",
        "expected": "a session, or Bearer and a token",
        "found": "nothing",
    }


async def test_a_session_and_a_token_come_in_where_visitors_do_not(
    async_client: AsyncClient, rows: Any, settings: Any, bearer: Any
) -> None:
    settings.PUBLIC_MARKETS = False
    headers = await sync_to_async(bearer)("read:markets")

    assert (await async_client.get("/api/v1/tickers", headers=headers)).status_code == 200
    await async_client.aforce_login(await User.objects.aget(username="alice"))
    assert (await async_client.get("/api/v1/tickers")).status_code == 200


async def test_a_token_is_good_for_its_scopes(async_client: AsyncClient, rows: Any, bearer: Any) -> None:
    headers = await sync_to_async(bearer)("read:status")

    assert (await async_client.get("/api/v1/status", headers=headers)).status_code == 200
    said = await error_of(async_client, "tickers", 403, **headers)
    assert (said["expected"], said["found"]) == ("a token with the scope read:markets", "read:status")


async def test_a_revoked_token_is_refused_at_once_and_says_so_whatever_cookie_comes_with_it(
    async_client: AsyncClient, rows: Any, bearer: Any
) -> None:
    headers = await sync_to_async(bearer)("read:markets")
    await async_client.aforce_login(await User.objects.aget(username="alice"))
    assert (await async_client.get("/api/v1/tickers", headers=headers)).status_code == 200

    await sync_to_async(lambda: tokens.revoke(Token.objects.all()))()

    assert (await error_of(async_client, "tickers", 401, **headers))["found"].startswith("token: revoked on")
    assert (await error_of(async_client, "tickers", 401, Authorization="Basic x"))["field"] == "Authorization"


async def test_a_token_in_the_address_is_refused(async_client: AsyncClient, rows: Any) -> None:
    assert "never in an address" in (await error_of(async_client, "tickers?token=md_x", 401))["found"]


async def test_who_asks_too_often_waits_and_nobody_else_does(async_client: AsyncClient, rows: Any) -> None:
    for _ in range(int(BURST)):
        door.limiter.count("address 127.0.0.1")

    answer = await async_client.get("/api/v1/tickers")

    assert (answer.status_code, answer["Retry-After"]) == (429, "1")
    await async_client.aforce_login(await User.objects.acreate(username="bob"))
    assert (await async_client.get("/api/v1/tickers")).status_code == 200


@pytest.mark.parametrize(
    ("counted", "same", "other"),
    [
        ("2001:db8:1:2::/64", "2001:db8:1:2:ffff::7", "2001:db8:1:3::7"),
        ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
        ("192.0.2.7", "::ffff:192.0.2.7", "::ffff:192.0.2.8"),
    ],
)
async def test_a_visitor_is_counted_by_an_address_or_the_64_of_it(
    rows: Any, counted: str, same: str, other: str
) -> None:
    for _ in range(int(BURST)):
        door.limiter.count(f"address {counted}")
    ask = sync_to_async(Client().get)

    assert (await ask("/api/v1/tickers", REMOTE_ADDR=same)).status_code == 429
    assert (await ask("/api/v1/tickers", REMOTE_ADDR=other)).status_code == 200


def test_a_bucket_fills_again() -> None:
    now = [0.0]
    limiter = Limiter(clock=lambda: now[0])
    for _ in range(int(BURST)):
        limiter.count("bot")
    with pytest.raises(Problem):
        limiter.count("bot")

    now[0] = 0.05

    limiter.count("bot")
    with pytest.raises(Problem):
        limiter.count("bot")
