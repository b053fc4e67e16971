"""Nobody makes this server ask for an address: no field is for one, and none that is typed is asked for."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.apps import apps
from django.db import models
from django.test import Client

from tests.marketdash.admin_forms import Page, one_of_each, pages
from tests.marketdash.test_hostile_requests import READS, WRITES, held_portfolio, owner  # noqa: F401 (fixture)
from tests.scoreboard import Score

pytestmark = pytest.mark.django_db(transaction=True)
FORMS = (
    "http://127.0.0.1:{port}/", "http://localhost:{port}/latest/meta-data/", "http://[::ffff:127.0.0.1]:{port}/",
    "http://2130706433:{port}/", "http://0x7f.1:{port}/", "//127.0.0.1:{port}/x", "ws://127.0.0.1:{port}/",
    "http://evil.example@127.0.0.1:{port}/", "redis://127.0.0.1:{port}/0", "file:///etc/passwd",
)  # fmt: skip
REBOUND = "http://rebound.evil.example:{port}/"


class Sink:
    """Counts who comes, and leads whoever does to itself."""

    def __init__(self) -> None:
        self.hits: list[bytes] = []
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                sink.hits.append(self.rfile.readline())
                self.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def test_the_sink_notices(sink: Sink) -> None:
    """And what our clients do with a redirect: nothing."""
    with httpx.Client(trust_env=False) as client:
        assert client.get(f"http://127.0.0.1:{sink.port}/first").status_code == 302
    assert sink.hits == [b"GET /first HTTP/1.1\r\n"]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names that were looked up, by a resolver that says this machine of each: what rebinding comes to."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **more: Any) -> Any:
        if not str(host).endswith(".example"):
            return real(host, *rest, **more)
        asked.append(str(host))
        return real("127.0.0.1", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_the_resolver_notices(sink: Sink, names: list[str]) -> None:
    with httpx.Client(trust_env=False) as client:
        client.get(REBOUND.format(port=sink.port))
    assert names == ["rebound.evil.example"] and len(sink.hits) == 1


def typed(page: Page, address: str) -> dict[str, str]:
    """What counts rows of a form stays, so that the others are read."""
    return {name: kept if name.endswith("_FORMS") else address for name, kept in page.fields.items()}


@pytest.mark.fault(
    "F49",
    "addresses of this machine, and a name that resolves to it, are put into all fields of the admin's forms",
    goal="0 hits on the sink, no name looked up",
)
def test_no_form_of_the_admin_asks(owner: Client, sink: Sink, names: list[str], score: Score) -> None:  # noqa: F811
    one_of_each()
    addresses = [each.format(port=sink.port) for each in (REBOUND, *FORMS)]
    forms = list(pages(owner))
    for address in addresses[: score.times(len(addresses), few=2)]:
        for page in forms:
            assert owner.post(page.path, typed(page, address)).status_code < 500, page.path
            score.runs += 1
    score.note("forms", len(forms), "")
    score.note("hits", len(sink.hits) + len(names), "")
    assert {"user", "group", "venue", "asset", "instrument", "backfill"} <= {
        page.path.split("/")[3] for page in forms
    }
    assert owner.get("/admin/").status_code == 200  # nothing of it signed the owner out
    assert (sink.hits, names) == ([], [])


def ours(model: type[models.Model]) -> bool:
    return model.__module__.startswith("marketdash.")


@pytest.mark.usefixtures("database")
def test_there_is_no_field_for_an_address() -> None:
    """Whoever adds one has to check what it leads to, where it is followed: the addresses of venues are the
    operator's, by environment."""
    fields = [(model, field) for model in apps.get_models() if ours(model) for field in model._meta.fields]
    assert len(fields) > 50
    named = [
        str(f)
        for _, f in fields
        if isinstance(f, models.URLField) or f.name.endswith(("url", "host", "hook"))
    ]
    assert named == []


@pytest.mark.fault(
    "F49", "addresses of this machine are put into every field of every form", goal="0 hits on the sink"
)
def test_no_address_that_is_typed_is_asked_for(owner: Client, sink: Sink, score: Score) -> None:  # noqa: F811
    key = held_portfolio()
    addresses = [each.format(port=sink.port) for each in FORMS]
    for number in range(score.times(100, few=2)):
        address = addresses[number % len(addresses)]
        for path, names in WRITES.items():
            owner.post(path.format(key=1, portfolio=key), dict.fromkeys(names, address))
            score.runs += 1
        for path, names in READS.items():
            owner.get(path.format(portfolio=key), dict.fromkeys(names, address))
            score.runs += 1
    score.note("hits", len(sink.hits), "")
    assert sink.hits == []
