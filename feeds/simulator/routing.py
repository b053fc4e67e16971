"""Who answers a request: WebSockets, REST, private and public, and the control door share one port."""

from __future__ import annotations

import asyncio
import http
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from feeds.simulator import control
from feeds.simulator.exchange import Answer, Exchange
from feeds.simulator.link import ExchangeConnection
from feeds.simulator.private import PREFIX, Asked, Private

if TYPE_CHECKING:
    from feeds.simulator.server import Simulator

_NOT_FOUND = Answer(404, b"not found")
_NOT_ALLOWED = Answer(405, b"not allowed")


def exchange_at(simulator: Simulator, target: str) -> tuple[Exchange | None, str]:
    """The exchange that a request target names, and the path below it."""
    _, first, *rest = urlsplit(target).path.split("/", 2)
    return simulator.exchanges.get(first.upper()), "/" + unquote(rest[0]) if rest else ""


def door_at(simulator: Simulator, target: str) -> tuple[Exchange | Private | None, str]:
    """Who serves a WebSocket at a target, the exchange in public or its private side; the path below that."""
    exchange, path = exchange_at(simulator, target)
    if exchange is None or not (path == PREFIX or path.startswith(f"{PREFIX}/")):
        return exchange, path
    return simulator.privates.get(exchange.name), path.removeprefix(PREFIX)


async def route(simulator: Simulator, ws: ExchangeConnection, request: Request) -> Response | None:
    """The HTTP answer; None lets the WebSocket handshake go on."""
    query = dict(parse_qsl(urlsplit(request.path).query, keep_blank_values=True))
    if request.path.startswith("/control/"):
        action = urlsplit(request.path).path.removeprefix("/control/")
        return _response(control.answer(simulator, action, query))
    if request.headers.get("Upgrade", "").lower() == "websocket":
        door, path = door_at(simulator, request.path)
        if door is None:
            return _response(_NOT_FOUND)
        answer = door.refused() or (None if door.speaks(path) else _NOT_FOUND)
        return None if answer is None else _response(answer)
    exchange, path = exchange_at(simulator, request.path)
    if exchange is None:
        return _response(_NOT_FOUND)
    if exchange.has_lines(path):
        answer = exchange.refused() or exchange.denied(path, query, request.headers.get("Authorization", ""))
        return await simulator.serve_lines(ws, exchange) if answer is None else _response(answer)
    answer = _answered(simulator, exchange, ws, request, path, query)
    if answer.delay_s:
        await asyncio.sleep(answer.delay_s)
    return _response(answer)


def _answered(
    simulator: Simulator,
    exchange: Exchange,
    ws: ExchangeConnection,
    request: Request,
    path: str,
    query: dict[str, str],
) -> Answer:
    private = simulator.privates.get(exchange.name)
    if private is not None and private.answers(path):
        headers = {name.lower(): value for name, value in request.headers.raw_items()}
        target = request.path.removeprefix(f"/{exchange.name.lower()}")
        return private.answer(Asked(ws.asked.method, path, target, query, headers, ws.asked.body))
    return exchange.answer(path, query) if ws.asked.method == "GET" else _NOT_ALLOWED


def _response(answer: Answer) -> Response:
    headers = Headers(
        [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(answer.body))),
            ("Connection", "close"),
            *answer.headers,
        ]
    )
    return Response(answer.status, http.HTTPStatus(answer.status).phrase, headers, answer.body)
