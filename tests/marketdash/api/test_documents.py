"""The OpenAPI document, its page, the examples of ``docs/rest.md``; and requests that nobody would write."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from marketdash import access, publish
from marketdash.api import door
from marketdash.api.urls import api
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.models import Instrument, Venue

pytestmark = pytest.mark.django_db(transaction=True)
REST = Path(__file__).parents[3] / "docs" / "rest.md"
OPERATIONS = (
    *("instruments", "tickers", "books", "trades", "candles", "status", "watchlists"),
    *("marks", "funding", "liquidations", "options"),
    *("portfolios", "portfolios/total", "portfolios/{key}", "portfolios/{key}/lots"),
    *("portfolios/{key}/entries", "portfolios/{key}/fills"),
    *("portfolios/{key}/performance", "portfolios/{key}/imports"),
    *("portfolios/{key}/imports/{pk}", "portfolios/{key}/imports/{pk}/rows"),
)
CHANGES = {
    "portfolios/{key}/imports": "post",
    "portfolios/{key}/imports/{pk}": "delete",
    **{f"portfolios/{{key}}/imports/{{pk}}/{what}": "post" for what in ("look", "commit", "undo")},
}
"""What changes something."""


def test_the_document_describes_each_operation_and_its_errors() -> None:
    document = Client().get("/api/v1/openapi.json").json()

    assert document["openapi"].startswith("3.1")
    assert sorted(document["paths"]) == sorted(f"/api/v1/{name}" for name in {*OPERATIONS, *CHANGES})
    assert document["components"]["securitySchemes"]["Door"] == {"type": "http", "scheme": "bearer"}
    for path, methods in document["paths"].items():
        name = path.removeprefix("/api/v1/")
        reads, writes = ["get"] * (name in OPERATIONS), [CHANGES[name]] if name in CHANGES else []
        assert sorted(methods) == sorted([*reads, *writes]), path
        for verb, each in methods.items():
            states = set(each["responses"]) - {"404", "409", "413"}  # test_described.py gets each of them
            assert states & {"200", "201", "204"} and states >= {"401", "403", "422", "429", "503"}, path
            assert len(states) == 6 and each["description"], (path, verb)
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_the_document_is_made_once() -> None:
    assert api.get_openapi_schema() is api.get_openapi_schema()


def test_its_page_lists_them_and_needs_nothing_from_elsewhere() -> None:
    text = Client().get("/api/v1/docs").content.decode()

    for name in OPERATIONS:
        assert f"/api/v1/{name}" in text
    assert not re.search(r'(?:src|href)="https?://', text)


def test_the_words_name_each_operation_and_each_scope() -> None:
    text = REST.read_text(encoding="utf-8")

    for name in (*(f"/api/v1/{name}" for name in (*OPERATIONS, *CHANGES)), *access.SCOPES):
        assert f"`{name}`" in text, name


async def test_the_examples_work_as_written(async_client: AsyncClient, rows: Any, bearer: Any) -> None:
    futures = await Venue.objects.acreate(name="BINANCE_USDM", title="Binance USD-M")
    await Instrument(
        venue=futures, native="BTCUSDT", kind="perpetual", base="BTC", quote="USDT", enabled=True
    ).asave()
    await catalogue.refresh()
    examples = re.findall(r"^curl (.+)$", REST.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(examples) >= len([name for name in OPERATIONS if "{" not in name])
    for example in examples:
        words = shlex.split(example)
        address = urlsplit(next(word for word in words if word.startswith("http")))
        assert "-g" in words or not set("[]{}") & set(example)
        answer = await async_client.get(f"{address.path}?{address.query}")
        assert answer.status_code == 200, (example, answer.content)
        assert json.loads(answer.content)["data"] is not None


NAMES = sorted(
    {
        parameter["name"]
        for operation in OPERATIONS
        for parameter in api.get_openapi_schema(path_prefix="/api/v1/")["paths"][f"/api/v1/{operation}"][
            "get"
        ]["parameters"]
    }
)
VALUES = st.one_of(
    st.text(max_size=120),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(["KRAKEN:BTC/USD", "10", "1", "", "\x00", "null", "9" * 5000, "１０", "KRAKEN", "1_0"]),
)


@limits(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    operation=st.sampled_from(OPERATIONS),
    query=st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), st.text(max_size=20)), VALUES), max_size=6),
)
def test_no_request_breaks_the_server(fuzzed: Client, operation: str, query: list[tuple[str, str]]) -> None:
    written = urlencode(query, quote_via=quote, errors="surrogatepass")

    answer = fuzzed.get(f"/api/v1/{operation}?{written}")

    assert answer.status_code in (200, 401, 404, 422), (answer.status_code, query)
    if answer.status_code != 200:
        assert all(set(error) == {"field", "expected", "found"} for error in answer.json()["errors"])


@pytest.fixture
def fuzzed(transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Client]:
    settings.PUBLIC_MARKETS = True
    venue = Venue.objects.create(name="KRAKEN", title="Kraken")
    Instrument(venue=venue, native="BTC/USD", base="BTC", quote="USD", tick_size="0.1", enabled=True).save()

    async def nothing(topics: Iterable[str], timeout_s: float) -> dict[str, publish.Row]:
        return {}

    monkeypatch.setattr(publish, "read", nothing)
    monkeypatch.setattr(door.limiter, "count", lambda who: None)
    async_to_sync(catalogue.refresh)()
    yield Client(raise_request_exception=False)
    Instrument.objects.all().delete()
    async_to_sync(catalogue.refresh)()
