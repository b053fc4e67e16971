"""What a server runs: pages by Django, sockets by the live app.

Sockets get the server's own ``send``, unwrapped: the hub asks it for its owner, and every layer between would
cost each delivery.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any

import django
from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler

from marketdash import proxies


class Pages(ASGIHandler):  # type: ignore[misc]
    """Django's, but for a cycle that it leaves behind each answer: uvicorn says that the client is gone once
    it was answered, the listener raises that, and what is raised leads to whoever waits for it and so to all
    that was answered. That waited for the collector, which seldom comes (:mod:`marketdash.collector`)."""

    async def listen_for_disconnect(self, receive: Any) -> None:
        with contextlib.suppress(RequestAborted):  # all that counts is that it ended
            await super().listen_for_disconnect(receive)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketdash.settings")
django.setup(set_prefix=False)
pages = Pages()

from marketdash.live.consumers import MarketConsumer  # noqa: E402 (apps must be loaded)
from marketdash.ops import oversize  # noqa: E402

SOCKET_PATH = "/ws/v1/"
LARGEST_BODY_BYTES = 40 * 2**20
"""A file to import is 32 MiB at most; beyond that and the rest of its form nothing is even received."""

_market = MarketConsumer.as_asgi()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """ASGI 3."""
    if settings.TRUSTED_PROXIES and scope["type"] in ("http", "websocket"):
        scope = {**scope, "client": _client(scope)}
    if scope["type"] == "http":
        await _bounded(scope, receive, send)
    elif scope["type"] == "websocket":
        await (_market if scope["path"] == SOCKET_PATH else _nothing_here)(scope, receive, send)
    else:
        raise ValueError(f"no application for scope type {scope['type']!r}")


class _TooLarge(Exception):
    """More is coming than anything here takes: how much, in words."""


async def _bounded(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Django writes a body to the disk before it asks who sent it: whoever has no account could fill that."""
    said, taken = dict(scope["headers"]).get(b"content-length", b"0"), 0

    async def bounded() -> dict[str, Any]:
        nonlocal taken
        message: dict[str, Any] = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY_BYTES:
            raise _TooLarge(f"more than {LARGEST_BODY_BYTES >> 20} MiB")
        return message

    try:
        if said.isdigit() and int(said) > LARGEST_BODY_BYTES:
            raise _TooLarge(f"{-(-int(said) >> 20)} MiB")
        await pages(scope, bounded, send)
    except _TooLarge as found:
        kind, body = oversize.told(scope, f"at most {LARGEST_BODY_BYTES >> 20} MiB at once", str(found))
        headers = [(b"content-type", kind), (b"cache-control", b"no-store"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _client(scope: dict[str, Any]) -> tuple[str, int]:
    peer, port = scope.get("client") or ("", 0)
    said = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    found = proxies.address(peer, said, settings.TRUSTED_PROXIES)
    return found, port if found == peer else 0


async def _nothing_here(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 4004})
