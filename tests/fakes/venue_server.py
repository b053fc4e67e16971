"""A venue on loopback that does what a test scripts: WebSocket and HTTP on one free port.

It acknowledges what it is asked for, topic by topic, and answers a book with a snapshot. Everything else is
told to it: attributes switch misbehaviour on, :meth:`VenueServer.send` and its kin speak to the links.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import NamedTuple

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response


class Heard(NamedTuple):
    """A message from a client: when (monotonic seconds), on which connection (0 is the first), what."""

    at_s: float
    link: int
    body: dict


class Answer(NamedTuple):
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = {}  # noqa: RUF012 (never changed)


class VenueServer:
    """``refused``: topic → words. ``silent``: topics whose first request gets no acknowledgement.

    ``pushes_books``: a snapshot follows the subscription of a book. ``answers``: path → what HTTP brings.
    """

    def __init__(self) -> None:
        self.connects: list[float] = []
        self.heard: list[Heard] = []
        self.links: list[ServerConnection] = []
        self.fetched: list[tuple[float, str]] = []
        self.headers: list[Headers] = []
        self.opened: list[Headers] = []
        self.pings = 0
        self.refused: dict[str, str] = {}
        self.silent: set[str] = set()
        self.names_refused = self.pushes_books = True
        self.handshake: Answer | None = None
        self.close_at_once = False
        self.mute = False
        self.answers: dict[str, Answer | Callable[[str], Answer]] = {}
        self.book = {"bids": [["99", "1"]], "asks": [["101", "1"]], "last": 10}
        self._server: Server | None = None

    async def __aenter__(self) -> VenueServer:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            0,
            process_request=self._request,
            compression=None,
            ping_interval=None,
            close_timeout=0.2,
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        for link in self.links:
            link.transport.abort()
        self._server.close()
        await self._server.wait_closed()

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def rest_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # what came

    def _request(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.path.startswith("/ws"):
            self.connects.append(time.monotonic())
            self.opened.append(request.headers)
            return None if self.handshake is None else _response(self.handshake)
        self.fetched.append((time.monotonic(), request.path))
        self.headers.append(request.headers)
        answer = self.answers.get(request.path.partition("?")[0], Answer(404, b"no such path"))
        return _response(answer(request.path) if callable(answer) else answer)

    async def _serve(self, link: ServerConnection) -> None:
        number = len(self.links)
        self.links.append(link)
        if self.close_at_once:
            return
        try:
            async for text in link:
                body = msgspec.json.decode(text)
                self.heard.append(Heard(time.monotonic(), number, body))
                if not self.mute:
                    await self._answer(link, body)
        except ConnectionClosed:
            return

    async def _answer(self, link: ServerConnection, body: dict) -> None:
        for topic in body.get("topics", ()):
            if topic in self.silent:
                self.silent.discard(topic)
                continue
            await self._acknowledge(link, body, topic)

    async def _acknowledge(self, link: ServerConnection, body: dict, topic: str) -> None:
        words = self.refused.get(topic, "")
        ack = {"t": "ack", "id": body["id"], "op": body["op"], "error": words}
        if not self.names_refused:
            bad = next((self.refused[t] for t in body["topics"] if t in self.refused), "")
            if topic == body["topics"][-1]:
                await self.say(link, **(ack | {"error": bad}))
            words = bad
        else:
            await self.say(link, **(ack | {"topic": topic}))
        channel, _, native = topic.partition("|")
        if channel == "book" and body["op"] == "sub" and not words and self.pushes_books:
            await self.say(link, t="snap", s=native, **self.book)

    # what it says

    async def say(self, link: ServerConnection, **body: object) -> None:
        await link.send(msgspec.json.encode(body).decode())

    async def send(self, **body: object) -> None:
        """To the newest link."""
        await self.say(self.links[-1], **body)

    async def beat(self) -> None:
        """Heartbeats on every open link, ten a second, until cancelled."""
        while True:
            await asyncio.gather(*(self._beat(link) for link in self.links if link.close_code is None))
            await asyncio.sleep(0.05)

    async def _beat(self, link: ServerConnection) -> None:
        try:
            await self.say(link, t="hb")
        except ConnectionClosed:
            return

    def asked(self, op: str = "sub", link: int | None = None) -> list[str]:
        """All topics of all requests of a kind, in order."""
        found = [h for h in self.heard if h.body.get("op") == op and link in (None, h.link)]
        return [topic for heard in found for topic in heard.body["topics"]]


def _response(answer: Answer) -> Response:
    headers = Headers({"Content-Length": str(len(answer.body)), "Connection": "close", **answer.headers})
    return Response(answer.status, HTTPStatus(answer.status).phrase, headers, answer.body)
