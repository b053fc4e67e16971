"""What a server runs: pages by Django, sockets by the live app.

Sockets get the server's own ``send``, unwrapped: the hub asks it for its owner, and every layer between would
cost each delivery.
"""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.asgi import get_asgi_application

from marketdash import proxies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketdash.settings")
pages = get_asgi_application()

from marketdash.live.consumers import MarketConsumer  # noqa: E402 (apps must be loaded)

SOCKET_PATH = "/ws/v1/"
_market = MarketConsumer.as_asgi()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """ASGI 3."""
    if settings.TRUSTED_PROXIES and scope["type"] in ("http", "websocket"):
        scope = {**scope, "client": _client(scope)}
    if scope["type"] == "http":
        await pages(scope, receive, send)
    elif scope["type"] == "websocket":
        await (_market if scope["path"] == SOCKET_PATH else _nothing_here)(scope, receive, send)
    else:
        raise ValueError(f"no application for scope type {scope['type']!r}")


def _client(scope: dict[str, Any]) -> tuple[str, int]:
    peer, port = scope.get("client") or ("", 0)
    said = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    found = proxies.address(peer, said, settings.TRUSTED_PROXIES)
    return found, port if found == peer else 0


async def _nothing_here(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 4004})
