"""Each operation, asked with each scope by whoever there is: the answers stand in a table written by hand.

They follow from ``docs/rest.md``: a token is good for its scopes alone, a portfolio for its owner and for
those whom it is shown to, imports for their owner.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient

from marketdash import access
from marketdash.accounts import tokens
from marketdash.accounts.models import Token
from marketdash.api import door
from marketdash.api.urls import api
from marketdash.portfolios import actions
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.models import Entry, Portfolio
from tests.marketdash.api import described

pytestmark = pytest.mark.django_db(transaction=True)
MARKETS, STATUS, LISTS = "read:markets", "read:status", "read:watchlists"
READ, WRITE = "read:portfolios", "write:portfolios"
ALL = {MARKETS, STATUS, LISTS, READ, WRITE}
ONE, IMPORT = "portfolios/{key}", "portfolios/{key}/imports/{pk}"


class Told(NamedTuple):
    """With the scope that it needs: to the owner, to whom it is shown, to a stranger."""

    scope: str
    owner: int
    viewer: int
    stranger: int


def everybody(scope: str) -> Told:
    return Told(scope, 200, 200, 200)


TABLE = {
    ("get", "instruments"): everybody(MARKETS),
    ("get", "tickers"): everybody(MARKETS),
    ("get", "books"): everybody(MARKETS),
    ("get", "trades"): everybody(MARKETS),
    ("get", "marks"): everybody(MARKETS),
    ("get", "funding"): everybody(MARKETS),
    ("get", "liquidations"): everybody(MARKETS),
    ("get", "options"): everybody(MARKETS),
    ("get", "candles"): everybody(MARKETS),
    ("get", "status"): everybody(STATUS),
    ("get", "watchlists"): everybody(LISTS),
    ("get", "portfolios"): everybody(READ),
    ("get", "portfolios/total"): Told(READ, 200, 404, 404),
    ("get", ONE): Told(READ, 200, 200, 404),
    ("get", f"{ONE}/lots"): Told(READ, 200, 200, 404),
    ("get", f"{ONE}/fills"): Told(READ, 200, 200, 404),
    ("get", f"{ONE}/entries"): Told(READ, 200, 200, 404),
    ("get", f"{ONE}/performance"): Told(READ, 200, 200, 404),
    ("get", f"{ONE}/imports"): Told(READ, 200, 403, 404),
    ("get", IMPORT): Told(READ, 200, 403, 404),
    ("get", f"{IMPORT}/rows"): Told(READ, 409, 403, 404),
    ("post", f"{ONE}/imports"): Told(WRITE, 422, 403, 404),
    ("post", f"{IMPORT}/look"): Told(WRITE, 409, 403, 404),
    ("post", f"{IMPORT}/commit"): Told(WRITE, 409, 403, 404),
    ("post", f"{IMPORT}/undo"): Told(WRITE, 409, 403, 404),
    ("delete", IMPORT): Told(WRITE, 409, 403, 404),
}
"""The file that is asked for is being imported: nothing can be done with it, and its owner is told so."""
SYMBOLS = {
    **dict.fromkeys(("books", "trades", "candles"), described.SPOT),
    "liquidations": described.PERPETUAL,
}


class Bots:
    """A token for each scope alone, by who has it."""

    def __init__(self, client: AsyncClient, key: int, pk: int, empty: int) -> None:
        self.client, self.key, self.pk, self.empty = client, key, pk, empty
        self.held: dict[tuple[str, str], dict[str, str]] = {}

    def given(self, who: str, user: User) -> None:
        for scope in access.SCOPES:
            secret = tokens.make(user, "bot", [scope])[1]
            self.held[who, scope] = {"Authorization": f"Bearer {secret}"}

    async def ask(self, verb: str, name: str, headers: dict[str, str]) -> tuple[int, Any]:
        query = f"?symbol={SYMBOLS[name]}" if name in SYMBOLS else ""
        sent: dict[str, Any] = {}
        if verb == "post":
            sent = {"data": "{}", "content_type": "application/json"}
            if name.endswith("/imports"):
                sent = {"data": {"file": SimpleUploadedFile("t.csv", b"x"), "account": "0"}}
        address = f"/api/v1/{name.format(key=self.key, pk=self.pk)}{query}"
        answer = await getattr(self.client, verb)(address, headers=headers, **sent)
        return answer.status_code, json.loads(answer.content)


@pytest.fixture
async def bots(async_client: AsyncClient, rows: Any, bearer: Any, monkeypatch: pytest.MonkeyPatch) -> Bots:
    monkeypatch.setattr(door.limiter, "count", lambda who: None)
    held = await described.held(rows, bearer)

    def made() -> Bots:
        found = Bots(async_client, held.key, held.looked, held.empty)
        Import.objects.filter(pk=held.looked).update(state=Import.RUNNING)
        actions.share(Portfolio.objects.get(pk=held.key), User.objects.create_user("bob").username)
        people = {"owner": "alice", "viewer": "bob", "stranger": "nobody"}
        for who, name in people.items():
            found.given(who, User.objects.get(username=name))
        return found

    return await sync_to_async(made)()


def test_the_table_has_each_operation_and_each_scope() -> None:
    paths = api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
    operations = {(verb, path.removeprefix("/api/v1/")) for path, verbs in paths.items() for verb in verbs}

    assert TABLE.keys() == operations
    assert access.SCOPES.keys() == ALL == {told.scope for told in TABLE.values()}


async def test_each_scope_opens_what_it_says_to_whom_it_may_be_opened(bots: Bots) -> None:
    before = await sync_to_async(_kept)()
    wrong = []
    for (verb, name), told in TABLE.items():
        for (who, scope), headers in bots.held.items():
            expected = getattr(told, who) if scope == told.scope else 403
            status, body = await bots.ask(verb, name, headers)
            by_scope = status == 403 and body["errors"][0]["field"] == "Authorization"
            if status != expected or by_scope is (scope == told.scope):
                wrong.append((verb, name, who, scope, status, expected, body))

    assert wrong == []
    assert await sync_to_async(_kept)() == before


def _kept() -> list[Any]:
    rows = Import.objects.order_by("pk").values_list("pk", "state")
    return [*rows, Entry.objects.count(), Portfolio.objects.count()]


async def test_a_revoked_token_opens_nothing_whatever_its_scopes(bots: Bots) -> None:
    await sync_to_async(lambda: tokens.revoke(Token.objects.all()))()
    await _all_are(bots, 401, "token: revoked on")


async def test_whose_account_is_closed_has_no_token_and_shows_nothing_to_others(bots: Bots) -> None:
    await User.objects.filter(username="alice").aupdate(is_active=False)
    await _all_are(bots, 401, "token: its account is closed", "owner")

    for (verb, name), told in TABLE.items():
        status, _ = await bots.ask(verb, name, bots.held["viewer", told.scope])
        assert status == told.stranger, (verb, name)
    _, body = await bots.ask("get", "portfolios", bots.held["viewer", READ])
    assert body["data"] == []


async def _all_are(bots: Bots, status: int, words: str, only: str = "") -> None:
    for verb, name in TABLE:
        for (who, scope), headers in bots.held.items():
            if only in ("", who):
                found, body = await bots.ask(verb, name, headers)
                assert found == status, (verb, name, who, scope)
                assert body["errors"][0]["found"].startswith(words)


async def test_what_a_stranger_is_told_is_what_he_is_told_of_nothing(bots: Bots) -> None:
    key, pk = bots.key, bots.pk
    for (verb, name), told in TABLE.items():
        if told.stranger != 404 or "{key}" not in name:
            continue
        headers = bots.held["stranger", told.scope]
        bots.key, bots.pk = key, pk
        there = await bots.ask(verb, name, headers)
        bots.key, bots.pk = 2**40, 2**40
        nowhere = await bots.ask(verb, name, headers)
        assert json.dumps(there).replace(str(key), "") == json.dumps(nowhere).replace(str(2**40), ""), name


async def test_a_file_is_found_in_its_own_portfolio_alone(bots: Bots) -> None:
    bots.key = bots.empty  # of the same owner
    for (verb, name), told in TABLE.items():
        if "{pk}" in name:
            status, body = await bots.ask(verb, name, bots.held["owner", told.scope])
            assert (status, body["errors"][0]["field"]) == (404, "import"), (verb, name)


async def test_a_visitor_has_markets_where_they_are_public_and_nothing_of_anybody(bots: Bots) -> None:
    for (verb, name), told in TABLE.items():
        status, body = await bots.ask(verb, name, {})
        assert status == told.stranger, (verb, name, body)
        if name in ("portfolios", "watchlists"):
            assert body["data"] == []
