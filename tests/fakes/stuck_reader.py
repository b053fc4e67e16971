"""A client that opens a socket, asks, and never reads again: its window falls to zero and stays there."""

from __future__ import annotations

import base64
import json
import os
import socket
from types import TracebackType
from typing import Any


class StuckReader:
    """Real TCP with the smallest receive buffer that the kernel gives. ``port`` is its own."""

    def __init__(self, port: int, *, address: str = "127.0.0.1") -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        self._socket.settimeout(10)
        self._socket.bind((address, 0))
        self._socket.connect(("127.0.0.1", port))
        self.port = self._socket.getsockname()[1]
        self._open(port)

    def _open(self, port: int) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        head = (
            f"GET /ws/v1/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        )
        self._socket.sendall(f"{head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += self._socket.recv(1)
        assert answer.startswith(b"HTTP/1.1 101 "), answer

    def subscribe(self, channel: str, symbols: list[str], **params: Any) -> None:
        """Ask, and do not wait for the answer."""
        params = {"channel": channel, "symbol": symbols, **params}
        payload = json.dumps({"method": "subscribe", "params": params}).encode()
        assert 125 < len(payload) < 65536
        head = b"\x81\xfe" + len(payload).to_bytes(2, "big") + bytes(4)  # a mask of zeros
        self._socket.sendall(head + payload)

    def __enter__(self) -> StuckReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
