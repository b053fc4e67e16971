"""Whole messages cut out of the bytes of a WebSocket, many from one read (RFC 6455, section 5.2).

The library parses a frame in half a dozen generators and objects, 5 µs each; a venue's frames are nearly all
of one kind, unmasked and whole, whose bounds take a few comparisons to find. Only those are cut here. All
others, and everything that is not as it should be, are handed to the library as they came.
"""

from __future__ import annotations

from collections.abc import Callable

_TEXT, _WHOLE = 0x81, (0x81, 0x82)
"""First byte of a whole text message, and of one of any kind."""
_END_OF_HEAD = b"\r\n\r\n"
_FIRST_PARTS, _LAST_PART = (0x01, 0x02), 0x80
_LARGE, _LARGE_HEAD = 1 << 20, 10
"""A frame of so many bytes is held once while its message is taken; and how long the head of any such is."""


class Cutter:
    """``message`` gets payloads, and whether they are said to be text; ``other`` whole frames of any other
    kind, raw, each between two messages.

    The head of the HTTP answer goes to ``other`` first, and ``agreed`` then says whether frames follow. A
    frame larger than ``max_size`` or masked breaks the protocol: from there on all goes to ``other``.
    """

    def __init__(
        self,
        max_size: int,
        message: Callable[[bytes, bool], None],
        other: Callable[[bytes], None],
        agreed: Callable[[], bool],
    ) -> None:
        self._max_size, self._message, self._other, self._agreed = max_size, message, other, agreed
        self._head: bytes | None = b""
        self._rest, self._need = bytearray(), 0
        self._in_parts = self._broken = False

    @property
    def waiting(self) -> int:
        """Bytes of a frame that is not complete."""
        return len(self._rest)

    def feed(self, data: bytes) -> None:
        """Bytes as they were read. A frame that is not complete waits for the next read."""
        if self._head is not None:
            data = self._after_head(self._head, data)
        if self._broken:
            self._other(data)
            return
        if self._rest:
            self._rest += data
            if len(self._rest) < self._need:
                return
            data = self._completed()
        at = self._cut(data)
        if at < len(data) and not self._broken:
            self._rest = bytearray(data[at:])

    def _completed(self) -> bytes:
        """What waited, now that its first frame is there; without it, if it was large and is handed on."""
        rest, self._rest = self._rest, bytearray()
        if self._need < _LARGE or rest[0] not in _WHOLE or self._in_parts:
            return bytes(rest)
        following, is_text = bytes(rest[self._need :]), rest[0] == _TEXT
        del rest[self._need :], rest[:_LARGE_HEAD]
        message = bytes(rest)
        del rest
        self._message(message, is_text)
        return following

    def _after_head(self, before: bytes, data: bytes) -> bytes:
        self._head = before + data
        length = self._head.find(_END_OF_HEAD) + len(_END_OF_HEAD) - len(before)
        if length < len(_END_OF_HEAD) - len(before):
            self._other(data)
            return b""
        self._other(data[:length])
        self._head, self._broken = None, not self._agreed()
        return data[length:]

    def _cut(self, data: bytes) -> int:
        """Where the first incomplete frame begins; ``_need`` is then how long it is, as far as is known."""
        at, end, message, most = 0, len(data), self._message, self._max_size
        self._need = 2
        while end - at >= 2:
            size, start = data[at + 1], at + 2
            if size > 125:
                start += {126: 2, 127: 8}.get(size, 0)
                if start > end:
                    self._need = start - at
                    break
                size = int.from_bytes(data[at + 2 : start]) if start > at + 2 else most + 1
            if size > most:
                self._broken = True
                self._other(data[at:])
                break
            stop = start + size
            if stop > end:
                self._need = stop - at
                break
            if data[at] in _WHOLE and not self._in_parts:
                message(data[start:stop], data[at] == _TEXT)
            else:
                self._hand_over(data[at:stop])
            at = stop
        return at

    def _hand_over(self, frame: bytes) -> None:
        if frame[0] in _FIRST_PARTS:
            self._in_parts = True
        elif frame[0] == _LAST_PART:
            self._in_parts = False
        self._other(frame)
