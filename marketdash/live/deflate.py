"""Compression of messages (RFC 7692, permessage-deflate), for who is behind a slow link.

A frame that goes to hundreds is sent as it is: compressed for each alone it costs a multiple, and near by
nothing is won. By 64 kbit/s a third of the bytes is three times as many prices, and a third of the packets
that can be lost. So it is agreed with all who offer it, and what is sent is compressed for those whose link
was seen to be slow, once for all of them. No side remembers what came before: a message is whole by itself,
and no memory is kept for a connection.

Browsers compress all that they send once it is agreed. What small things unfold to is bounded.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from typing import Any

from websockets.exceptions import NegotiationError, PayloadTooBig
from websockets.extensions.base import Extension, ServerExtensionFactory
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.frames import Frame

MOST_TIMES, ALLOWED_BYTES = 32, 1024
"""A message may unfold to this many times its size and a little more. The longest list of symbols is a tenth
of itself when it is compressed; a thousandth, as zlib can have it, is an attack."""

BYTES_PER_S, BYTES_AT_ONCE = 32 * 1024, 128 * 1024
"""Of compressed messages of one client, as they unfold: what is small on the wire comes by the hundred in one
read, and all of it would wait in memory for its turn. Who subscribes to all that it may needs a sixth."""

_RAW = -zlib.MAX_WBITS
_LEVEL = 6
LARGE_BYTES, _LEVEL_OF_LARGE = 32 * 1024, 1
"""The slowest links are mostly sent smaller pieces. By the usual level a large one is an eighth to a quarter
smaller, and takes three to seven times as long: whoever plays one who is far away, and asks for deep books
again and again, has each made for himself alone."""

_MEMORY_LEVEL = 5
"""As zlib counts it. By its usual 8 it takes a quarter of a megabyte from the system for each message, which
costs a short one more than all the rest, and makes none smaller."""
_TAIL = b"\x00\x00\xff\xff"
"""What ends a flush, and is not sent (§7.2.1)."""


def deflated(payload: bytes) -> bytes:
    """A message's payload as it is sent, without what was sent before."""
    level = _LEVEL if len(payload) < LARGE_BYTES else _LEVEL_OF_LARGE
    compress = zlib.compressobj(level, zlib.DEFLATED, _RAW, _MEMORY_LEVEL)
    return (compress.compress(payload) + compress.flush(zlib.Z_SYNC_FLUSH)).removesuffix(_TAIL)


def inflated(payload: bytes) -> bytes:
    """A short message; nothing where it is none, or unfolds to more than it may."""
    decompress = zlib.decompressobj(_RAW)
    try:
        text = decompress.decompress(payload + _TAIL, MOST_TIMES * len(payload))
    except zlib.error:
        return b""
    return b"" if decompress.unconsumed_tail else text


class Sparing(PerMessageDeflate):
    """One connection's: reads what is compressed, within bounds; what the library sends stays as it is."""

    def __init__(self, window_bits: int = zlib.MAX_WBITS) -> None:
        super().__init__(True, True, window_bits, zlib.MAX_WBITS)
        self._left, self._at_s = float(BYTES_AT_ONCE), time.monotonic()

    def encode(self, frame: Frame) -> Frame:
        return frame

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        """Raises the library's ``PayloadTooBig``, for which it closes the connection with 1009."""
        bound = ALLOWED_BYTES + MOST_TIMES * len(frame.data)
        text = super().decode(frame, max_size=bound if max_size is None else min(max_size, bound))
        if text is not frame and not self._allows(len(text.data)):
            raise PayloadTooBig(len(text.data), BYTES_AT_ONCE)
        return text

    def _allows(self, size: int) -> bool:
        now_s = time.monotonic()
        self._left = min(BYTES_AT_ONCE, self._left + (now_s - self._at_s) * BYTES_PER_S) - size
        self._at_s = now_s
        return self._left >= 0


class SparingFactory(ServerPerMessageDeflateFactory):
    """Agrees with whoever can read what was compressed with zlib's whole window."""

    def __init__(self) -> None:
        super().__init__(server_no_context_takeover=True, client_no_context_takeover=True)

    def process_request_params(
        self, params: Sequence[tuple[str, str | None]], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[tuple[str, str | None]], Sparing]:
        agreed, its = super().process_request_params(params, accepted_extensions)
        if its.local_max_window_bits < zlib.MAX_WBITS:
            raise NegotiationError("a smaller window than all others read")
        return agreed, Sparing(its.remote_max_window_bits)


FACTORIES: list[ServerExtensionFactory] = [SparingFactory()]


def agreed(connection: Any) -> bool:
    """Whether it was, with the library's ``connection``, once its handshake was answered."""
    return any(isinstance(each, Sparing) for each in connection.extensions)
