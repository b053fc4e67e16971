"""The OpenAPI document walked as it is: each operation, each status it names, each answer held to its shape.

Whatever is not in the document may not be answered, and whatever it names has to be got somehow.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import AsyncClient

from marketdash import access, asgi
from marketdash.api import door
from marketdash.api.limits import BURST, Limiter
from marketdash.api.urls import api
from marketdash.portfolios.import_models import Import
from tests.marketdash.api import described
from tests.marketdash.api.described import Held

pytestmark = pytest.mark.django_db(transaction=True)
DOCUMENT = api.get_openapi_schema(path_prefix="/api/v1/")
OPERATIONS = [(verb, path) for path, verbs in DOCUMENT["paths"].items() for verb in verbs]
SYMBOL = {
    **dict.fromkeys(("tickers", "books", "trades", "candles"), described.SPOT),
    **dict.fromkeys(("marks", "funding", "liquidations"), described.PERPETUAL),
    **{"options": described.OPTION, "status": "KRAKEN"},
}
ASKED = {
    "watchlists": ("", "?name=Mine"),
    "instruments": ("", "?limit=1", "?kind=option"),
    "portfolios/{key}/lots": ("", "?asset=BTC"),
    "portfolios/{key}/performance": ("", "?period=week&points=true"),
    "portfolios/{key}/imports/{pk}/rows": ("", "?fate=refused&limit=1"),
    **{name: ("", f"?symbol={symbol}") for name, symbol in SYMBOL.items() if name not in ("books", "trades")},
    **{name: (f"?symbol={SYMBOL[name]}",) for name in ("books", "trades", "candles", "liquidations")},
}
"""What else may be asked of it, and what has to be."""
BODIES = {"look": {"zone": 60}, "commit": {"leave_out": True}}
TIMES = re.compile(r"(ts(_\w+)?|time|recorded|opened|made|changed|from|until|acknowledged|next_at)$")


class Walk:
    """``held`` has a portfolio of all kinds of entries and an empty one, and a bot that may do everything."""

    def __init__(self, client: AsyncClient, held: Held) -> None:
        self.client, self.held = client, held
        self.seen: dict[tuple[str, str], set[int]] = {each: set() for each in OPERATIONS}

    async def call(self, verb: str, path: str, query: str = "", **more: Any) -> Any:
        """Held to the document."""
        key, pk = more.get("key", self.held.key), more.get("pk", self.held.looked)
        address = path.format(key=key, pk=pk) + query
        headers = more.get("headers", self.held.bearer)
        sent = more.get("sent") or body_of(path, self.held.account) if verb == "post" else {}
        answer = await getattr(self.client, verb)(address, headers=headers, **sent)
        self.check(verb, path, answer.status_code, answer.content)
        return json.loads(answer.content or b"null")

    def check(self, verb: str, path: str, status: int, content: bytes) -> None:
        said = f"{verb} {path} {status}"
        responses = DOCUMENT["paths"][path][verb]["responses"]
        assert status in responses, (said, content[:300])
        self.seen[verb, path].add(status)
        shape = responses[status].get("content", {}).get("application/json", {}).get("schema")
        if shape is None:
            assert content == b"", said
            return
        rates = path.endswith("/status")  # messages a second are measured: they are no prices
        body = json.loads(content, parse_float=float if rates else described.no_float)
        described.check_shape(DOCUMENT, shape, body, said)
        for name, value in described.leaves(body):
            assert described.is_plain(value), (said, name, value)
            if TIMES.match(name) and type(value) is int:
                assert described.FIRST_US <= value < described.LAST_US, (said, name, value)


def body_of(path: str, account: int) -> dict[str, Any]:
    if path.endswith("/imports"):
        return {"data": {"file": SimpleUploadedFile("t.csv", described.FILE), "account": str(account)}}
    body = BODIES.get(path.rsplit("/", 1)[-1], {})
    return {"data": json.dumps(body), "content_type": "application/json"}


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks is never too often: each look at the clock is a second later."""
    ticks = itertools.count()
    monkeypatch.setattr(door, "limiter", Limiter(clock=lambda: float(next(ticks))))


@pytest.fixture
async def walk(async_client: AsyncClient, rows: Any, bearer: Any, unhurried: None) -> Walk:
    async_client.raise_request_exception = False  # type: ignore[attr-defined]
    return Walk(async_client, await described.held(rows, bearer))


async def test_each_operation_answers_each_status_that_it_names_and_no_other(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for verb, path in OPERATIONS:
        await _refused(walk, verb, path, monkeypatch)
    for verb, path in sorted(OPERATIONS, key=_order):
        await _answered(walk, verb, path)

    named = {each: set(DOCUMENT["paths"][each[1]][each[0]]["responses"]) for each in OPERATIONS}
    missing = {each: named[each] - got for each, got in walk.seen.items() if named[each] != got}
    assert missing == {}


def _order(operation: tuple[str, str]) -> tuple[int, str]:
    """What changes something comes last, each by what the one before left."""
    verb, path = operation
    steps = ("/imports", "/look", "/commit", "/undo")
    at = next((at for at, step in enumerate(steps) if verb == "post" and path.endswith(step)), -1)
    return (9 if verb == "delete" else at), path


async def _refused(walk: Walk, verb: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await walk.call(verb, path, headers={"Authorization": "Bearer md_nobody"})
    await walk.call(verb, path, headers=walk.held.without)
    await walk.call(verb, path, "?nonsense=1")
    with monkeypatch.context() as patch:
        full = Limiter(clock=lambda: 0.0)
        full.charge(f"token {walk.held.token}", int(2 * BURST), 0.0)
        patch.setattr(door, "limiter", full)
        await walk.call(verb, path)
    with monkeypatch.context() as patch:
        patch.setattr(access, "bearer", _away)
        await walk.call(verb, path)
    await _not_here(walk, verb, path)
    if "requestBody" in DOCUMENT["paths"][path][verb]:
        walk.check(verb, path, *await _too_large(path))


def _away(shown: str) -> Any:
    raise OperationalError("the connection is closed")


async def _not_here(walk: Walk, verb: str, path: str) -> None:
    name = path.removeprefix("/api/v1/")
    if name in SYMBOL:
        await walk.call(verb, path, "?symbol=NOWHERE:X")
    if "{key}" in path:
        await walk.call(verb, path, key=2**40)
    if "{pk}" in path:
        await walk.call(verb, path, pk=2**40)
    if name == "portfolios/total":
        await walk.call(verb, path, headers=walk.held.nobody)


async def _too_large(path: str) -> tuple[int, bytes]:
    """Of the server itself: no view is asked."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    length = str(asgi.LARGEST_BODY_BYTES + 1).encode()
    scope = {"type": "http", "path": path, "headers": [(b"content-length", length)]}
    await asgi._bounded(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


async def _answered(walk: Walk, verb: str, path: str) -> None:
    name = path.removeprefix("/api/v1/")
    if "{pk}" in path:
        state = Import.DONE if verb == "delete" or not path.endswith("/undo") else Import.LOOKED
        await sync_to_async(lambda: Import.objects.filter(pk=walk.held.other).update(state=state))()
        await walk.call(verb, path, pk=walk.held.other)
    for query in ASKED.get(name, ("",)):
        await walk.call(verb, path, query, pk=walk.held.spare if verb == "delete" else walk.held.looked)
    if "{key}" in path and "{pk}" not in path and verb == "get":
        await walk.call(verb, path, key=walk.held.empty)


PAGED = [
    path
    for verb, path in OPERATIONS
    if "next"
    in described.resolved(DOCUMENT, DOCUMENT["paths"][path][verb]["responses"].get(200)).get("properties", {})
]


@pytest.mark.parametrize("path", PAGED)
async def test_pages_are_all_of_it_once_while_more_comes(walk: Walk, path: str) -> None:
    more: dict[str, Callable[[], Awaitable[None]]] = described.adding(walk.held)
    name = path.removeprefix("/api/v1/")
    whole = (await walk.call("get", path, "?limit=1000"))["data"]
    assert len(whole) >= 3 and len(PAGED) == 5
    parameters = {each["name"] for each in DOCUMENT["paths"][path]["get"]["parameters"]}
    (further,) = parameters & {"after", "before"}

    found, query = [], "?limit=1"
    while query:
        page = await walk.call("get", path, query)
        found += page["data"]
        assert len(page["data"]) <= 1 and len(found) < 100
        query = "" if page["next"] is None else f"?limit=1&{further}={page['next']}"
        if len(found) in (1, 2) and name in more:
            await more[name]()

    told = [json.dumps(each, sort_keys=True) for each in found]
    assert len(set(told)) == len(told)
    kept = [each for each in found if each in whole]
    assert kept == whole  # in the same order, whatever came between
    assert (len(found) > len(whole)) is (further == "after" and name in more)


def test_what_is_no_plain_number_would_be_seen() -> None:
    """Else nothing here could fail."""
    assert not any(map(described.is_plain, ("1E+3", "1e-8", "NaN", "-Infinity", "-0")))
    assert all(map(described.is_plain, ("0.00000001", "-12", "Euro", "", None, 5, "1E", "KRAKEN:BTC/USD")))
    with pytest.raises(AssertionError, match="1.5"):
        json.loads("[1.5]", parse_float=described.no_float)


def test_what_the_document_does_not_name_would_be_seen() -> None:
    answer = DOCUMENT["paths"]["/api/v1/portfolios"]["get"]["responses"][401]
    shape = answer["content"]["application/json"]["schema"]
    error = {"field": "", "expected": "", "found": ""}
    described.check_shape(DOCUMENT, shape, {"errors": [error]}, "")
    for wrong in ({"errors": [{**error, "more": 1}]}, {"errors": [], "more": 1}, {"errors": [{}]}, []):
        with pytest.raises(AssertionError):
            described.check_shape(DOCUMENT, shape, wrong, "")
