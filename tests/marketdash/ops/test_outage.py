"""A request that needs a database which is away says so, and that nothing was kept."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import AsyncClient, Client

from tests.fakes import read_only


@pytest.fixture(
    params=[OperationalError("connection refused"), read_only.refusal()], ids=["away", "read-only"]
)
def away(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: object) -> None:
        raise request.param

    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", refused)


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False, headers={"accept": "text/html"})


@pytest.mark.django_db
def test_a_page_says_that_the_database_is_away(client, away):
    client.cookies["sessionid"] = "somebody"
    answer = client.get("/portfolios/")

    assert answer.status_code == 503 and answer.headers["Retry-After"]
    assert "The database does not answer" in answer.text and "Nothing of what" not in answer.text


@pytest.mark.django_db
def test_what_was_sent_is_said_not_to_be_kept(client, away):
    answer = client.post("/accounts/login/", {"login": "ann", "password": "of ann"})

    assert answer.status_code == 503
    assert "Nothing of what you just sent was kept" in answer.text


@pytest.mark.django_db
def test_bots_are_answered_in_the_form_of_all_errors(away):
    bot = Client(raise_request_exception=False, headers={"authorization": "Bearer md_nothing"})
    answer = bot.get("/api/v1/portfolios")

    assert answer.status_code == 503
    assert answer.json()["errors"][0]["field"] == "database"


@pytest.mark.django_db
def test_anything_else_stays_an_error_of_ours(client, monkeypatch):
    def broken(self: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", broken)
    client.cookies["sessionid"] = "somebody"
    answer = client.get("/portfolios/")

    assert answer.status_code == 500 and "Something broke" in answer.text


@pytest.mark.django_db(transaction=True)
async def test_behind_a_real_server_it_is_the_same(away):
    client = AsyncClient(raise_request_exception=False, headers={"accept": "text/html"})
    client.cookies["sessionid"] = "somebody"

    assert (await client.get("/portfolios/")).status_code == 503
