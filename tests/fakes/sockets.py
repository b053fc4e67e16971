"""Sockets without a server: what the hub sends is read at once, or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from marketdash.live.client import Client
from marketdash.live.wire import Wire
from tests.fakes.client_store import ClientStore


class FakeSocket:
    """A client of a hub that keeps the contract: it acknowledges, keeps a store per channel, counts holes.

    ``reading`` False stops it: the server's ``send`` then waits, as uvicorn's does.
    """

    def __init__(
        self,
        hub: Any,
        *,
        acknowledges: bool = True,
        flow_control: bool = True,
        address: str = "",
        user: int | None = None,
    ) -> None:
        self.frames: list[dict[str, Any]] = []
        self.replies: list[dict[str, Any]] = []
        self.stores: dict[tuple[str, int], ClientStore] = {}
        self.holes: list[tuple[str, str]] = []
        self.closed: tuple[int, str] | None = None
        self.aborted = False
        self.acknowledges = acknowledges
        self._readable = asyncio.Event()
        self._readable.set()
        wire = Wire(self._send, None, flow_control, self._abort)
        self.client = Client(wire, hub.ready)
        self.client.address, self.client.user_id = address, user
        self.hub = hub
        hub.viewers.admit(self.client)

    def becomes_slow(self, window_bytes: int) -> None:
        """It is known by now that its link carries so little in a moment."""
        self.client._credit.bytes, self.client._credit.known = window_bytes, True

    def stop_reading(self) -> None:
        self._readable.clear()

    def read_on(self) -> None:
        self._readable.set()

    async def _send(self, message: dict[str, Any]) -> None:
        await self._readable.wait()
        if message["type"] == "websocket.close":
            self.closed = (message["code"], message["reason"])
            return
        self._take(json.loads(message["text"]))

    def _take(self, frame: dict[str, Any]) -> None:
        if "method" in frame:
            self.replies.append(frame)
            return
        self.frames.append(frame)
        key = (frame["channel"], frame.get("depth") or frame.get("interval") or 0)
        store = self.stores.setdefault(key, ClientStore(frame["channel"]))
        self.holes += [(frame["channel"], symbol) for symbol in store.apply(frame)]
        if self.acknowledges and "frame" in frame:
            asyncio.get_running_loop().call_soon(self.client.acknowledge, frame["frame"])

    def _abort(self) -> None:
        self.aborted = True

    def value(self, channel: str, symbol: str, param: int = 0) -> dict[str, Any] | None:
        store = self.stores.get((channel, param))
        return None if store is None else store.value(symbol)

    def rows(self, channel: str, kind: str = "update") -> list[dict[str, Any]]:
        return [
            row
            for frame in self.frames
            if frame["channel"] == channel and frame["type"] == kind
            for row in frame["data"]
        ]


def sees(socket: FakeSocket, channel: str, symbol: str, **fields: Any) -> Callable[[], bool]:
    """For ``wait_until``."""

    def check() -> bool:
        value = socket.value(channel, symbol) or {}
        return all(value.get(name) == wanted for name, wanted in fields.items())

    return check
