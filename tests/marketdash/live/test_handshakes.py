"""Requests that are longer than anybody's: their cookies are not parsed, and no socket is left half open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http.cookies import _unquote
from typing import Any

import psutil
import pytest
from django.http import parse_cookie
from hypothesis import given
from hypothesis import strategies as st
from uvicorn import Config
from uvicorn.server import ServerState

from marketdash.live import consumers, guarded_http
from marketdash.live.consumers import cookie_of
from marketdash.live.guarded_http import COOKIE_BYTES, GuardedProtocol
from marketdash.live.shared_frames import SharedFrameProtocol
from tests.fakes.raw_socket import Header, RawSocket, request, upgrade
from tests.fakes.waiting import wait_until
from tests.socket_site import SocketSite, ask

ONLY_UVICORN = pytest.mark.parametrize("site", ["uvicorn"], indirect=True)
REFUSED = {
    "a long line": [("X-Long", "a" * 9000)],
    "many headers": [(f"X-{n}", "a") for n in range(140)],
    "a control character": [("X-Odd", "a\x01b")],
    "a body": [("Content-Length", "3")],
}


@given(
    st.lists(st.sampled_from(["sessionid", "=", ";", " ", "other", "ab", '"', "\\", "séance"])).map("".join)
)
def test_our_cookie_is_the_one_that_django_finds(header: str) -> None:
    assert _unquote(cookie_of(header, "sessionid")) == parse_cookie(header).get("sessionid", "")


def test_no_other_cookie_is_taken_out_of_its_quotes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("http.cookies._unquote", lambda text: pytest.fail("it takes a fifth of a second"))

    assert cookie_of('a="' + "\\" * 8000 + '"; sessionid=abc', "sessionid") == "abc"
    assert not hasattr(consumers, "parse_cookie")


class Application:
    """It counts who came to it."""

    def __init__(self) -> None:
        self.scopes: list[dict[str, Any]] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await receive()
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})


@pytest.fixture
async def served(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[int, Application]]:
    monkeypatch.setattr(guarded_http.crowd, "limit", 100)
    application, state = Application(), ServerState()
    config = Config(application, ws=SharedFrameProtocol, lifespan="off", log_config=None)
    config.load()
    server = await asyncio.get_running_loop().create_server(
        lambda: GuardedProtocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    yield server.sockets[0].getsockname()[1], application
    await wait_until(lambda: not state.connections and not guarded_http.crowd.held, what="all gone")
    server.close()
    guarded_http.crowd._blamed.clear()


async def answer(port: int, headers: list[Header], path: str = "/") -> bytes:
    """All of it, until the server hangs up."""
    raw = await RawSocket.connected(port)
    await raw.send(request(headers, path))
    try:
        return await asyncio.wait_for(raw.reader.read(-1), 10)
    finally:
        raw.abort()


def cookies(size: int) -> list[Header]:
    """So long together, in two headers."""
    return [("Cookie", "a" * (size - 10)), ("Cookie", "b" * 10)]


@pytest.mark.parametrize("socket", [False, True])
async def test_cookies_that_are_too_long_reach_nobody(served: tuple[int, Application], socket: bool) -> None:
    port, application = served
    usual = upgrade("localhost") if socket else [("Host", "localhost")]

    said = await answer(port, [*usual, *cookies(COOKIE_BYTES + 1)])

    assert said.startswith(b"HTTP/1.1 431 ") and b"longer than 8192 bytes together" in said
    assert not application.scopes


async def test_cookies_that_are_not_are_taken(served: tuple[int, Application]) -> None:
    port, application = served
    raw = await RawSocket.connected(port)
    for _ in range(2):
        assert await raw.shake([("Host", "localhost"), *cookies(COOKIE_BYTES)]) == 200
    raw.abort()
    raw = await RawSocket.opened(port, *cookies(7000))
    assert raw.status == 101
    raw.abort()
    assert [scope["type"] for scope in application.scopes] == ["http", "http", "websocket"]


@pytest.mark.parametrize("what", REFUSED)
async def test_a_handshake_that_the_library_refuses_is_answered_and_ends(
    served: tuple[int, Application], what: str
) -> None:
    port, application = served
    for _ in range(int(guarded_http.BLAMED_AT_MOST)):
        said = await answer(port, upgrade("localhost", *REFUSED[what]))
        assert said.startswith(b"HTTP/1.1 400 ") and b"No WebSocket handshake" in said

    assert not application.scopes
    for _ in range(3):
        said = await answer(port, upgrade("localhost", *REFUSED[what]))
    assert said.startswith(b"HTTP/1.1 429 "), "it is to blame"


@ONLY_UVICORN
@pytest.mark.parametrize("what", REFUSED)
async def test_no_descriptor_is_left_of_refused_handshakes(site: SocketSite, what: str) -> None:
    """Their clients stay, and say nothing more."""
    process, head = psutil.Process(site.process.pid), f"127.0.0.1:{site.port}"
    net = f"127.0.{20 + list(REFUSED).index(what)}"
    async with site.connect() as other:
        await ask(other, method="ping")
        before, held = process.num_fds(), []
        for n in range(40):
            raw = await RawSocket.connected(site.port, f"{net}.{1 + n // 10}")
            held.append(raw)
            await raw.shake(upgrade(head, *REFUSED[what]))
        assert {raw.status for raw in held} == {400}
        await wait_until(lambda: process.num_fds() <= before, what="descriptors given back")
        assert (await ask(other, method="ping"))["method"] == "pong"
        for raw in held:
            raw.abort()
