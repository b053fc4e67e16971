"""What was answered is free once it is sent: it waits for no collector, which comes seldom."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

from django.http.response import HttpResponseBase

from marketdash import asgi


def scope(path: str) -> dict[str, Any]:
    head = {"type": "http", "method": "GET", "path": path, "query_string": b"", "scheme": "http"}
    return {
        **head,
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }


async def answered(path: str) -> int:
    """As by uvicorn, which says that a client is gone when it was answered: its status."""
    asked, told = asyncio.Queue[dict[str, Any]](), list[dict[str, Any]]()
    asked.put_nowait({"type": "http.request", "body": b""})

    async def send(message: dict[str, Any]) -> None:
        told.append(message)
        if not message.get("more_body", message["type"] == "http.response.start"):
            asked.put_nowait({"type": "http.disconnect"})

    await asgi.application(scope(path), asked.get, send)
    return int(told[0]["status"])


def left() -> list[object]:
    return [each for each in gc.get_objects() if issubclass(type(each), HttpResponseBase)]


async def test_no_answer_is_left_for_the_collector():
    assert await answered("/healthz") == 200  # what is loaded once
    gc.collect()
    before = len(left())
    gc.disable()
    try:
        for _ in range(5):
            assert await answered("/healthz") == 200
        assert len(left()) == before
    finally:
        gc.enable()
