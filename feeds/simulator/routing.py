"""Which exchange a request is for: WebSockets, REST and the control door share one port."""

from __future__ import annotations

import asyncio
import http
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from feeds.simulator import control
from feeds.simulator.exchange import Answer, Exchange

if TYPE_CHECKING:
    from feeds.simulator.server import Simulator

_NOT_FOUND = Answer(404, b"not found")


def exchange_at(simulator: Simulator, target: str) -> tuple[Exchange | None, str]:
    """The exchange that a request target names, and the path below it."""
    _, first, *rest = urlsplit(target).path.split("/", 2)
    return simulator.exchanges.get(first.upper()), "/" + unquote(rest[0]) if rest else ""


async def route(simulator: Simulator, ws: ServerConnection, request: Request) -> Response | None:
    """The HTTP answer; None lets the WebSocket handshake go on."""
    query = dict(parse_qsl(urlsplit(request.path).query, keep_blank_values=True))
    if request.path.startswith("/control/"):
        action = urlsplit(request.path).path.removeprefix("/control/")
        return _response(control.answer(simulator, action, query))
    exchange, path = exchange_at(simulator, request.path)
    if exchange is None:
        return _response(_NOT_FOUND)
    if request.headers.get("Upgrade", "").lower() == "websocket":
        answer = exchange.refused() or (None if exchange.speaks(path) else _NOT_FOUND)
        return None if answer is None else _response(answer)
    answer = exchange.answer(path, query)
    if answer.delay_s:
        await asyncio.sleep(answer.delay_s)
    return _response(answer)


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
