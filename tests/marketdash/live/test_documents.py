"""What the documents promise: the schema is the code's, and the clients of a page each work."""

from __future__ import annotations

import asyncio
import functools
import http.server
import importlib.util
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from marketdash.live import asyncapi, client, server_frames
from marketdash.ops.preflight import free_port
from tests import socket_site
from tests.e2e.conftest import chromium  # noqa: F401 (a fixture)
from tests.fakes.waiting import wait_until
from tests.socket_site import SYMBOLS, SocketSite

DOCS = Path(__file__).parents[3] / "docs"
BTC = SYMBOLS[0]
PAGES = free_port()


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[SocketSite]:
    folder, trusted = tmp_path_factory.mktemp("documents"), f"http://127.0.0.1:{PAGES}"
    with socket_site.running(folder, "uvicorn", CSRF_TRUSTED_ORIGINS=trusted) as running:
        yield running


def test_the_asyncapi_document_is_current():
    assert (DOCS / "asyncapi.json").read_text(encoding="utf-8") == asyncapi.text()


def test_every_close_code_is_explained():
    text = (DOCS / "websocket.md").read_text(encoding="utf-8")

    for closing in (client.SIGNED_OUT, client.ACKNOWLEDGE, client.TOO_MANY, client.FLOOD):
        assert f"| {closing.code} |" in text


def test_golden_frames_are_frames_of_the_schema():
    for file in (Path(__file__).parents[2] / "contract").glob("*.json"):
        for scenario in json.loads(file.read_text())["scenarios"]:
            for frame in scenario["frames"]:
                kind = server_frames.Heartbeat if frame["type"] == "heartbeat" else server_frames.Frame
                msgspec.convert(frame, kind)


async def test_the_python_client_follows_a_book(site, market, pump):  # noqa: F811
    spec = importlib.util.spec_from_file_location("python_client", DOCS / "clients" / "python_client.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    books = {}
    url = f"ws://127.0.0.1:{site.port}/ws/v1/"
    task = asyncio.create_task(module.follow(url, [BTC], lambda book: books.update({book["symbol"]: book})))
    await wait_until(lambda: books)

    await pump(market, 200)

    def agrees():
        bids, asks = market.state.book(BTC).best(10)
        return books[BTC]["bids"] == dict(bids) and books[BTC]["asks"] == dict(asks)

    await wait_until(agrees)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def pages() -> Iterator[str]:
    """The folder of the clients, on an origin of its own."""
    handler = functools.partial(QuietHandler, directory=DOCS / "clients")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", PAGES), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{PAGES}"
    server.shutdown()
    thread.join()
    server.server_close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.e2e
async def test_the_browser_client_follows_a_ticker(site, market, pages, chromium):  # noqa: F811
    page = await chromium.new_page()
    await page.goto(f"{pages}/browser_client.html?symbol={BTC}&server=http://127.0.0.1:{site.port}")
    shown = page.locator("#prices")
    await shown.get_by_text(f"{BTC} live").wait_for(timeout=10_000)

    market.quote(BTC, "55.5")

    await shown.get_by_text("55.5").wait_for(timeout=5000)
