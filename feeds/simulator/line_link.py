"""A client's connection that is no WebSocket: an HTTP answer without end, each message a line of it."""

from __future__ import annotations

from typing import Any

from feeds.simulator.link import Link

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_LAST = b"0\r\n\r\n"
_TORN = b'{"type":'
_CUT_EVERY = 5


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class LineLink(Link):
    """Chunks end where lines do, but for each fifth, which is cut: whoever reads must put them together."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._lines = 0
        self.framed = self._chunks
        self.ws.transport.write(_HEAD)

    def _chunks(self, payload: bytes) -> bytes:
        self._lines += 1
        line = payload + b"\n"
        if self._lines % _CUT_EVERY:
            return chunk(line)
        half = len(line) // 2
        return chunk(line[:half]) + chunk(line[half:])

    @property
    def open(self) -> bool:
        return not self.ws.transport.is_closing()

    def end(self, code: int, reason: str) -> None:
        """As HTTP ends an answer, after what was sent before and the half of a line; nothing says why."""
        self.write(self.sent_s)
        if self.open:
            self.ws.transport.write(chunk(_TORN) + _LAST)
            self.ws.transport.close()
