"""A daphne whose sockets end, in a process of its own without a collector: ``python -m tests.fakes.ended 6``.

How many come, one after another; every second says goodbye, the others hang up and leave unread what they
were sent. Its last line is JSON: of what is made for each socket, how many objects are left."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections import Counter
from typing import Any

from daphne.server import Server  # before any other of Twisted: it chooses the reactor

from marketdash.live.wire import wire_of
from marketdash.ops.preflight import free_port
from tests.fakes.raw_socket import CLOSE, RawSocket, frame
from tests.fakes.waiting import wait_until

MADE = "WebSocketProtocol", "WebRequest", "HTTPChannel"
UNREAD = "*" * 2**20


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """ASGI 3."""
    await receive()
    wire = wire_of(send)
    await wire.send({"type": "websocket.accept"})
    await wire.send({"type": "websocket.send", "text": UNREAD})
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def come_and_go(server: Server, port: int, count: int) -> None:
    for number in range(count):
        raw = await RawSocket.opened(port)
        assert raw.status == 101
        if number % 2:
            await raw.send(frame((1000).to_bytes(2, "big"), CLOSE))
            await raw.ended()
        raw.abort()
    await wait_until(lambda: not server.connections, what="all seen by daphne, which looks each second")


async def told(server: Server, port: int, count: int) -> None:
    try:
        await come_and_go(server, port, count)
        left = Counter(type(each).__name__ for each in gc.get_objects())
        print(json.dumps({name: left[name] for name in MADE}), flush=True)
    finally:
        server.stop()


def main() -> None:
    gc.disable()
    port = free_port()
    server = Server(application, [f"tcp:{port}:interface=127.0.0.1"], signal_handlers=False)
    server.ready_callable = lambda: tasks.append(
        asyncio.get_event_loop().create_task(told(server, port, int(sys.argv[1])))
    )
    tasks: list[asyncio.Task[None]] = []
    server.run()


if __name__ == "__main__":
    main()
