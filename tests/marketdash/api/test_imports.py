"""Files that bots bring: looked at, recorded, taken back; by who owns the portfolio, with a scope for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient

from marketdash.accounts import tokens
from marketdash.portfolios import actions
from marketdash.portfolios.importing import committing
from marketdash.portfolios.imports import sheets
from marketdash.portfolios.models import Entry, Portfolio
from tests.marketdash.api.test_performance import bearer_of
from tests.marketdash.api.test_portfolios import made

__all__ = ["made"]
pytestmark = pytest.mark.django_db(transaction=True)
READ, WRITE = "read:portfolios", "write:portfolios"
LEDGER = (
    b'"txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"\n'
    b'"L1","R1","2026-01-02 10:00:00","deposit","","currency","USD","500","0","500"\n'
    b'"L2","R2","2026-01-03 10:00:00","trade","","currency","USD","-100","0.2","399.8"\n'
    b'"L3","R2","2026-01-03 10:00:00","trade","","currency","BTC","0.001","0","0.001"\n'
    b'"L4","R3","2026-01-04 10:00:00","deposit","","currency","QQQ","5","0","5"\n'
)


class Bot:
    """With a token of each scope, as somebody who wants to read and write needs."""

    def __init__(self, client: AsyncClient, held: Portfolio, name: str = "alice") -> None:
        self.client, self.path, self.name = client, f"/api/v1/portfolios/{held.pk}/imports", name

    def headers(self, scope: str) -> dict[str, str]:
        if self.name == "alice":
            return bearer_of(scope)
        if not self.name:
            return {}
        user, _ = User.objects.get_or_create(username=self.name)
        return {"Authorization": f"Bearer {tokens.make(user, 'bot', [scope])[1]}"}

    async def get(self, path: str = "", status: int = 200, scope: str = READ) -> Any:
        headers = await sync_to_async(self.headers)(scope)
        return _told(await self.client.get(self.path + path, headers=headers), status)

    async def send(
        self, verb: str, path: str = "", body: Any = None, status: int = 200, scope: str = WRITE
    ) -> Any:
        headers = await sync_to_async(self.headers)(scope)
        more = {} if body is None else {"data": body, "content_type": "application/json"}
        if isinstance(body, dict) and "file" in body:
            more = {"data": body}
        return _told(await getattr(self.client, verb)(self.path + path, headers=headers, **more), status)

    async def bring(self, account: int, content: bytes = LEDGER, status: int = 201) -> Any:
        file = SimpleUploadedFile("ledgers.csv", content)
        return await self.send("post", "", {"file": file, "account": str(account)}, status)


def _told(answer: Any, status: int) -> Any:
    assert answer.status_code == status, (answer.status_code, answer.content)
    assert answer["Cache-Control"] == "no-store"
    return json.loads(answer.content) if answer.content else None


@pytest.fixture
async def bot(async_client: AsyncClient, made: Any) -> Bot:
    return Bot(async_client, made)


async def account(held: Portfolio) -> int:
    found = await held.accounts.afirst()
    assert found is not None
    return found.pk


async def test_a_file_is_looked_at_recorded_and_taken_back(bot: Bot, made: Any) -> None:
    before = await Entry.objects.acount()
    found = (await bot.bring(await account(made)))["data"]
    path = f"/{found['id']}"

    assert (found["state"], found["format"], found["file"]) == ("looked", "kraken-ledgers", "ledgers.csv")
    assert (found["new"], found["duplicates"], found["refused"]) == (2, 0, 1)
    assert found["unknown_codes"] == [{"code": "QQQ", "rows": 1}]
    assert found["uncosted"] == {"entries": 0, "deposited": 0, "asked": 0, "nobody": 0, "assets": []}
    assert await Entry.objects.acount() == before
    fates = (await bot.get(f"{path}/rows"))["data"]
    assert [each["line"] for each in fates] == [2, 3, 4, 5]
    assert [each["fate"] for each in fates] == ["new", "new", "new", "refused"]
    page = await bot.get(f"{path}/rows?limit=3&after=1")
    assert ([each["line"] for each in page["data"]], page["next"]) == ([3, 4, 5], None)
    assert [each["code"] for each in (await bot.get(f"{path}/rows?fate=refused"))["data"]] == ["QQQ"]

    refused = await bot.send("post", f"{path}/commit", {}, 422)
    assert refused["errors"][0]["field"] == "leave_out"
    again = (await bot.send("post", f"{path}/look", {"codes": {"QQQ": "NEW"}, "zone": 60}))["data"]
    assert (again["new"], again["refused"], again["zone"]) == (3, 0, 60)
    assert again["uncosted"]["deposited"] == 1
    done = (await bot.send("post", f"{path}/commit", {}))["data"]
    assert (done["state"], done["new"], await Entry.objects.acount()) == ("done", 3, before + 3)
    assert (await bot.send("post", f"{path}/commit", {}, 409))["errors"][0]["found"] == "done"
    assert (await bot.get(f"{path}/rows", 409))["errors"][0]["field"] == "import"
    twice = (await bot.bring(await account(made)))["data"]
    assert (twice["new"], twice["duplicates"]) == (0, 2)
    await bot.send("delete", f"/{twice['id']}", status=204)
    await bot.get(f"/{twice['id']}", 404)

    undone = (await bot.send("post", f"{path}/undo"))["data"]
    assert undone["state"] == "undone" and (await bot.get(path))["data"]["state"] == "undone"
    (row,) = (await bot.get())["data"]
    assert row["id"] == found["id"]


async def test_what_nobody_knows_is_kept_where_somebody_says_so(bot: Bot, made: Any) -> None:
    found = (await bot.bring(await account(made)))["data"]
    path = f"/{found['id']}"

    again = (await bot.send("post", f"{path}/look", {"keep": True}))["data"]

    assert (again["new"], again["unknown_codes"], again["kept_codes"]) == (3, [], ["QQQ"])
    assert (await bot.send("post", f"{path}/commit", {}))["data"]["new"] == 3


async def test_a_long_one_goes_on_after_the_answer(bot: Bot, made: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(committing, "SHORT", 1)
    found = (await bot.bring(await account(made)))["data"]

    going = (await bot.send("post", f"/{found['id']}/commit", {"leave_out": True}))["data"]
    await sync_to_async(committing.work_due)()

    assert (going["state"], going["done"], going["found"]) == ("running", 0, 2)
    assert (await bot.get(f"/{found['id']}"))["data"]["state"] == "done"


async def test_reading_and_writing_are_two_scopes(bot: Bot, made: Any) -> None:
    found = (await bot.bring(await account(made)))["data"]
    path = f"/{found['id']}"

    await bot.get("", 403, WRITE)
    await bot.get(path, 403, WRITE)
    for at in ("", f"{path}/look", f"{path}/commit", f"{path}/undo"):
        refused = await bot.send("post", at, {}, 403, READ)
        assert refused["errors"][0]["expected"] == f"a token with the scope {WRITE}"
    await bot.send("delete", path, None, 403, READ)
    assert (await bot.get(path))["data"]["state"] == "looked"


@pytest.mark.parametrize(("name", "status"), [("bob", 403), ("charlie", 404), ("", 404)])
async def test_nobody_else_brings_or_sees_files(bot: Bot, made: Any, name: str, status: int) -> None:
    await User.objects.acreate(username="bob")
    await sync_to_async(actions.share)(made, "bob")
    found = (await bot.bring(await account(made)))["data"]
    other, path = Bot(bot.client, made, name), f"/{found['id']}"

    for at in ("", path, f"{path}/rows"):
        await other.get(at, status)
    await other.bring(await account(made), status=status)
    for at in ("look", "commit", "undo"):
        await other.send("post", f"{path}/{at}", {}, status)
    await other.send("delete", path, None, status)
    assert (await bot.get(path))["data"]["state"] == "looked"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"zone": 100_000}, "zone"),
        ({"zone": 7}, "zone"),
        ({"format": "of nobody"}, "format"),
        ({"account": 2**50}, "account"),
        ({"codes": {"A": 5}}, "codes"),
        ("{", "body"),
    ],
)
async def test_what_cannot_be_meant_names_its_field(bot: Bot, made: Any, body: Any, field: str) -> None:
    found = (await bot.bring(await account(made)))["data"]

    answer = await bot.send("post", f"/{found['id']}/look", body, 422)

    assert answer["errors"][0]["field"] in (field, "A"), answer
    assert all(set(each) == {"field", "expected", "found"} for each in answer["errors"])


async def test_a_file_that_is_none_is_refused(bot: Bot, made: Any, monkeypatch: Any) -> None:
    key = await account(made)
    for content, field in ((b"", "file"), (b"\0\1\2", "file"), (b"just one line", "file")):
        assert (await bot.bring(key, content, 422))["errors"][0]["field"] == field
    assert (await bot.bring(2**40, status=422))["errors"][0]["field"] == "account"
    monkeypatch.setattr(sheets, "MOST_BYTES", 10)
    assert "MiB" in (await bot.bring(key, status=422))["errors"][0]["expected"]
    assert (await bot.send("post", "", {"account": "1"}, 422))["errors"]
    await bot.get("/0", 404)
    await bot.get("/99999999999999999999", 404)


async def test_a_session_needs_the_csrf_token(made: Any) -> None:
    browser = AsyncClient(enforce_csrf_checks=True)
    await browser.aforce_login(await User.objects.aget(username="alice"))
    path = f"/api/v1/portfolios/{made.pk}/imports"
    sent = {"file": SimpleUploadedFile("t.csv", LEDGER), "account": str(await account(made))}

    answer = await browser.post(path, sent)

    assert answer.status_code == 403 and answer.json()["errors"][0]["field"] == "X-CSRFToken"
    assert (await browser.get(path)).json()["data"] == []
