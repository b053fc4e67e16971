"""What the documents promise: the schema is the code's, and the clients of a page each work."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import http.server
import json
import re
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection, serve

from marketdash.live import asyncapi, closing, server_frames
from tests import socket_site
from tests.e2e.conftest import launched
from tests.fakes.waiting import wait_until
from tests.socket_site import SYMBOLS, SocketSite

DOCS = Path(__file__).parents[3] / "docs"
CLIENTS = DOCS / "clients"
BTC = SYMBOLS[0]


@pytest.fixture(scope="module")
def site(tmp_path_factory, pages) -> Iterator[SocketSite]:
    with socket_site.running(
        tmp_path_factory.mktemp("documents"), "uvicorn", CSRF_TRUSTED_ORIGINS=pages
    ) as running:
        yield running


def test_the_asyncapi_document_is_current():
    assert (DOCS / "asyncapi.json").read_text(encoding="utf-8") == asyncapi.text()


def test_every_close_code_is_explained():
    text = (DOCS / "websocket.md").read_text(encoding="utf-8")

    for each in (closing.SIGNED_OUT, closing.ACKNOWLEDGE, closing.TOO_MANY, closing.FLOOD):
        assert f"| {each.code} |" in text


def test_golden_frames_are_frames_of_the_schema():
    for file in (Path(__file__).parents[2] / "contract").glob("*.json"):
        for scenario in json.loads(file.read_text())["scenarios"]:
            for frame in scenario["frames"]:
                kind = server_frames.Heartbeat if frame["type"] == "heartbeat" else server_frames.Frame
                msgspec.convert(frame, kind)


def code_lines(path: Path) -> int:
    """Lines that say something: neither blank nor, in Python, the docstring."""
    text = path.read_text(encoding="utf-8")
    said = re.sub(r'^""".*?"""', "", text, flags=re.DOTALL) if path.suffix == ".py" else text
    return sum(bool(line.strip()) for line in said.splitlines())


@pytest.mark.parametrize("name", ["python_client.py", "browser_client.html"])
def test_a_client_has_30_lines(name):
    assert code_lines(CLIENTS / name) <= 30


class PythonClient:
    """The sample as its users start it. ``books``: what it printed, newest last."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.books: list[dict[str, Any]] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for line in self._process.stdout:
            self.books.append(json.loads(line))

    async def ended(self) -> tuple[int, str]:
        """Exit code and the last that it complained of."""
        complaint = await self._process.stderr.read()
        return await self._process.wait(), complaint.decode()

    async def end(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reading


@contextlib.asynccontextmanager
async def python_client(*words: str) -> AsyncIterator[PythonClient]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(CLIENTS / "python_client.py"), *words, env={"PATH": "", "no_proxy": "*"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    client = PythonClient(process)
    try:
        yield client
    finally:
        await client.end()


async def test_the_python_client_follows_a_book(site, market, pump):  # noqa: F811
    async with python_client(f"ws://127.0.0.1:{site.port}/ws/v1/", BTC) as client:
        await wait_until(lambda: client.books)

        await pump(market, 200)

        def agrees():
            bids, asks = market.state.book(BTC).best(10)
            return client.books[-1]["bids"] == dict(bids) and client.books[-1]["asks"] == dict(asks)

        await wait_until(agrees)
        assert client.books[-1]["holes"] == 0


async def test_the_python_client_ends_with_the_reason_when_a_symbol_is_refused(site):
    async with python_client(f"ws://127.0.0.1:{site.port}/ws/v1/", BTC, "KRAKEN:NO/NE") as client:
        code, complaint = await client.ended()

    assert code == 1
    assert "KRAKEN:NO/NE is not listed here" in complaint


LEVELS = {"bids": [["5", "1"], ["4", "1"]], "asks": [["6", "1"]]}


class Script:
    """A server that says one row at a time, and what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[dict[str, Any]] = []
        self.socket: ServerConnection | None = None
        self.frame = 0

    async def serve(self, socket: ServerConnection) -> None:
        self.socket = socket
        async for text in socket:
            self.asked.append(json.loads(text))

    async def row(self, epoch: str, prev: int, seq: int, **body: Any) -> None:
        self.frame += 1
        row = {"symbol": BTC, "epoch": epoch, "prev": prev, "seq": seq, "age_us": 1, **body}
        frame = {"channel": "book", "type": "update" if prev else "snapshot", "frame": self.frame}
        await self.socket.send(json.dumps({**frame, "data": [row]}))
        await wait_until(lambda: {"method": "ack", "params": {"frame": self.frame}} in self.asked)

    @property
    def subscriptions(self) -> int:
        return sum(request["method"] == "subscribe" for request in self.asked)

    async def subscribed(self, times: int) -> None:
        await wait_until(lambda: self.subscriptions >= times)
        assert self.subscriptions == times


@pytest.fixture
async def script() -> AsyncIterator[Script]:
    script = Script()
    async with serve(script.serve, "127.0.0.1", 0) as server:
        script.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield script


async def test_the_python_client_keeps_the_law(script):
    async with python_client(script.url, BTC) as client:
        await script.subscribed(1)
        await script.row("a", 0, 5, state="live", **LEVELS)
        await script.row("a", 4, 7, bids=[["5", "0"], ["4.5", "2"]], asks=[])
        await script.row("a", 4, 6, bids=[["9", "9"]], asks=[])
        await script.row("a", 8, 9, bids=[["9", "9"]], asks=[])
        await script.subscribed(2)
        await script.row("b", 7, 8, bids=[["9", "9"]], asks=[])
        await script.subscribed(3)
        await script.row("b", 0, 2, state="live", **LEVELS)
        await script.row("b", 2, 3, state="stale", reason="a pause")
        await wait_until(lambda: len(client.books) == 4)

    first, changed, healed, emptied = client.books
    assert (first["bids"], first["asks"], first["holes"]) == ({"5": "1", "4": "1"}, {"6": "1"}, 0)
    assert (changed["bids"], changed["seq"], changed["holes"]) == ({"4": "1", "4.5": "2"}, 7, 0)
    assert (healed["bids"], healed["epoch"], healed["holes"]) == ({"5": "1", "4": "1"}, "b", 2)
    assert (emptied["bids"], emptied["asks"], emptied["state"]) == ({}, {}, "stale")


async def test_the_python_client_comes_back_and_begins_with_snapshots(script):
    async with python_client(script.url, BTC) as client:
        await script.subscribed(1)
        await script.row("a", 0, 5, state="live", **LEVELS)

        await script.socket.close(1012)
        await script.subscribed(2)
        await script.row("a", 5, 6, bids=[["9", "9"]], asks=[])
        await script.subscribed(3)
        await script.row("a", 0, 6, state="live", **LEVELS)
        await wait_until(lambda: len(client.books) == 2)

    assert client.books[-1]["bids"] == {"5": "1", "4": "1"}
    assert client.books[-1]["holes"] == 1


@pytest.fixture(scope="module")
def pages() -> Iterator[str]:
    """The folder of the clients, on an origin of its own."""
    handler = functools.partial(QuietHandler, directory=CLIENTS)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.e2e
async def test_the_browser_client_follows_a_ticker(site, market, pages):
    async with launched() as chromium:
        page = await chromium.new_page()
        await page.goto(f"{pages}/browser_client.html?symbol={BTC}&server=http://127.0.0.1:{site.port}")
        shown = page.locator("#prices")
        await shown.get_by_text(f"{BTC} live").wait_for()

        market.quote(BTC, "55.5")

        await shown.get_by_text("55.5").wait_for()
        await shown.get_by_text("0 holes").wait_for()
