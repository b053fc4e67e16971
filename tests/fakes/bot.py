"""A bot on a real socket, as the documents tell one to be."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection

from tests.fakes.client_store import ClientStore


class Bot:
    """Reads in the background into stores, and acknowledges unless told not to."""

    def __init__(self, socket: ClientConnection, *, acknowledges: bool = True) -> None:
        self.socket, self.acknowledges = socket, acknowledges
        self.stores: dict[str, ClientStore] = {}
        self.holes: list[str] = []
        self.replies: list[dict[str, Any]] = []
        self.beats: list[dict[str, Any]] = []
        self.task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            async for text in self.socket:
                frame = json.loads(text)
                if "method" in frame:
                    self.replies.append(frame)
                elif frame["type"] == "heartbeat":
                    self.beats.append(frame)
                else:
                    await self._take(frame)

    async def _take(self, frame: dict[str, Any]) -> None:
        store = self.stores.setdefault(frame["channel"], ClientStore(frame["channel"]))
        self.holes += store.apply(frame)
        if self.acknowledges:
            await self.socket.send(json.dumps({"method": "ack", "params": {"frame": frame["frame"]}}))

    async def subscribe(self, channel: str, symbols: list[str] | list[int], **params: Any) -> None:
        params = {"channel": channel, "id" if channel == "portfolio" else "symbol": symbols, **params}
        await self.socket.send(json.dumps({"method": "subscribe", "params": params}))

    def sees(self, channel: str, symbol: str, **fields: Any) -> bool:
        store = self.stores.get(channel)
        value = (store and store.value(symbol)) or {}
        return bool(value) and all(value.get(name) == wanted for name, wanted in fields.items())
