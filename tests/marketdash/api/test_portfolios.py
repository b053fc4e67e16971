"""Portfolios for bots: the page's numbers with all their digits; Alice's, and whom she shows them to."""

from __future__ import annotations

import csv
import io
import time
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import AsyncClient, Client

from marketdash import publish
from marketdash.accounts import tokens
from marketdash.instruments.assets import settle_all
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.models import Asset
from marketdash.portfolios import actions
from marketdash.portfolios.accounting.drafts import Draft, DraftLeg
from marketdash.portfolios.models import Portfolio

pytestmark = pytest.mark.django_db(transaction=True)
SCOPE = "read:portfolios"


def _made() -> Portfolio:
    """Of Alice: 2 of 3 BTC left of two lots, a fee, and 7 NEW without a market."""
    settle_all()
    for code in ("USD", "NEW"):
        Asset.objects.get_or_create(code=code)
    made = actions.create(User.objects.get(username="alice"), "Savings", "USD")
    key = actions.open_account(made, "Kraken").pk

    def leg(asset: str, amount: str, role: str = "principal") -> DraftLeg:
        return DraftLeg(key, asset, amount, role)

    kinds = (
        ("deposit", leg("USD", "1000")),
        ("buy", leg("BTC", "1"), leg("USD", "-100.5"), leg("USD", "-0.25", "fee")),
        ("buy", leg("BTC", "2"), leg("USD", "-300")),
        ("sell", leg("BTC", "-1"), leg("USD", "200")),
        ("airdrop", leg("NEW", "7")),
    )
    actions.record(made, [Draft(kind, at, key, legs) for at, (kind, *legs) in enumerate(kinds, 1)])
    return made


@pytest.fixture
async def made(rows: Any, bearer: Any) -> Portfolio:
    bid_and_ask = {"bid": "250", "ask": "250.5", "last": "250", "change": "50"}
    rows["ticker:KRAKEN:BTC/USD"] = publish.Row("live", "", 1_000_000, bid_and_ask)
    found = await sync_to_async(_made)()
    await catalogue.refresh()
    return found


async def asked(client: AsyncClient, path: str, headers: dict[str, str], status: int = 200) -> Any:
    answer = await client.get(f"/api/v1/{path}", headers=headers)
    assert answer.status_code == status, answer.content
    return answer.json()


async def test_it_is_worth_what_the_page_says(async_client: AsyncClient, made: Any, bearer: Any) -> None:
    headers = await sync_to_async(bearer)(SCOPE)

    (head,) = (await asked(async_client, "portfolios", headers))["data"]
    worth = (await asked(async_client, f"portfolios/{head['id']}", headers))["data"]

    assert (head["name"], head["base"], head["own"], head["owner"]) == ("Savings", "USD", True, "alice")
    assert (worth["total"], worth["state"]) == ("1299.75", "stale")
    assert worth["reason"] == "no market leads from NEW to USD" and worth["missing"] == ["NEW"]
    assert worth["realised"]["value"] == "99.5" and worth["fees"]["value"] == "-0.25"
    lines = {line["asset"]: line for line in worth["holdings"]}
    assert (lines["BTC"]["value"], lines["BTC"]["gain"], lines["BTC"]["day"]) == ("500.5", "200.5", "100.5")
    assert lines["BTC"]["weight"] == "0.385074052702442777457203"
    assert lines["NEW"]["value"] is None and lines["NEW"]["unknown"] == "7"
    assert 0 < time.time() * 1e6 - lines["BTC"]["ts_received"] < 60e6
    assert await sync_to_async(_file)(made.pk) == {
        name: [_text(line[field]) for field in ("quantity", "cost", "price", "value", "weight", "gain")]
        for name, line in lines.items()
    }


def _file(key: int) -> dict[str, list[str]]:
    client = Client()
    client.force_login(User.objects.get(username="alice"))
    answer = client.get(f"/portfolios/{key}/holdings.csv")
    names = ("quantity", "cost", "price", "value", "weight", "gain")
    rows = csv.DictReader(io.StringIO(answer.content.decode().removeprefix("\ufeff")))
    return {row["asset"]: [row[name] for name in names] for row in rows}


def _text(value: str | None) -> str:
    return "" if value is None else value


async def test_lots_go_by_the_method(async_client: AsyncClient, made: Any, bearer: Any) -> None:
    headers = await sync_to_async(bearer)(SCOPE)
    first = await asked(async_client, f"portfolios/{made.pk}/lots?asset=BTC", headers)
    await sync_to_async(actions.set_method)(made, "lifo")
    second = await asked(async_client, f"portfolios/{made.pk}/lots?asset=BTC", headers)

    assert [(lot["quantity"], lot["cost"], lot["opened"]) for lot in first["data"]] == [("2", "300", 3)]
    assert sorted((lot["quantity"], lot["cost"]) for lot in second["data"]) == [("1", "100.5"), ("1", "150")]


async def test_the_ledger_comes_in_pages(async_client: AsyncClient, made: Any, bearer: Any) -> None:
    headers = await sync_to_async(bearer)(SCOPE)
    kinds, after = [], 0
    while after is not None:
        page = await asked(async_client, f"portfolios/{made.pk}/entries?limit=2&after={after}", headers)
        kinds += [(each["kind"], [leg["amount"] for leg in each["legs"]]) for each in page["data"]]
        after = page["next"]

    assert kinds == [
        ("deposit", ["1000"]),
        ("buy", ["1", "-100.5", "-0.25"]),
        ("buy", ["2", "-300"]),
        ("sell", ["-1", "200"]),
        ("airdrop", ["7"]),
    ]


async def test_bob_sees_what_is_shown_to_him_and_charlie_nothing(
    async_client: AsyncClient, made: Any, bearer: Any
) -> None:
    secrets = {}
    for name in ("bob", "charlie"):
        user = await User.objects.acreate(username=name)
        _, secret = await sync_to_async(tokens.make)(user, "bot", [SCOPE])
        secrets[name] = {"Authorization": f"Bearer {secret}"}
    await sync_to_async(actions.share)(made, "bob")

    (head,) = (await asked(async_client, "portfolios", secrets["bob"]))["data"]
    assert (head["own"], head["owner"]) == (False, "alice")
    for path in ("", "/lots", "/entries"):
        await asked(async_client, f"portfolios/{made.pk}{path}", secrets["bob"])
        for headers in (secrets["charlie"], {}):
            nobodys = await asked(async_client, f"portfolios/{2**40}{path}", headers, 404)
            alices = await asked(async_client, f"portfolios/{made.pk}{path}", headers, 404)
            alices["errors"][0]["found"] = str(2**40)
            assert alices == nobodys
        await asked(
            async_client, f"portfolios/{made.pk}{path}", await sync_to_async(bearer)("read:markets"), 403
        )
    assert (await asked(async_client, "portfolios", secrets["charlie"]))["data"] == []


@pytest.mark.parametrize("path", ["0", "99999999999999999999999", "1/lots?aset=x", "1/entries?limit=0"])
async def test_what_is_no_question_is_refused(
    async_client: AsyncClient, made: Any, bearer: Any, path: str
) -> None:
    answer = await async_client.get(f"/api/v1/portfolios/{path}", headers=await sync_to_async(bearer)(SCOPE))
    assert answer.status_code in (404, 422) and answer.json()["errors"]
