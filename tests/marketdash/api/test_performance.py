"""Returns for bots: the page's, digit by digit; Alice's, and whom she shows them to."""

from __future__ import annotations

import re
import time
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import AsyncClient, Client

from marketdash.accounts import tokens
from marketdash.portfolios import actions
from marketdash.portfolios.equity.thinning import DAY, MINUTE_US
from marketdash.portfolios.models import EquityDay, EquityPast, EquityPoint, Portfolio
from marketdash.portfolios.words import shown
from tests.marketdash.api.test_portfolios import SCOPE, asked, made

__all__ = ["made"]
pytestmark = pytest.mark.django_db(transaction=True)


def _noted(held: Portfolio) -> None:
    """Three days from closes, one of them partial, and three minutes of now."""
    now = time.time_ns() // 1000 // MINUTE_US
    last = held.entries.latest("pk").pk
    for ago, total in ((2, "1000"), (1, "1250.000000000000000001"), (0, "1099.99")):
        of = {"total": Decimal(total), "partial": False, "entries": last}
        EquityPoint.objects.create(portfolio=held, base=held.base, minute=now - ago, **of)
    today = now // DAY
    for ago, total in ((3, "900"), (2, "5"), (1, "950")):
        EquityDay.objects.create(portfolio=held, day=today - ago, total=Decimal(total), partial=ago == 2)
    of = {"since": today - 3, "until": today, "coming": False, "tries": 0}
    EquityPast.objects.create(portfolio=held, base=held.base, entries=last, **of)


def _page(key: int, period: str) -> list[str]:
    client = Client()
    client.force_login(User.objects.get(username="alice"))
    html = client.get(f"/portfolios/{key}/?period={period}").content.decode()
    return re.findall(r'data-return="[^"]+">([^<]+)<', html)


async def test_each_period_is_the_page_s(async_client: AsyncClient, made: Any, bearer: Any) -> None:
    headers = await sync_to_async(bearer)(SCOPE)
    await sync_to_async(_noted)(made)

    rows = (await asked(async_client, f"portfolios/{made.pk}/performance", headers))["data"]

    assert [row["period"] for row in rows] == ["day", "week", "month", "year", "all"]
    for row in rows:
        names = ("time_weighted_pct", "money_weighted_pct", "drawdown_pct")
        told = [None if row[name] is None else Decimal(row[name]) for name in names]
        assert [shown.percent(value).text for value in told] == await sync_to_async(_page)(
            made.pk, row["period"]
        )
        unsaid = {name[:-4] for name, value in zip(names, told, strict=True) if value is None}
        assert set(row["why"]) == unsaid
    week = rows[1]
    assert (week["noted"], week["by_closes"], week["partial"], week["points"]) == (3, 3, 1, None)
    assert week["time_weighted_pct"].startswith("22.2211111111") and week["base"] == "USD"

    path = f"portfolios/{made.pk}/performance?period=week&points=true"
    (row,) = (await asked(async_client, path, headers))["data"]
    assert [each["total"] for each in row["points"]] == [
        *("900", "5", "950"),
        *("1000", "1250.000000000000000001", "1099.99"),
    ]
    assert [each["by_closes"] for each in row["points"]] == [True] * 3 + [False] * 3
    assert row["points"][1]["partial"] and row["until"] == row["points"][-1]["ts"]


async def test_what_was_never_noted_has_no_return(async_client: AsyncClient, made: Any, bearer: Any) -> None:
    headers = await sync_to_async(bearer)(SCOPE)

    path = f"portfolios/{made.pk}/performance?period=day&points=1"
    (row,) = (await asked(async_client, path, headers))["data"]

    assert row["from"] is None and row["time_weighted_pct"] is None and row["points"] == []
    assert row["why"] == dict.fromkeys(("time_weighted", "money_weighted", "drawdown"), "no time has passed")


async def test_bob_is_told_and_charlie_is_not(async_client: AsyncClient, made: Any, bearer: Any) -> None:
    secrets = {}
    for name in ("bob", "charlie"):
        user = await User.objects.acreate(username=name)
        _, secret = await sync_to_async(tokens.make)(user, "bot", [SCOPE])
        secrets[name] = {"Authorization": f"Bearer {secret}"}
    await sync_to_async(actions.share)(made, "bob")
    path = f"portfolios/{made.pk}/performance"

    assert len((await asked(async_client, path, secrets["bob"]))["data"]) == 5
    await asked(async_client, path, secrets["charlie"], 404)
    await asked(async_client, path, {}, 404)
    for scope in ("read:markets", "write:portfolios"):
        await asked(async_client, path, await sync_to_async(bearer_of)(scope), 403)
    for query in ("period=decade", "points=perhaps", "perod=day"):
        await asked(async_client, f"{path}?{query}", secrets["bob"], 422)


def bearer_of(scope: str) -> dict[str, str]:
    alice = User.objects.get(username="alice")
    return {"Authorization": f"Bearer {tokens.make(alice, 'bot', [scope])[1]}"}
