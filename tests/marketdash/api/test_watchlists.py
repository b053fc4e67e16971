"""Watchlists for bots: Alice's are Alice's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import AsyncClient

from marketdash.accounts import tokens
from marketdash.dashboards import actions
from marketdash.dashboards.models import Watchlist

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def listed(rows: Any) -> AsyncIterator[None]:
    """Ends before the instruments do, which lists protect."""
    yield
    await Watchlist.objects.all().adelete()


def made_lists(alice: User) -> None:
    actions.add(actions.create(alice, "Alice alone"), ["KRAKEN:ETH/USD", "KRAKEN:BTC/USD"])
    actions.create(None, "House")


async def test_a_token_reads_its_owners_lists_in_order(
    async_client: AsyncClient, listed: None, bearer: Any
) -> None:
    await sync_to_async(made_lists)(await User.objects.aget(username="alice"))

    answer = await async_client.get(
        "/api/v1/watchlists", headers=await sync_to_async(bearer)("read:watchlists")
    )

    mine, house = answer.json()["data"]
    assert (mine["name"], mine["shared"]) == ("Alice alone", False)
    assert mine["symbols"] == ["KRAKEN:ETH/USD", "KRAKEN:BTC/USD"]
    named = await async_client.get("/api/v1/watchlists?name=House")
    assert [each["name"] for each in named.json()["data"]] == ["House"]
    assert (house["name"], house["shared"], house["symbols"]) == ("House", True, [])


async def test_another_scope_charlie_and_visitors_do_not(
    async_client: AsyncClient, listed: None, bearer: Any
) -> None:
    await sync_to_async(made_lists)(await User.objects.aget(username="alice"))
    charlie = await User.objects.acreate(username="charlie")
    _, secret = await sync_to_async(tokens.make)(charlie, "bot", ["read:watchlists"])

    other = await async_client.get("/api/v1/watchlists", headers=await sync_to_async(bearer)("read:markets"))
    assert other.status_code == 403
    for headers in ({"Authorization": f"Bearer {secret}"}, {}):
        answer = await async_client.get("/api/v1/watchlists", headers=headers)
        assert [each["name"] for each in answer.json()["data"]] == ["House"]


async def test_a_misspelt_parameter_is_an_error(async_client: AsyncClient, listed: None) -> None:
    assert (await async_client.get("/api/v1/watchlists?nmae=x")).status_code == 422
